package clearing_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tolom/clearing"
	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden holds what was written against a file, or writes the file with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it with go test ./clearing -update and git diff\ngot:\n%s", name, got)
	}
}

type writer interface{ Write(io.Writer) error }

// written is what a message writes; it must write the same twice.
func written(t testing.TB, m writer) []byte {
	t.Helper()
	var one, two bytes.Buffer
	if err := m.Write(&one); err != nil {
		t.Fatal(err)
	}
	if err := m.Write(&two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Fatalf("the same message was written differently: %v", err)
	}
	return one.Bytes()
}

var (
	morning = time.Date(2026, 11, 24, 3, 5, 0, 0, time.UTC) // 09:05 in Bishkek
	centre  = clearing.Bank{BIC: "TOLMKG22", Name: "Processing centre"}
	rtgs    = clearing.Bank{BIC: "CBRTKG22", Name: "Central bank"}
	bankOne = clearing.Bank{BIC: "DEMOKG22", Name: "Банк «Ала-Тоо»"}
	random  id.Random
)

func participant(n uint16) id.ID { return id.New(id.Participant, morning, n, random) }

// positions of a day: one bank pays, one is paid, one has nothing, the rest is the centre's.
func positions() []settlement.Position {
	return []settlement.Position{
		{Day: "2026-11-24", Name: "Centre", Net: 1_700},
		{Day: "2026-11-24", Participant: participant(1), Name: "Банк «Ала-Тоо»", BIC: "DEMOKG22", Paid: 9_000_050, Net: -9_000_050},
		{Day: "2026-11-24", Participant: participant(2), Name: "Ыссык-Көл банкы", BIC: "101001", Payouts: 8_998_350, Net: 8_998_350},
		{Day: "2026-11-24", Participant: participant(3), Name: "Quiet bank", BIC: "QUETKG22XXX"},
	}
}

func header(message string, to clearing.Bank) clearing.Header {
	return clearing.Header{Message: message, Created: morning, Date: "2026-11-24", Sender: centre, Getter: to}
}

func transfers(t testing.TB, style clearing.Style) clearing.Transfers {
	t.Helper()
	m, err := clearing.TransfersOf(header("N20261124-01", rtgs), positions(), style)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func payouts() []settlement.Payout {
	return []settlement.Payout{
		{ID: id.New(id.Payout, morning, 4, random), Day: "2026-11-24", MerchantName: "Кафе «Ала-Тоо» & ко", BankAccount: "1240020000000001", Amount: 8_000_000},
		{ID: id.New(id.Payout, morning, 5, random), Day: "2026-11-24", MerchantName: "Дүкөн <Ош>", BankAccount: "1240020000000002", Amount: 998_350},
	}
}

func credits(t testing.TB, style clearing.Style) clearing.Credits {
	t.Helper()
	m := clearing.Credits{Header: header(clearing.CreditsID("2026-11-24", participant(2)), bankOne)}
	m.Sender.Name, m.Getter.Name = style.Fit(m.Sender.Name, 140), style.Fit(m.Getter.Name, 140)
	for _, p := range payouts() {
		c, err := clearing.CreditOf(p, style)
		if err != nil {
			t.Fatal(err)
		}
		m.Items = append(m.Items, c)
	}
	return m
}

func statement() clearing.Statement {
	return clearing.Statement{
		ID: "S20261124-1", Created: morning, From: morning.Add(-24 * time.Hour), To: morning,
		Account: "1240020000000001", Currency: money.KGS, Owner: "Кафе «Ала-Тоо»", Servicer: clearing.Bank{BIC: "DEMOKG22"},
		Opening: -500, Closing: 147_500,
		Entries: []clearing.Entry{
			{Ref: "1", At: morning.Add(-2 * time.Hour), Amount: 148_500, Code: "PAYMENT", Charge: 1_500, Bank: "pay_1",
				Parts: []clearing.Part{{EndToEnd: "R-17", ID: "pay_1", Amount: 150_000, Party: "Payer A.", Text: "Таңкы тамак"}}},
			{Ref: "2", At: morning.Add(-time.Hour), Value: morning, Amount: -500, Reversal: true, Code: "REFUND", Bank: "re_1", Text: "Returned goods",
				Parts: []clearing.Part{{EndToEnd: "re_1", Amount: 500, Party: "Payer A.", Account: "1240020000000009"}}},
		},
	}
}

func answer() clearing.Answer {
	return clearing.Answer{
		Message: "NB-778", Created: morning.Add(time.Hour), Original: "N20261124-01", Format: "pacs.009.001.09", Verdict: clearing.Partly,
		Items: []clearing.Outcome{
			{ID: "P1", Verdict: clearing.Settled},
			{ID: "P2", Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AM04", Text: "No funds on the account"}, {Code: "OWN-7"}}},
		},
	}
}

func records() []settlement.Record {
	one := settlement.Record{
		Transaction: id.New(id.Payment, morning, 4, random), Kind: settlement.C2B, Amount: 150_000, Interchange: 750,
		PSP: id.New(id.PSP, morning, 1, random), PSPName: "Капчык «А» & <Б>", AcquirerBIC: "DEMOKG22", IssuerBIC: "101001", BIC: "DEMOKG22",
		AccountID: id.New(id.Merchant, morning, 4, random), BankAccount: "1240020000000001",
		ExecutedTime: morning.Add(-time.Hour), Created: morning.Add(-time.Hour - time.Second),
	}
	two := one
	two.Transaction, two.Kind, two.Amount, two.Interchange = id.New(id.Refund, morning, 4, random), settlement.B2C, 500, 0
	return []settlement.Record{one, two}
}
