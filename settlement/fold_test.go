package settlement

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tolom/books"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// Their ids need only their kinds here.
var (
	tail = strings.Repeat("0", id.TokenLen)
	shop = id.ID("mer_" + tail)
	app  = id.ID("psp_" + tail)
	bank = id.ID("par_" + tail)
)

func TestWhatFactsAreCountedAs(t *testing.T) {
	facts := []payment.Fact{
		{Type: payment.PaymentSucceeded, Merchant: shop, PSP: app, Amount: 15_000, Fee: 75, Interchange: 30, At: noon},
		{Type: payment.PaymentSucceeded, Merchant: shop, PSP: app, Amount: 10_000, Surcharge: 100, Interchange: 40, At: noon},
		{Type: payment.RefundWasRequested, Merchant: shop, PSP: app, Amount: 5_000, Fee: 20, At: noon},
		{Type: payment.RefundDidSucceed, Merchant: shop, PSP: app, Amount: 5_000, Fee: 25, Interchange: 10, At: noon},
		{Type: payment.RefundWasRequested, Merchant: shop, PSP: app, Amount: 700, Fee: 20, At: noon},
		{Type: payment.RefundWasRejected, Merchant: shop, PSP: app, Amount: 700, Fee: 20, At: noon},
		{Type: payment.RefundWasRequested, Merchant: shop, PSP: app, Amount: 300, At: noon},
		{Type: payment.PayoutWasReturned, Merchant: shop, Participant: bank, Amount: 900, At: noon},
		{Type: payment.PayoutWasMade, Merchant: shop, Participant: bank, Amount: 4_000, At: noon},        // of an earlier day
		{Type: payment.PositionWasClosed, PSP: app, Participant: bank, Amount: 9, At: noon},              // of an earlier day
		{Type: payment.BooksWereCorrected, PSP: app, Amount: 11, At: noon},                               // the PSP owes more
		{Type: payment.RequestWasPaid, Merchant: shop, Amount: 15_000, At: noon.Add(-1), Request: "pr_"}, // late
	}
	totals, late := Fold(3, facts, noon)
	want := []Total{
		{Day: 3, Fees: 75 + 100 - 30 - 40 + 20 - 25 + 10, Refunds: 300, Adjusted: 11},
		{Day: 3, Owner: shop, Payments: 25_000, Count: 2, Fees: 75 + 20 + 20, Refunds: 6_000, RefundsCount: 3, Rejected: 700, FeesReturned: 25 + 20, Returned: 900},
		{Day: 3, Owner: bank, Returned: 900},
		{Day: 3, Owner: app, Payments: 25_100, Count: 2, Refunds: 5_000, RefundsCount: 1, Interchange: 60, Adjusted: -11},
	}
	if late != 1 || len(totals) != len(want) {
		t.Fatalf("%d late, %+v", late, totals)
	}
	for i := range want {
		if totals[i] != want[i] {
			t.Errorf("counted\n%+v, want\n%+v", totals[i], want[i])
		}
	}
}

var kinds = []payment.FactType{
	payment.PaymentSucceeded, payment.RefundWasRequested, payment.RefundDidSucceed, payment.RefundWasRejected, payment.PayoutWasReturned, payment.BooksWereCorrected,
}

// drawFact draws a fact of some merchant, PSP and bank, with whatever amounts.
func drawFact(t *rapid.T) payment.Fact {
	of := func(k id.Kind) id.ID {
		return id.ID(string(k) + strings.Repeat("0", id.TokenLen-1) + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "who"))
	}
	f := payment.Fact{
		Type: rapid.SampledFrom(kinds).Draw(t, "kind"), Merchant: of(id.Merchant), PSP: of(id.PSP), Participant: of(id.Participant),
		Amount: money.Amount(rapid.Int64Range(1, 1_000_000).Draw(t, "amount")),
	}
	f.Fee = money.Amount(rapid.Int64Range(0, int64(f.Amount)).Draw(t, "fee"))
	f.Interchange = money.Amount(rapid.Int64Range(0, int64(f.Fee)).Draw(t, "interchange"))
	if rapid.Bool().Draw(t, "borne by the payer") {
		f.Fee, f.Surcharge = 0, f.Fee
	}
	return f
}

