package flow_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
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
		w.asksBanks()
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

// inManualTown runs a test on the stores whose clock can be moved.
func inManualTown(t *testing.T, test func(*town)) {
	for _, open := range []func(*testing.T) place{memory, sqlite} {
		p := open(t)
		t.Run(p.name, func(t *testing.T) { test(newTown(t, p, false)) })
	}
}

// past lets the clock go past the end of the day that is going on, by so much.
func (w *town) past(by time.Duration) string {
	w.t.Helper()
	_, err := w.store.Sequence(w.ctx, 1000)
	w.must(err)
	date := w.next()
	cut, err := settlement.Timetable{}.CutOf(date)
	w.must(err)
	w.clock.Advance(cut.Add(by).Sub(w.clock.Now()))
	return date
}

func TestRefundsAskedForAfterTheEndComeBeforeThePayout(t *testing.T) {
	inManualTown(t, func(w *town) {
		p := w.pays("red", "shop", 10_000)
		w.past(time.Second) // the day has ended, and nobody has closed it yet
		if !w.wants(p, 4_000) {
			t.Fatal("the refund is refused")
		}
		w.steps(w.days)
		first := w.payouts("shop")[0]
		if first.Amount != 9_950-4_000 || first.Held != 4_000 || first.Refunds != 0 || w.payable("shop") != 0 {
			t.Fatalf("the payout is %+v, and the shop is owed %d", first, w.payable("shop"))
		}
		w.gives("red", false) // it comes back to the shop, and is paid out a day later
		w.ends()
		second := w.payouts("shop")[0]
		if second.Amount != 4_000 || second.Opening != 4_000 || second.Refunds != 4_000 || second.Rejected != 4_000 {
			t.Errorf("the second payout is %+v", second)
		}
		w.sound()
	})
}

func TestAMerchantThatOwesIsNotPaidOut(t *testing.T) {
	inManualTown(t, func(w *town) {
		p := w.pays("red", "shop", 10_000)
		w.ends()
		if !w.wants(p, 900) { // its overdraft is 10.00
			t.Fatal("the refund is refused")
		}
		w.ends()
		if n := len(w.payouts("shop")); n != 1 || w.payable("shop") != -900 {
			t.Fatalf("there are %d payouts, and the shop is owed %d", n, w.payable("shop"))
		}
		w.pays("red", "shop", 1_000)
		w.ends()
		if last := w.payouts("shop")[0]; last.Opening != -900 || last.Amount != 1_000-5-900 {
			t.Errorf("the payout is %+v", last)
		}
		w.sound()
	})
}

func TestLimitsAreFreeWhenTheDayIsSettled(t *testing.T) {
	inTown(t, func(w *town) {
		red, bank := w.psps["red"].ID, w.banks["bazaar"]
		for _, owner := range []id.ID{red, bank} {
			_, err := w.platform.SetLimits(w.ctx, payment.Limits{Owner: owner, NetDebit: 50_000})
			w.must(err)
		}
		p := w.pays("red", "shop", 10_000)
		w.wants(p, 1_000)
		w.gives("red", true)
		used := func(want money.Amount) {
			t.Helper()
			for _, owner := range []id.ID{red, bank} {
				if u, err := w.platform.Usage(w.ctx, owner); err != nil || u.NetDebitUsed != want {
					t.Fatalf("%s has used %d, %v; want %d", owner, u.NetDebitUsed, err, want)
				}
			}
		}
		d := w.ends()
		used(9_000) // closed is not settled
		_, err := w.platform.SetLimits(w.ctx, payment.Limits{Owner: red})
		w.must(err)
		_, err = w.platform.SetLimits(w.ctx, payment.Limits{Owner: red, NetDebit: 40_000}) // a cap that is set now begins with the truth
		w.must(err)
		w.pays("red", "shop", 500)
		used(9_500)
		w.settles(d.Date)
		used(500)
		w.sound()
	})
}

// mute is a store in which facts get no numbers.
type mute struct{ store.Store }

func (mute) Sequence(context.Context, int) (int, error) { return 0, nil }

func TestFactsWithoutNumbersAreWaitedForAndThenLate(t *testing.T) {
	inManualTown(t, func(w *town) {
		w.pays("red", "shop", 10_000)
		w.steps(w.days)
		w.pays("red", "shop", 300)
		date := w.next()
		cut, err := settlement.Timetable{}.CutOf(date)
		w.must(err)
		w.clock.Advance(cut.Sub(w.clock.Now()))
		deaf := w.daysOf(mute{w.store}, 100)
		for _, wait := range []time.Duration{0, 29 * time.Second} {
			w.clock.Advance(wait)
			if _, err := deaf.Step(w.ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := w.store.Day(w.ctx, date); !errors.Is(err, store.ErrNotFound) {
				t.Fatalf("the day has ended without its facts: %v", err)
			}
		}
		w.clock.Advance(time.Second)
		_, err = deaf.Step(w.ctx)
		w.must(err)
		w.steps(w.days)
		next := w.ends()
		first, err := w.days.Get(w.ctx, date)
		w.must(err)
		list := w.payouts("shop")
		if first.Late != 0 || next.Late == 0 || len(list) != 2 || list[0].Payments != 300 || list[1].Payments != 10_000 {
			t.Errorf("late are %d and %d, the payouts %+v", first.Late, next.Late, list)
		}
		w.sound()
	})
}

func TestDaysThatWereMissedAreCutAsTheyWere(t *testing.T) {
	inManualTown(t, func(w *town) {
		for _, amount := range []int64{10_000, 2_000, 300} { // Monday, Tuesday, Wednesday, before 09:05 and after
			w.pays("red", "shop", amount)
			w.clock.Advance(24 * time.Hour)
		}
		w.steps(w.days) // the nodes come back on Thursday
		days, err := w.days.List(w.ctx, "", 10)
		w.must(err)
		list := w.payouts("shop")
		slices.SortFunc(list, func(a, b settlement.Payout) int { return cmp.Compare(b.Day, a.Day) }) // all are of one moment
		if len(days) != 3 || len(list) != 3 || list[2].Payments != 10_000 || list[0].Payments != 300 {
			t.Errorf("%d days, payouts %+v", len(days), list)
		}
		w.ends() // a day without anything
		if days, _ := w.days.List(w.ctx, "", 10); len(days) != 4 || days[0].From != days[0].To && len(w.payouts("shop")) != 3 {
			t.Errorf("the empty day is %+v", days[0])
		}
		w.sound()
	})
}

func TestADayOnAHolidayEndsOnTheNextBankingDay(t *testing.T) {
	inManualTown(t, func(w *town) {
		w.pays("red", "shop", 10_000) // a Monday, after the end of its day
		_, err := w.days.PutHoliday(w.ctx, settlement.Holiday{Date: "2026-03-03", Name: "A holiday"})
		w.must(err)
		w.steps(w.days)
		w.clock.Advance(24 * time.Hour)
		w.pays("red", "shop", 300)
		w.steps(w.days)
		if days, _ := w.days.List(w.ctx, "", 10); len(days) != 0 {
			t.Fatalf("a day ended on a holiday: %+v", days)
		}
		w.clock.Advance(24 * time.Hour)
		w.steps(w.days)
		if days, _ := w.days.List(w.ctx, "", 10); len(days) != 1 || days[0].Date != "2026-03-04" || w.payouts("shop")[0].Payments != 10_300 {
			t.Errorf("the days are %+v", days)
		}
	})
}
