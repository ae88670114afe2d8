package storetest

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

var days = chapter{name: "business days", apart: true, sentences: []sentence{
	{"of two who count on from one place one is told to try again, and totals add up", func(k *kit) {
		f := ask(k.Folding(k.ctx)).get(k)
		shop := k.newShop().merchant
		k.must(k.Fold(k.ctx, f, 3, 1, []settlement.Total{{Day: 1, Owner: shop, Payments: 100, Count: 2}, {Day: 1, Refunds: 5}}))
		k.is(k.Fold(k.ctx, f, 3, 1, []settlement.Total{{Day: 1, Owner: shop, Payments: 100, Count: 2}}), store.ErrRetry)
		next := ask(k.Folding(k.ctx)).get(k)
		k.must(k.Fold(k.ctx, next, 4, 0, []settlement.Total{{Day: 1, Owner: shop, Fees: 7, Count: 1}}))
		equal(k, ask(k.Total(k.ctx, 1, shop)).get(k), settlement.Total{Day: 1, Owner: shop, Payments: 100, Count: 3, Fees: 7})
		equal(k, ask(k.SumOfTotals(k.ctx, 1, id.Merchant)).get(k), settlement.Total{Day: 1, Payments: 100, Count: 3, Fees: 7})
		equal(k, ask(k.Total(k.ctx, 1, settlement.Centre)).get(k), settlement.Total{Day: 1, Refunds: 5})
		equal(k, ask(k.TotalsOf(k.ctx, 1, []id.ID{"mer_none", shop})).get(k), []settlement.Total{{Day: 1, Owner: shop, Payments: 100, Count: 3, Fees: 7}})
		equal(k, len(ask(k.TotalsOf(k.ctx, 2, []id.ID{shop})).get(k)), 0)
		equal(k, len(ask(k.Totals(k.ctx, 1, id.Merchant, shop, 10)).get(k)), 0)
		last := ask(k.Folding(k.ctx)).get(k)
		equal(k, [3]int64{last.Number, last.Position, last.Late}, [3]int64{1, 4, 1})
	}},
	{"a day is not cut before its end, nor before the facts from before it are counted, and is cut once", func(k *kit) {
		s := k.newShop()
		k.save(store.Changes{Facts: []payment.Fact{{ID: k.newID(id.Event, 3), Type: payment.RequestWasPaid, At: epoch, Merchant: s.merchant, Amount: 1}}})
		f := ask(k.Folding(k.ctx)).get(k)
		cut := func(from store.Folding, date string, at time.Time) error {
			_, err := k.Cut(k.ctx, from, settlement.Day{Date: date, Status: settlement.Open, CutAt: at, Stage: settlement.Carry}, time.Hour)
			return err
		}
		k.is(cut(f, "2100-01-01", time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)), store.ErrEarly)
		end := epoch.Add(time.Millisecond)
		k.clock.Advance(time.Second)
		now := end
		if early := cut(f, "2026-03-02", end); !errors.Is(early, store.ErrEarly) { // on a server the clock is another, and the wait is over
			k.must(early)
			return
		}
		k.sequence(10)
		k.is(cut(f, "2026-03-02", now), store.ErrEarly)
		k.must(k.Fold(k.ctx, f, 1, 0, nil))
		f = ask(k.Folding(k.ctx)).get(k)
		k.must(cut(f, "2026-03-02", now))
		k.is(cut(f, "2026-03-02", now), store.ErrRetry)
		d := ask(k.Day(k.ctx, "2026-03-02")).get(k)
		equal(k, [3]int64{d.Number, d.From, d.To}, [3]int64{1, 0, 1})
		equal(k, ask(k.Unfinished(k.ctx)).get(k), d)
		closed := d
		closed.Status, closed.Stage = settlement.Closed, settlement.Wait
		k.must(k.PutDay(k.ctx, closed, store.DayRows{Positions: []settlement.Position{{Day: d.Date, Participant: "par_a", Net: 5, Payouts: 5}, {Day: d.Date, Net: -5, Held: -5}}}))
		k.is(k.PutDay(k.ctx, closed, store.DayRows{}), store.ErrRetry)
		_, err := k.Unfinished(k.ctx)
		k.is(err, store.ErrNotFound)
		equal(k, ask(k.Positions(k.ctx, d.Date)).get(k)[0].Net, -5)
		equal(k, ask(k.Folding(k.ctx)).get(k).Number, 2)
	}},
	{"a merchant has one payout of a day, which is found by day and by merchant", func(k *kit) {
		s := k.newShop()
		p := settlement.Payout{
			ID: k.newID(id.Payout, s.merchant.Bucket()), Day: "2026-03-02", Merchant: s.merchant, Participant: "par_a", Currency: "KGS", Amount: 9, Payments: 10, Fees: 1, Count: 1,
			Status: settlement.PayoutMade, CreatedAt: epoch,
		}
		k.save(store.Changes{NewPayouts: []settlement.Payout{p}})
		twice := p
		twice.ID = k.newID(id.Payout, s.merchant.Bucket())
		k.is(k.trySave(store.Changes{NewPayouts: []settlement.Payout{twice}}), store.ErrTaken)
		equal(k, ask(k.Payout(k.ctx, p.ID)).get(k), p)
		paid := p
		paid.Status, paid.PaidAt, paid.EndedAt = settlement.PayoutPaid, epoch, epoch
		k.save(store.Changes{Payouts: []settlement.Payout{paid}})
		k.is(k.trySave(store.Changes{Payouts: []settlement.Payout{paid}}), store.ErrStale)
		paid.Version = 1
		equal(k, ask(k.Payouts(k.ctx, store.PayoutFilter{Merchant: s.merchant, Limit: 5})).get(k), []settlement.Payout{paid})
		equal(k, ask(k.PayoutsOf(k.ctx, p.Day, []id.ID{s.merchant})).get(k), []settlement.Payout{paid})
		equal(k, ask(k.PaidOut(k.ctx, p.Day)).get(k), []settlement.PaidOut{{Participant: "par_a", Amount: 9, Count: 1}})
		equal(k, k.load(store.Need{Payout: p.ID}).Payouts[p.ID], paid)
	}},
	{"merchants that are owed money and have no account for it are found, and no others", unpayable},
}}

