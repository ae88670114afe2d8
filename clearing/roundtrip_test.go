package clearing_test

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/clearing"
	"tolom/id"
	"tolom/internal/iso20022"
	"tolom/money"
	"tolom/settlement"
)

// text draws any text of people and makes it fit as the writers do.
func text(t *rapid.T, label string, most int) string {
	return clearing.Style{Latin: rapid.Bool().Draw(t, label+" in Latin")}.Fit(rapid.String().Draw(t, label), most)
}

func name(t *rapid.T, label string) string { return "Ө" + text(t, label, 60) }

func amount(t *rapid.T, label string) money.Amount {
	return money.Amount(rapid.Int64Range(1, 1<<40).Draw(t, label))
}

func instant(t *rapid.T, label string) time.Time {
	return time.UnixMilli(rapid.Int64Range(0, 4_102_444_799_999).Draw(t, label)).UTC()
}

func bank(t *rapid.T, label string) clearing.Bank {
	code := rapid.StringMatching(`[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?|[0-9]{6}|[a-z]{3}_[0-9a-z]{26}`).Draw(t, label)
	return clearing.Bank{BIC: code, Name: text(t, label+" name", 60)}
}

func anyHeader(t *rapid.T) clearing.Header {
	return clearing.Header{Message: rapid.StringMatching(`[A-Za-z0-9-]{1,35}`).Draw(t, "message"), Created: instant(t, "created"),
		Date: instant(t, "date").Format(time.DateOnly), Sender: bank(t, "sender"), Getter: bank(t, "getter")}
}

// ids draws different names.
func ids(t *rapid.T, most int) []string {
	return rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z0-9_]{1,35}`), 1, most, rapid.ID[string]).Draw(t, "ids")
}

func TestAnyTransfersAreReadBackAndKeepTheSchema(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := clearing.Transfers{Header: anyHeader(t)}
		for _, name := range ids(t, 5) {
			m.Legs = append(m.Legs, clearing.Transfer{ID: name, From: bank(t, "from"), To: bank(t, "to"), Amount: amount(t, "amount"), Text: text(t, "text", 140)})
		}
		sameDrawn(t, m, clearing.ReadTransfers)
	})
}

func TestAnyCreditsAreReadBackAndKeepTheSchema(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := clearing.Credits{Header: anyHeader(t)}
		m.Sender.Name = name(t, "sender's name")
		for _, payout := range ids(t, 5) {
			m.Items = append(m.Items, clearing.Credit{ID: payout, Amount: amount(t, "amount"), Name: name(t, "name"),
				Account: rapid.StringMatching(`[0-9]{16}`).Draw(t, "account"), Text: text(t, "text", 140)})
		}
		sameDrawn(t, m, clearing.ReadCredits)
	})
}

func TestAnyAnswerIsReadBackAndKeepsTheSchema(t *testing.T) {
	verdicts := []clearing.Verdict{clearing.Settled, clearing.Refused, clearing.Waiting}
	reasons := func(t *rapid.T) (out []clearing.Reason) {
		for range rapid.IntRange(0, 2).Draw(t, "reasons") {
			out = append(out, clearing.Reason{Code: rapid.StringMatching(`[A-Z0-9]{2,9}`).Draw(t, "code"), Text: text(t, "reason", 105)})
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		m := clearing.Answer{Message: "A", Created: instant(t, "created"), Original: "B", Format: "pacs.009.001.09",
			Verdict: rapid.SampledFrom(append(verdicts, clearing.Partly)).Draw(t, "verdict"), Reasons: reasons(t)}
		for _, name := range ids(t, 4) {
			o := clearing.Outcome{ID: name, Verdict: m.Verdict, Reasons: reasons(t)}
			if m.Verdict == clearing.Partly || m.Verdict == clearing.Waiting {
				o.Verdict = rapid.SampledFrom(verdicts).Draw(t, "verdict of "+name)
			}
			m.Items = append(m.Items, o)
		}
		sameDrawn(t, m, clearing.ReadAnswer)
	})
}

func TestAnyStatementIsReadBackAndKeepsTheSchema(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := clearing.Statement{ID: "S", Created: instant(t, "created"), From: instant(t, "from"), To: instant(t, "to"), Account: "1240020000000001",
			Currency: money.KGS, Owner: name(t, "owner"), Opening: amount(t, "opening") - amount(t, "debt")}
		s.Closing = s.Opening
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			e := anyEntry(t)
			s.Entries, s.Closing = append(s.Entries, e), s.Closing+e.Amount
		}
		sameDrawn(t, s, clearing.ReadStatement)
	})
}

func anyEntry(t *rapid.T) clearing.Entry {
	e := clearing.Entry{Ref: "R", At: instant(t, "at"), Amount: amount(t, "in") - amount(t, "out"), Reversal: rapid.Bool().Draw(t, "reversal"),
		Code: rapid.SampledFrom([]string{"PAYMENT", "REFUND"}).Draw(t, "code"), Bank: "B", Text: text(t, "entry", 500),
		Charge: amount(t, "charge") - 1}
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		e.Parts = append(e.Parts, clearing.Part{EndToEnd: "E", ID: "T", Amount: amount(t, "part") - 1, Party: name(t, "party"), Account: "1240020000000002", Text: text(t, "part", 140)})
	}
	return e
}

func TestAnyRecordsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []settlement.Record
		for range rapid.IntRange(0, 5).Draw(t, "records") {
			r := settlement.Record{Transaction: id.New(id.Payment, instant(t, "made"), 1, id.Random{}), Kind: rapid.SampledFrom([]settlement.Kind{settlement.C2B, settlement.B2C}).Draw(t, "kind"),
				Amount: amount(t, "amount"), PSPName: text(t, "psp", 60), BIC: "DEMOKG22", BankAccount: text(t, "account", 34),
				ExecutedTime: instant(t, "executed"), Created: instant(t, "created")}
			r.Interchange = money.Amount(rapid.Int64Range(0, int64(r.Amount)).Draw(t, "interchange"))
			rows = append(rows, r)
		}
		file := recordsFile(t, rows)
		got, err := readRecords(file)
		if err != nil || !reflect.DeepEqual(got, rows) {
			t.Fatalf("wrote %+v\nread  %+v\n%v", rows, got, err)
		}
	})
}

// sameDrawn is same; some of the drawn messages also go to the schema, not all, since each call of xmllint is a process.
func sameDrawn[M writer](t *rapid.T, m M, read func(io.Reader) (M, error)) {
	file := drawnFile(t, m)
	got, err := read(strings.NewReader(file))
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Fatalf("wrote %+v\nread  %+v\n%v", m, got, err)
	}
	if rapid.IntRange(0, 9).Draw(t, "ask the schema") == 0 {
		if err := iso20022.Check([]byte(file)); err != nil {
			t.Fatal(err)
		}
	}
}

func drawnFile(t *rapid.T, m writer) string {
	var out strings.Builder
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
