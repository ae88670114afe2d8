package books

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/tariff"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// The people of these tests. Their names stand in the golden file.
const (
	shop = id.ID("mer_shop")
	bank = id.ID("psp_bank")
)

// fact is one of a payment of 150.00 whose fee is 0.75, 0.30 of it the PSP's,
// or of a refund of 50.00 that returns a third of the fee.
func fact(t payment.FactType) payment.Fact {
	f := payment.Fact{Type: t, Merchant: shop, PSP: bank, Payment: "pay_1", Amount: 15_000, Fee: 75, Interchange: 30}
	switch t {
	case payment.RefundWasRequested, payment.RefundWasRejected:
		f.Refund, f.Amount, f.Fee, f.Interchange = "re_1", 5_000, 0, 0
	case payment.RefundDidSucceed:
		f.Refund, f.Amount, f.Fee, f.Interchange = "re_1", 5_000, 25, 10
	case payment.PayoutWasMade, payment.PayoutWasPaid, payment.PayoutWasReturned:
		return payment.Fact{Type: t, Merchant: shop, Payout: "po_1", Participant: "par_shops", Day: "2026-03-02", Amount: 9_950}
	case payment.PositionWasClosed, payment.PositionWasReleased:
		return payment.Fact{Type: t, PSP: bank, Participant: "par_bank", Day: "2026-03-02", Amount: 10_000, Interchange: 20}
	case payment.PositionWasSettled:
		return payment.Fact{Type: t, Participant: "par_bank", Day: "2026-03-02", Amount: -9_980}
	}
	return f
}

func TestWhatEveryFactMoves(t *testing.T) {
	var out strings.Builder
	out.WriteString("# What every fact moves, for a payment of 150.00 that costs 0.75, and a refund of 50.00.\n# Written by TestWhatEveryFactMoves; after a wanted change run: go test ./books -update\n")
	for _, kind := range slices.Concat(payment.FactTypes, []payment.FactType{payment.PositionWasClosed, payment.PositionWasSettled, payment.PositionWasReleased}) {
		f := fact(kind)
		moved := Transfer(f)
		fmt.Fprintf(&out, "\n%s: the merchant is owed %s\n", kind, signed(Payable(f)))
		for _, e := range moved {
			fmt.Fprintf(&out, "  debit %-24s credit %-24s %8s\n", e.Debit.Code, e.Credit.Code, e.Amount.Plain())
		}
		if len(moved) == 0 {
			out.WriteString("  moves nothing\n")
		}
		if err := moved.Check(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	compare(t, "testdata/facts.golden", out.String())
}

func signed(a money.Amount) string {
	switch {
	case a > 0:
		return a.Plain() + " more"
	case a < 0:
		return (-a).Plain() + " less"
	}
	return "as before"
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is no longer true; after a wanted change run this test with -update. Got:\n%s", path, got)
	}
}

// drawFact draws any fact of any payment.
func drawFact(t *rapid.T) payment.Fact {
	f := payment.Fact{Type: rapid.SampledFrom(payment.FactTypes).Draw(t, "type"), Merchant: shop, PSP: bank}
	f.Amount = money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "amount"))
	f.Fee = money.Amount(rapid.Int64Range(0, int64(f.Amount)).Draw(t, "fee"))
	f.Interchange = money.Amount(rapid.Int64Range(0, int64(f.Fee)).Draw(t, "interchange"))
	if rapid.Bool().Draw(t, "the payer bears it") {
		f.Surcharge, f.Fee = f.Fee, 0
	}
	return f
}

func TestEveryFactSumsToZeroAndTellsWhatItChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFact(t)
		if err := Transfer(f).Check(); err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		sums, all := fold(t, Transfer(f))
		if all != 0 {
			t.Fatalf("%+v sums to %d", f, all)
		}
		if got := Payable(f); got != sums[ledger.Of(shop, ledger.Payable)] {
			t.Fatalf("%+v: Payable says %d, the entries %d", f, got, sums[ledger.Of(shop, ledger.Payable)])
		}
	})
}

// fold sums entries by account, and all of them.
func fold(t *rapid.T, entries []ledger.Entry) (sums map[ledger.Account]money.Amount, all money.Amount) {
	deltas, err := ledger.Deltas(entries)
	if err != nil {
		t.Fatal(err)
	}
	sums = map[ledger.Account]money.Amount{}
	for _, d := range deltas {
		sums[d.Account] = d.Amount
		all += d.Amount
	}
	return sums, all
}

// history is a payment and the decisions about it, through the rules.
type history struct {
	given   []payment.Refund
	price   tariff.Tariff
	state   payment.State
	entries []ledger.Entry
	payable money.Amount
}