func unpayable(k *kit) {
	none, before, err := k.UnpayableSum(k.ctx)
	k.must(err)
	var want []store.Unpayable
	for n, m := range []store.Merchant{{Name: "no bank"}, {Name: "no account", Participant: "par_a"}, {Name: "no bank of its account", BankAccount: "1"},
		{Name: "paid", Participant: "par_a", BankAccount: "1"}, {Name: "owes us"}, {Name: "has nothing"}} {
		m.ID = k.newID(id.Merchant, uint16(n))
		k.must(k.Merchants().Put(k.ctx, m))
		amount := []money.Amount{5, 6, 7, 8, -9, 0}[n]
		if n < 5 {
			k.must(k.move(store.Delta{Account: ledger.Of(m.ID, ledger.Payable), Amount: amount, Guarded: true, Floor: -money.Max}))
		}
		if n < 3 {
			want = append(want, store.Unpayable{Merchant: m.ID, Name: m.Name, Participant: m.Participant, Owed: amount})
		}
	}
	slices.SortFunc(want, func(a, b store.Unpayable) int { return cmp.Compare(a.Merchant, b.Merchant) })
	all := ask(k.Unpayable(k.ctx, "", 1000)).get(k)
	found := slices.DeleteFunc(slices.Clone(all), func(u store.Unpayable) bool { return !slices.Contains(want, u) })
	equal(k, found, want)
	count, owed, err := k.UnpayableSum(k.ctx)
	k.must(err)
	equal(k, [2]int64{int64(count), int64(owed)}, [2]int64{int64(none) + 3, int64(before) + 18})
	equal(k, len(all), count)
	for n := range all[1:] { // page by page
		equal(k, ask(k.Unpayable(k.ctx, all[n].Merchant, 1)).get(k), all[n+1:n+2])
	}
	m := ask(k.Merchants().Get(k.ctx, want[0].Merchant)).get(k)
	m.Participant, m.BankAccount = "par_a", "2"
	k.must(k.Merchants().Put(k.ctx, m))
	count, _, err = k.UnpayableSum(k.ctx)
	k.must(err)
	equal(k, count, none+2)
}
