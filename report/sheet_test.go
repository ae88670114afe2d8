package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/books"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/report"
	"tolom/settlement"
	"tolom/sheet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// story is a shop's two days: payments over two tills and PSPs, each end of a refund, a fee that the payer bore, and a payout.
func story() []report.Move {
	facts := []payment.Fact{
		{Type: payment.PaymentSucceeded, Payment: "pay_1", Amount: 150_000, Fee: 750, Interchange: 300, PSP: "psp_a", At: hour(1)},
		{Type: payment.PaymentSucceeded, Payment: "pay_2", Amount: 20_000, Surcharge: 100, Interchange: 40, PSP: "psp_b", At: hour(2)},
		{Type: payment.RefundWasRequested, Payment: "pay_1", Refund: "re_1", Amount: 50_000, Fee: 200, PSP: "psp_a", At: hour(3)},
		{Type: payment.RefundWasRequested, Payment: "pay_2", Refund: "re_2", Amount: 5_000, PSP: "psp_b", At: hour(17)},
		{Type: payment.RefundDidSucceed, Payment: "pay_1", Refund: "re_1", Amount: 50_000, Fee: 250, Interchange: 100, PSP: "psp_a", At: hour(18)},
		{Type: payment.PayoutWasMade, Payout: "po_1", Amount: 99_050, At: hour(19)},
		{Type: payment.PaymentSucceeded, Payment: "pay_3", Amount: 7_000, Fee: 35, Interchange: 14, PSP: "psp_a", At: hour(40)},
		{Type: payment.RefundWasRejected, Payment: "pay_2", Refund: "re_2", Amount: 5_000, PSP: "psp_b", At: hour(41)},
	}
	var out []report.Move
	for i, f := range facts {
		f.Merchant, f.Request = shop, "pr_1"
		m := report.Move{Position: int64(10 * (i + 1)), Fact: f, Store: "st_1", Till: "till_1", OrderID: fmt.Sprint("заказ-", i), Cashier: "Кассир 1", PSPPaymentID: "demo-" + string(f.Payment)}
		if f.Payment == "pay_2" {
			m.Till, m.Cashier = "till_2", "=Кассир 2"
		}
		if f.Refund != "" {
			m.RefundRef, m.RefundReason, m.PSPRefundID = "return-7", "Товар «бузук», өң туура эмес", "back-1"
		}
		if m.Payout() {
			m.Store, m.Till, m.OrderID, m.Cashier, m.PSPPaymentID = "", "", "", "", ""
		}
		out = append(out, m)
	}
	return out
}

var names = map[id.ID]string{shop: "«Ала-Тоо» азык-түлүк дүкөнү", "st_1": "Чүй пр. 114", "till_1": "Касса 1", "till_2": "Касса 2", "psp_a": "Демо банк", "psp_b": "Экинчи банк"}

// basis is what the story's reports know beside it.
func basis() report.Basis {
	return report.Basis{
		Opening: 1_000, Position: 80, Zone: report.Bishkek, Name: func(i id.ID) string { return names[i] },
		Subject: []report.Fact{{Key: "merchant", Value: names[shop]}, {Key: "tax_id", Value: "01234567890123"}},
		Deposits: []report.Deposit{
			{From: 0, To: 30, Payout: settlement.Payout{ID: "po_1", Day: "2026-03-02", BankAccount: "1280016012345678", Opening: 0, Amount: 99_050, Held: 20_000}},
			{From: 30, To: 80, Payout: settlement.Payout{ID: "po_2", Day: "2026-03-03", BankAccount: "1280016012345678", Opening: 20_000, Amount: 27_215}},
		},
	}
}

func ordered(t report.Type, f sheet.Format, language string) report.Order {
	return report.Order{Type: t, From: midnight, To: hour(48), Format: f, Language: language}
}