func (h *history) decide(t *rapid.T, c payment.Command) {
	d := payment.Decide(h.state, c, time.Unix(0, 0))
	if d.Refusal != nil {
		t.Fatal(d.Refusal)
	}
	for _, f := range d.Facts {
		h.entries = append(h.entries, Transfer(f)...)
		h.payable += Payable(f)
	}
	if d.Request != nil {
		h.state.Request = *d.Request
	}
	if d.Payments != nil {
		h.state.Payments = d.Payments
	}
	if d.Refunds != nil {
		h.state.Refunds = d.Refunds
	}
}

// paid is a payment of a drawn amount and tariff that has succeeded.
func paid(t *rapid.T, refundsFee bool) *history { return paidBy(t, refundsFee, false) }

// paidBy is one whose fee the payer bears, or the merchant.
func paidBy(t *rapid.T, refundsFee, payerBears bool) *history {
	price := tariff.Tariff{Rate: rapid.Int64Range(0, 10_000).Draw(t, "rate"), Fixed: money.Amount(rapid.Int64Range(0, 500).Draw(t, "fixed")), RefundsFee: refundsFee, PayerBears: payerBears}
	price.RefundCharge = money.Amount(rapid.Int64Range(0, 300).Draw(t, "charge"))
	price.InterchangeRate = rapid.Int64Range(0, price.Rate).Draw(t, "interchange rate")
	amount := money.Amount(rapid.Int64Range(1, int64(payment.MaxPayment)).Draw(t, "amount"))
	book := tariff.Book{Centre: []tariff.Version{{ID: "tar_1", Owner: tariff.Centre, Tariff: price}}}
	h := &history{price: price, state: payment.State{Request: payment.Request{ID: "pr_1", Merchant: shop, Kind: payment.Dynamic, Status: payment.RequestActive, Amount: amount}}}
	h.decide(t, payment.Create{Payment: payment.Payment{ID: "pay_1", Request: "pr_1", Merchant: shop, PSP: bank, Amount: amount}, Prices: &book})
	h.decide(t, payment.Execute{Payment: "pay_1", PSP: bank})
	return h
}

// refundAll gives a payment back in drawn parts, some of them rejected at first.
func (h *history) refundAll(t *rapid.T) {
	for n := 0; h.state.Payments[0].Refunded < h.state.Payments[0].Amount; n++ {
		p := h.state.Payments[0]
		part := money.Amount(rapid.Int64Range(1, int64(p.Amount-p.Refunded)).Draw(t, "part"))
		if n > 8 {
			part = 0 // all that is left
		}
		name := id.ID(fmt.Sprintf("re_%d", n))
		h.decide(t, payment.RequestRefund{Refund: payment.Refund{ID: name, Payment: "pay_1", Merchant: shop, Amount: part}, Tariff: h.price})
		h.decide(t, payment.AckRefund{Refund: name, PSP: bank, Credited: n > 8 || rapid.IntRange(0, 3).Draw(t, "rejected") > 0})
		for _, r := range h.state.Refunds {
			if r.ID == name && r.Status == payment.RefundSucceeded {
				h.given = append(h.given, r)
			}
		}
	}
}

// charges is what the refunds that were given cost the merchant.
func (h *history) charges() (sum money.Amount) {
	for _, r := range h.given {
		sum += r.Charge
	}
	return sum
}

func TestAPaymentGivenBackWithItsFeeLeavesTheChargesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := paidBy(t, true, rapid.Bool().Draw(t, "the payer bears it"))
		h.refundAll(t)
		p := h.state.Payments[0]
		sums, _ := fold(t, h.entries)
		want := h.charges()
		if h.payable != -want || sums[ledger.Platform(ledger.Fees)] != want || sums[ledger.Of(bank, ledger.Clearing)] != 0 ||
			sums[ledger.Of(bank, ledger.Interchange)] != 0 || p.SurchargeReturned != p.Surcharge || p.SurchargeReturning != 0 {
			t.Fatalf("left in the books: %v; the merchant is owed %d, the refunds cost %d, %d of the surcharge of %d went back", sums, h.payable, want, p.SurchargeReturned, p.Surcharge)
		}
	})
}

func TestAPaymentGivenBackWithoutItsFeeCostsWhoBoreIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := paidBy(t, false, rapid.Bool().Draw(t, "the payer bears it"))
		h.refundAll(t)
		p, charges := h.state.Payments[0], h.charges()
		sums, all := fold(t, h.entries)
		if all != 0 || h.payable != -p.Fee-charges || sums[ledger.Of(bank, ledger.Clearing)] != -p.Surcharge ||
			sums[ledger.Platform(ledger.Fees)] != p.Fee+p.Surcharge-p.Interchange+charges || sums[ledger.Of(bank, ledger.Interchange)] != p.Interchange {
			t.Fatalf("left in the books: %v; the merchant is owed %d of a fee of %d, the payer paid %d on top", sums, h.payable, p.Fee, p.Surcharge)
		}
	})
}
