package flow_test

import (
	"testing"

	"tolom/fault"
	"tolom/flow"
	"tolom/settlement"
)

// inTown runs a test on every store.
func inTown(t *testing.T, test func(*town)) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) { test(newTown(t, p, false)) })
	}
}

func TestADayFromItsPaymentsToTheBanks(t *testing.T) {
	inTown(t, func(w *town) {
		lunch := w.pays("blue", "shop", 15_000)
		w.pays("red", "shop", 10_000)
		w.pays("green", "bazaar", 20_000)
		w.pays("blue", "stall", 1_000)
		w.wants(lunch, 5_000)
		w.gives("blue", true)
		d := w.ends()

		// The shop's half a percent of 250.00 is 1.25, of which refunding a third of lunch gives 0.25 back.
		p := w.payouts("shop")[0]
		want := settlement.Payout{ID: p.ID, Day: d.Date, Merchant: w.shops["shop"].ID, Participant: w.banks["shop"], MerchantName: "shop", BankAccount: "109990",
			Currency: "KGS", Amount: 19_900, Payments: 25_000, Count: 2, Fees: 125, Refunds: 5_000, FeesReturned: 25, Status: settlement.PayoutMade, CreatedAt: p.CreatedAt}
		if p != want {
			w.t.Errorf("the shop's payout is\n%+v, want\n%+v", p, want)
		}
		if n := len(w.payouts("stall")); n != 0 || w.payable("stall") != 995 {
			w.t.Errorf("the stall, which has no bank, has %d payouts and is owed %d", n, w.payable("stall"))
		}
		// The shop's bank: its payers paid 160.00 and got 50.00 back, its merchant has 199.00, interchange is 0.30 + 0.02 − 0.10.
		if net := w.netOf(d.Date, w.banks["shop"]); net != 5_000+19_900+22-16_000 {
			w.t.Errorf("the net of the shop's bank is %d", net)
		}
		w.sound()
		if d = w.settles(d.Date); d.Status != settlement.Settled {
			w.t.Fatalf("the day is %s", d.Status)
		}
		if a, b := w.bank("shop"), w.bank("bazaar"); a != 0 || b != 0 {
			w.t.Errorf("after settlement the banks are owed %d and %d", a, b)
		}
		if p := w.payouts("shop")[0]; p.Status != settlement.PayoutPaid {
			w.t.Errorf("the payout is %s", p.Status)
		}
		w.sound()
	})
}

func TestAPayoutThatComesBackIsInALaterDay(t *testing.T) {
	inTown(t, func(w *town) {
		w.pays("red", "shop", 10_000)
		first := w.ends()
		w.settles(first.Date)
		p, err := w.days.AnswerPayout(w.ctx, w.payouts("shop")[0].ID, flow.PayoutAnswer{Reason: "account closed"})
		w.must(err)
		if p.Status != settlement.PayoutReturned || p.Reason != "account closed" || w.payable("shop") != p.Amount {
			w.t.Fatalf("it is %+v, and the shop is owed %d", p, w.payable("shop"))
		}
		if _, err := w.days.AnswerPayout(w.ctx, p.ID, flow.PayoutAnswer{Paid: true}); w.code(err) != fault.PayoutFinal {
			w.t.Errorf("what came back can be paid: %v", err)
		}
		w.pays("red", "shop", 100)
		second := w.ends()
		again := w.payouts("shop")[0]
		if again.Returned != p.Amount || again.Amount != p.Amount+100 {
			w.t.Errorf("the second payout is %+v", again)
		}
		if net := w.netOf(second.Date, w.banks["shop"]); net != again.Amount-p.Amount {
			w.t.Errorf("the bank, which has the money still, receives %d", net)
		}
		w.settles(second.Date)
		if w.bank("shop") != 0 {
			w.t.Errorf("the bank is owed %d", w.bank("shop"))
		}
		w.sound()
	})
}