// each gives moves one by one.
func each(moves []report.Move) iter.Seq2[report.Move, error] {
	return func(yield func(report.Move, error) bool) {
		for _, m := range moves {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func made(t *testing.T, o report.Order, b report.Basis, moves []report.Move) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.Write(&out, o.Format, report.Sheet(o, b, each(moves))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// kinds are all reports, each with a language, so that the golden files show each of the three.
var kinds = map[report.Type]string{
	report.OfStatement: "ky", report.OfSettlement: "ru", report.OfFees: "en", report.OfRefunds: "ky", report.OfTax: "ru", report.OfPSP: "en", report.OfPlatform: "ky",
}

func TestEveryReportInEveryFormat(t *testing.T) {
	for kind, language := range kinds {
		for _, f := range []sheet.Format{sheet.CSV, sheet.JSON, sheet.XLSX, sheet.PDF} {
			t.Run(string(kind)+"."+string(f), func(t *testing.T) {
				o := ordered(kind, f, language)
				got := made(t, o, basis(), story())
				if !bytes.Equal(got, made(t, o, basis(), story())) {
					t.Fatal("the same report made twice differs")
				}
				path := filepath.Join("testdata", string(kind)+"."+string(f))
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
					t.Errorf("%s is another file now: look at it, then run with -update", path)
				}
			})
		}
	}
}

func TestEveryTextIsSaidInThreeLanguages(t *testing.T) {
	for kind := range kinds {
		titles := map[string]bool{}
		for _, language := range report.Languages {
			s := report.Sheet(ordered(kind, sheet.CSV, language), basis(), each(story()))
			titles[s.Title] = true
			for _, c := range s.Columns {
				if c.Title == c.Key {
					t.Errorf("%s has no text for %s in %s", kind, c.Key, language)
				}
			}
			for row, err := range s.Rows {
				if err != nil || len(row.Cells) != len(s.Columns) {
					t.Errorf("%s has a row of %d cells under %d columns (%v)", kind, len(row.Cells), len(s.Columns), err)
				}
				for _, cell := range row.Cells {
					if term, is := cell.(sheet.Term); is && (term.Text == "" || term.Text == term.Code || strings.HasPrefix(term.Text, "line_")) {
						t.Errorf("%s has no text for %s in %s", kind, term.Code, language)
					}
				}
			}
			for _, p := range append(s.Head, s.Foot()...) {
				if p.Title == p.Key {
					t.Errorf("%s has no text for %s in %s", kind, p.Key, language)
				}
			}
		}
		if len(titles) != 3 {
			t.Errorf("%s is called %v", kind, titles)
		}
	}
}

func TestAnOrderIsJudged(t *testing.T) {
	good := ordered(report.OfStatement, sheet.CSV, "ky")
	narrow, unknown, long, psp := good, good, good, good
	narrow.Till, narrow.Type = "till_1", report.OfSettlement
	unknown.Format, long.To, psp.Type = "doc", good.From.AddDate(2, 0, 0), report.OfPSP
	for _, c := range []struct {
		order report.Order
		owner report.Owner
		field string
	}{
		{good, report.ForMerchant, ""}, {good, report.ForPSP, "type"}, {psp, report.ForPSP, ""}, {psp, report.ForMerchant, "type"},
		{narrow, report.ForMerchant, "store_id"}, {unknown, report.ForMerchant, "format"}, {long, report.ForMerchant, "from"},
	} {
		if field, problem := c.order.Check(c.owner); field != c.field || (field == "") != (problem == "") {
			t.Errorf("%+v for a %s: %q %q", c.order, c.owner, field, problem)
		}
	}
}

func TestAReportOfATillHasWhatIsOfTheTill(t *testing.T) {
	o := ordered(report.OfStatement, sheet.CSV, "en")
	o.Till = "till_2"
	b := basis()
	b.Opening = 0
	got := string(made(t, o, b, story()))
	for text, want := range map[string]bool{"pay_2": true, "re_2": true, "pay_1": false, "pay_3": false, "payout": false} {
		if bytes.Contains([]byte(got), []byte(text)) != want {
			t.Errorf("%q there: %v\n%s", text, !want, got)
		}
	}
}

// foot gives a sum at the foot of a report.
func foot(t *rapid.T, s sheet.Sheet, key string) money.Amount {
	for _, err := range s.Rows {
		if err != nil {
			t.Fatal(err)
		}
	}
	i := slices.IndexFunc(s.Foot(), func(p sheet.Pair) bool { return p.Key == key })
	if i < 0 {
		t.Fatalf("there is no %s", key)
	}
	return s.Foot()[i].Value.(money.Amount)
}

// drawMoves draws facts of some hours.
func drawMoves(t *rapid.T) (out []report.Move) {
	for n := range rapid.IntRange(0, 20).Draw(t, "facts") {
		amount := money.Amount(rapid.Int64Range(2, 1_000_000).Draw(t, "amount"))
		f := payment.Fact{Type: rapid.SampledFrom(report.MovingFacts).Draw(t, "type"), Merchant: shop, PSP: "psp_a", Payment: "pay_1", Amount: amount, At: hour(rapid.IntRange(0, 60).Draw(t, "hour"))}
		switch share := money.Amount(rapid.Int64Range(0, int64(amount)/2).Draw(t, "fee")); {
		case f.Type == payment.PaymentSucceeded || f.Type == payment.RefundDidSucceed:
			if f.Fee, f.Interchange = share, share/3; rapid.Bool().Draw(t, "payer bears") {
				f.Fee, f.Surcharge = 0, share
			}
		case f.Type == payment.RefundWasRequested || f.Type == payment.RefundWasRejected:
			f.Fee = share
		}
		out = append(out, report.Move{Position: int64(n + 1), Fact: f})
	}
	return out
}

func TestReportsAddUpToTheBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moves := drawMoves(t)
		o := ordered(report.OfStatement, sheet.CSV, "en")
		var change, interchange, clearing, centre money.Amount
		for _, m := range moves {
			if !o.Wants(m) {
				continue
			}
			for _, e := range books.Transfer(m.Fact) {
				for account, signed := range map[string]money.Amount{e.Debit.Code: -e.Amount, e.Credit.Code: e.Amount} {
					switch account {
					case string(shop) + ":payable":
						change += signed
					case "psp_a:interchange":
						interchange += signed
					case "psp_a:clearing":
						clearing -= signed
					case "platform:fees":
						centre += signed
					}
				}
			}
		}
		same := func(kind report.Type, key string, want money.Amount) {
			o.Type = kind
			b := basis()
			b.Opening, b.Deposits = 500, nil
			if got := foot(t, report.Sheet(o, b, each(moves)), key); got != want {
				t.Fatalf("%s: %s is %d, the books say %d", kind, key, got, want)
			}
		}
		same(report.OfStatement, "closing", 500+change)
		same(report.OfFees, "interchange", interchange)
		same(report.OfFees, "centre", centre)
		same(report.OfPlatform, "centre", centre)
		same(report.OfPSP, "net", clearing-interchange)
	})
}