// TestAnyFactsMakePositionsThatSumToZero, whatever is paid out of them; and merchants'
// totals are what the ledger says.
func TestAnyFactsMakePositionsThatSumToZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var facts []payment.Fact
		payable := map[id.ID]money.Amount{}
		for range rapid.IntRange(0, 40).Draw(t, "facts") {
			f := drawFact(t)
			facts = append(facts, f)
			for _, e := range books.Transfer(f) {
				if e.Credit == ledger.Of(f.Merchant, ledger.Payable) {
					payable[f.Merchant] += e.Amount
				}
				if e.Debit == ledger.Of(f.Merchant, ledger.Payable) {
					payable[f.Merchant] -= e.Amount
				}
			}
		}
		totals, _ := Fold(1, facts, noon.Add(-1000))
		r := Reckoning{Day: "2026-11-24"}
		for _, last := range "abc" {
			r.Parties = append(r.Parties, Party{ID: id.ID("par_" + strings.Repeat("0", id.TokenLen-1) + string(last))})
		}
		for _, x := range totals {
			switch x.Owner.Kind() {
			case id.PSP:
				x.Participant = r.Parties[0].ID
				r.PSPs = append(r.PSPs, x)
			case id.Participant:
				r.Returned = append(r.Returned, x)
			case id.Merchant:
				if x.Change() != payable[x.Owner] {
					t.Fatalf("%s: the total comes to %d, the ledger to %d", x.Owner, x.Change(), payable[x.Owner])
				}
				r.Merchants = r.Merchants.Plus(x)
			default:
				r.Centre = x
			}
		}
		r.PaidOut = []PaidOut{{r.Parties[1].ID, money.Amount(rapid.Int64Range(0, 1_000_000).Draw(t, "paid out")), 1}}
		positions, err := r.Positions()
		if err != nil || len(positions) != 4 || positions[0].Participant != Centre {
			t.Fatalf("%+v, %v", positions, err)
		}
		for _, p := range positions {
			if !p.Adds() {
				t.Fatalf("%+v does not add up", p)
			}
		}
	})
}

// TestADayOfWhichSomethingIsMissingHasNoPositions.
func TestADayOfWhichSomethingIsMissingHasNoPositions(t *testing.T) {
	whole := Reckoning{
		Day: "2026-11-24", Parties: []Party{{ID: bank}}, PSPs: []Total{{Owner: app, Participant: bank, Payments: 1000, Interchange: 3}},
		PaidOut: []PaidOut{{bank, 900, 1}}, Merchants: Total{Payments: 1000, Fees: 10}, Centre: Total{Fees: 7},
	}
	if _, err := whole.Positions(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Reckoning){
		"a fee is lost":                     func(r *Reckoning) { r.Centre.Fees-- },
		"a PSP is forgotten":                func(r *Reckoning) { r.PSPs = nil },
		"a payment is not the merchants'":   func(r *Reckoning) { r.Merchants.Payments -= 1 },
		"a PSP settles for nobody":          func(r *Reckoning) { r.PSPs = []Total{{Owner: app, Payments: 1000, Interchange: 3}} },
		"a payout goes to nobody":           func(r *Reckoning) { r.PaidOut = []PaidOut{{"", 900, 1}} },
		"money comes back from a stranger":  func(r *Reckoning) { r.Returned = []Total{{Owner: "par_x", Returned: 1}} },
		"money comes back that nobody sent": func(r *Reckoning) { r.Returned = []Total{{Owner: bank, Returned: 1}} },
	} {
		r := whole
		if spoil(&r); r.Day != "" {
			if p, err := r.Positions(); err == nil {
				t.Errorf("%s: the positions are %+v", name, p)
			}
		}
	}
}