func TestADepositIsTheSumOfItsRows(t *testing.T) {
	s := report.Sheet(ordered(report.OfSettlement, sheet.CSV, "en"), basis(), each(story()))
	sums, deposits := map[string]money.Amount{}, map[string]money.Amount{}
	for row, err := range s.Rows {
		if err != nil {
			t.Fatal(err)
		}
		day, amount := row.Cells[0].(string), row.Cells[11].(money.Amount)
		if row.Strong {
			deposits[day] = amount
		} else {
			sums[day] += amount
		}
	}
	if len(deposits) != 2 || fmt.Sprint(sums) != fmt.Sprint(deposits) {
		t.Errorf("deposits %v, their rows sum to %v", deposits, sums)
	}
}

func TestTimesAreRead(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, text, report.Bishkek)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	for _, c := range []struct {
		from, to string
		begin    time.Time
		end      time.Time
		problem  string
	}{
		{"2026-03-02", "", day("2026-03-02"), day("2026-03-03"), ""}, {"2026-03-02", "2026-03-31", day("2026-03-02"), day("2026-04-01"), ""},
		{"2026-03-01T18:00:00Z", "2026-03-02T18:00:00Z", day("2026-03-02"), day("2026-03-03"), ""}, {"yesterday", "", time.Time{}, time.Time{}, "from"},
		{"2026-03-02", "2026-02-30", time.Time{}, time.Time{}, "to"}, {"", "", time.Time{}, time.Time{}, "from"},
	} {
		from, to, problem := report.ReadPeriod(c.from, c.to)
		if problem != c.problem || problem == "" && (!from.Equal(c.begin) || !to.Equal(c.end)) {
			t.Errorf("%q to %q: from %s to %s, problem %q", c.from, c.to, from, to, problem)
		}
	}
	for every, want := range map[report.Every][3]string{
		report.Daily: {"2026-03-12", "2026-03-11", "2026-03-12"}, report.Weekly: {"2026-03-16", "2026-03-09", "2026-03-16"}, report.Monthly: {"2026-04-01", "2026-03-01", "2026-04-01"},
	} {
		next := every.Next(day("2026-03-11").Add(15 * time.Hour)) // a Wednesday
		from, to := every.Period(next)
		if !next.Equal(day(want[0]).Add(10*time.Minute)) || !from.Equal(day(want[1])) || !to.Equal(day(want[2])) {
			t.Errorf("every %s: at %s, from %s to %s", every, next, from, to)
		}
		if again := every.Next(next); !again.After(next) {
			t.Errorf("every %s stands still at %s", every, next)
		}
	}
}
