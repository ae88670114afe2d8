package storetest

import (
	"fmt"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var limits = chapter{name: "Limits", sentences: []sentence{
	{"Limits come back as they were set, and go", limitsSet},
	{"A load shows the limits of the merchant, of the PSPs and of their participants", limitsLoaded},
	{"A load shows the limits of every PSP whose payments it shows", limitsOfRivals},
	{"A counter begins with what the day and the books hold already", limitsBegin},
	{"A counter that is kept stays when its limit changes, and begins anew when it was gone", limitsKept},
	{"A counter of a position that says something else than the books is found and set right", limitsRecounted},
	{"By how much a cap is passed is noted when it is set, and when a fact raises a position that no cap bounds", limitsOver},
	{"Limits wait for open transactions, and the next one sees them", limitsWait},
	{"Limits that are set at once for many owners are all set", limitsTogether},
}}

// member is a shop whose PSP belongs to a participant.
func (k *kit) member() (s shop, participant id.ID) {
	s, participant = k.newShop(), k.newID(id.Participant, 3)
	k.must(k.PSPs().Put(k.ctx, store.PSP{ID: s.psp, Participant: participant}))
	return s, participant
}

func (k *kit) limit(l payment.Limits) {
	k.t.Helper()
	k.must(k.SetLimits(k.ctx, l))
}

// now is the database's clock.
func (k *kit) now() time.Time { return k.load().Now }

func limitsSet(k *kit) {
	s := k.newShop()
	equal(k, ask(k.Limits(k.ctx, s.psp)).get(k), payment.Limits{Owner: s.psp})
	from, _ := payment.DayBounds(k.now())
	want := payment.Limits{Owner: s.psp, Most: 7, Daily: money.Max, NetDebit: 9}
	k.limit(want)
	want.CountedFrom = from
	got := ask(k.Limits(k.ctx, s.psp)).get(k)
	equal(k, got.SetAt.Before(from) || got.SetAt.After(k.now()), false)
	equal(k, got.Over(), true)
	got.SetAt, got.OverAt = time.Time{}, time.Time{}
	equal(k, got, want)
	k.limit(payment.Limits{Owner: s.psp, Least: 1})
	got = ask(k.Limits(k.ctx, s.psp)).get(k)
	got.CountedFrom, got.SetAt, got.OverAt = time.Time{}, time.Time{}, time.Time{}
	equal(k, got, payment.Limits{Owner: s.psp, Least: 1})
	k.limit(payment.Limits{Owner: s.psp})
	equal(k, ask(k.Limits(k.ctx, s.psp)).get(k), payment.Limits{Owner: s.psp})
}

func limitsLoaded(k *kit) {
	s, participant := k.member()
	r := k.request(s, payment.Static, 0)
	k.save(store.Changes{NewRequests: []payment.Request{r}})
	need := store.Need{Request: r.ID, PSP: s.psp}
	equal(k, len(k.load(need).Caps.Limits), 0)
	for _, l := range []payment.Limits{{Owner: s.merchant, Most: 1}, {Owner: s.psp, Most: 2}, {Owner: participant, NetDebit: 3}, {Owner: k.newShop().psp, Most: 4}} {
		k.limit(l)
	}
	caps := k.load(need).Caps
	equal(k, undated(caps), map[id.ID]payment.Limits{
		s.merchant: {Owner: s.merchant, Most: 1}, s.psp: {Owner: s.psp, Most: 2}, participant: {Owner: participant, NetDebit: 3},
	})
	equal(k, caps.Participants, map[id.ID]id.ID{s.psp: participant})
	equal(k, len(k.load(store.Need{Request: r.ID}).Caps.Limits), 1)
}

// undated gives limits without when they were set and what was used then.
func undated(caps payment.Caps) map[id.ID]payment.Limits {
	out := map[id.ID]payment.Limits{}
	for owner, l := range caps.Limits {
		l.SetAt, l.OverAt, l.NetDebitOver = time.Time{}, time.Time{}, 0
		out[owner] = l
	}
	return out
}

func limitsOfRivals(k *kit) {
	s, r := k.newRequest(payment.Dynamic)
	other, participant := k.member()
	p := k.payment(s, r, r.Amount)
	p.PSP = other.psp
	k.save(store.Changes{NewPayments: []payment.Payment{p}})
	k.limit(payment.Limits{Owner: participant, NetDebit: 5})
	caps := k.load(store.Need{Request: r.ID, Live: true, PSP: s.psp}).Caps
	equal(k, undated(caps), map[id.ID]payment.Limits{participant: {Owner: participant, NetDebit: 5}})
	equal(k, caps.Participants, map[id.ID]id.ID{other.psp: participant})
}

// history makes payments of every standing and gives what today's come to, and
// what the PSP owes for all of them.
func (k *kit) history(s shop, now time.Time) (today, owed money.Amount) {
	r := k.request(s, payment.Static, 0)
	k.save(store.Changes{NewRequests: []payment.Request{r}})
	begin := func(amount money.Amount, at time.Time) payment.Payment {
		p := k.payment(s, r, amount)
		p.ID, p.Fee, p.Interchange = k.idAt(id.Payment, p.ID.Bucket(), at), 0, 0
		k.decideAt(at, store.Need{Request: r.ID}, payment.Create{Payment: p})
		return p
	}
	day, _ := payment.DayBounds(now)
	paid := k.sale(s, r, 100, now)
	k.sale(s, r, 2000, day.Add(-time.Millisecond))
	begin(30, now)
	canceled := begin(7, now)
	k.decideAt(now, store.Need{Request: r.ID, Payment: canceled.ID}, payment.Cancel{Payment: canceled.ID, PSP: s.psp})
	back := k.refund(paid, 20)
	k.decideAt(now, store.Need{Request: r.ID, Payment: paid.ID}, payment.RequestRefund{Refund: back})
	k.decideAt(now, store.Need{Request: r.ID, Payment: paid.ID, Refund: back.ID}, payment.AckRefund{Refund: back.ID, PSP: s.psp, Credited: true})
	// Long ago, in the morning of the day or in the evening of the one before:
	// one that was paid, and one that nobody has ended though its time is over.
	long := now.Add(-time.Hour)
	k.sale(s, r, 500, long)
	begin(4, long)
	today, owed = 130, 2614
	if !long.Before(day) {
		today += 504
	}
	return today, owed
}

func limitsBegin(k *kit) {
	s, participant := k.member()
	now := k.now()
	today, owed := k.history(s, now)
	other := k.newShop() // another PSP of the participant
	k.must(k.PSPs().Put(k.ctx, store.PSP{ID: other.psp, Participant: participant}))
	more, owes := k.history(other, now)
	day := payment.DayOf(now)
	for _, x := range []struct {
		owner       id.ID
		today, owed money.Amount
	}{{s.merchant, today, 0}, {s.psp, today, owed}, {participant, today + more, owed + owes}} {
		l := payment.Limits{Owner: x.owner, Daily: 1}
		if x.owed > 0 {
			l.NetDebit = 1
		}
		k.limit(l)
		equal(k, k.balance(ledger.OfDay(x.owner, day)), -x.today)
		equal(k, k.balance(ledger.Of(x.owner, ledger.Position)), -x.owed)
	}
}

func limitsKept(k *kit) {
	s := k.newShop()
	now := k.now()
	today, owed := k.history(s, now)
	daily, position := ledger.OfDay(s.psp, payment.DayOf(now)), ledger.Of(s.psp, ledger.Position)
	k.limit(payment.Limits{Owner: s.psp, Daily: 5, NetDebit: 5})
	k.must(k.move(store.Delta{Account: daily, Amount: -3}))
	k.must(k.move(store.Delta{Account: position, Amount: -3}))
	k.limit(payment.Limits{Owner: s.psp, Daily: 50, NetDebit: 50})
	equal(k, k.balance(daily), -today-3)
	equal(k, k.balance(position), -owed-3)
	k.limit(payment.Limits{Owner: s.psp})
	k.limit(payment.Limits{Owner: s.psp, Daily: 50, NetDebit: 50})
	equal(k, k.balance(daily), -today)
	equal(k, k.balance(position), -owed)
}

func limitsRecounted(k *kit) {
	s, participant := k.member()
	_, owed := k.history(s, k.now())
	k.must(k.move(store.Delta{Account: ledger.Of(s.psp, ledger.Unsettled), Amount: -40})) // closed and not settled
	for _, owner := range []id.ID{s.psp, participant} {
		k.limit(payment.Limits{Owner: owner, NetDebit: 5})
	}
	ours := func() (out []id.ID) {
		for _, owner := range ask(k.Recount(k.ctx)).get(k) {
			if owner == s.psp || owner == participant {
				out = append(out, owner)
			}
		}
		return out
	}
	equal(k, len(ours()), 0)
	for _, step := range []money.Amount{-3, 7} {
		k.must(k.move(store.Delta{Account: ledger.Of(participant, ledger.Position), Amount: step}))
		equal(k, fmt.Sprint(ours()), fmt.Sprint([]id.ID{participant}))
		equal(k, k.balance(ledger.Of(participant, ledger.Position)), -owed-40)
	}
	equal(k, len(ours()), 0)
	k.limit(payment.Limits{Owner: participant})
	k.must(k.move(store.Delta{Account: ledger.Of(participant, ledger.Position), Amount: -3}))
	equal(k, len(ours()), 0) // nobody reads it
}

func limitsOver(k *kit) {
	s, participant := k.member()
	now := k.now()
	today, owed := k.history(s, now)
	raise := func(f payment.Fact, by money.Amount) {
		f.ID, f.PSP, f.At = k.newID(id.Event, s.psp.Bucket()), s.psp, now
		c := store.Changes{Facts: []payment.Fact{f}}
		for _, owner := range []id.ID{s.psp, participant} {
			c.Deltas = append(c.Deltas, store.Delta{Account: ledger.Of(owner, ledger.Position), Amount: -by})
		}
		k.save(c)
	}
	over := func(owner id.ID, position, day money.Amount) {
		k.t.Helper()
		l := ask(k.Limits(k.ctx, owner)).get(k)
		equal(k, [2]money.Amount{l.NetDebitOver, l.DailyOver}, [2]money.Amount{position, day})
	}
	k.limit(payment.Limits{Owner: s.psp, Daily: today - 10, NetDebit: owed - 30})
	k.limit(payment.Limits{Owner: participant, NetDebit: owed + 50})
	over(s.psp, 30, 10)
	over(participant, 0, 0)
	raise(payment.Fact{Type: payment.BooksWereCorrected, Amount: 60}, 60)
	over(s.psp, 90, 10)
	over(participant, 10, 0)
	raise(payment.Fact{Type: payment.PositionWasReleased, Amount: 100}, -100) // that lowers them
	over(s.psp, 90, 10)
	raise(payment.Fact{Type: payment.PositionWasReleased, Amount: -5}, 5) // still below what was noted for one, and below the cap of the other
	over(s.psp, 0, 10)
	over(participant, 0, 0)
	k.must(k.move(store.Delta{Account: ledger.Of(participant, ledger.Position), Amount: -200})) // passed by a mistake
	raise(payment.Fact{Type: payment.BooksWereCorrected, Amount: 7}, 7)
	over(participant, 7, 0)
	k.limit(payment.Limits{Owner: s.psp, Daily: today + 1, NetDebit: owed})
	over(s.psp, 0, 0)
}

func limitsWait(k *kit) {
	s, r := k.newRequest(payment.Static)
	tx := k.begin()
	k.claimIn(tx)
	equal(k, len(ask(tx.Load(k.ctx, []store.Need{{Request: r.ID}}, nil)).get(k).Caps.Limits), 0)
	set := make(chan answer[bool], 1)
	go func() { set <- ask(true, k.SetLimits(k.ctx, payment.Limits{Owner: s.merchant, Daily: 1})) }()
	pending(k, set)
	tx.Rollback()
	equal(k, (<-set).get(k), true)
	equal(k, len(k.load(store.Need{Request: r.ID}).Caps.Limits), 1)
}

func limitsTogether(k *kit) {
	s := k.newShop()
	owners := make([]id.ID, crowd)
	for n := range owners {
		owners[n] = k.newID(id.PSP, uint16(n))
	}
	k.together(func(n int) error {
		for _, l := range []payment.Limits{{Owner: owners[n], Daily: 5}, {Owner: s.psp, Daily: money.Amount(n + 1), NetDebit: 9}} {
			err := store.ErrRetry
			for err != nil {
				if err = k.SetLimits(k.ctx, l); err != nil && k.ctx.Err() != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, owner := range owners {
		equal(k, ask(k.Limits(k.ctx, owner)).get(k).Daily, 5)
	}
	equal(k, ask(k.Limits(k.ctx, s.psp)).get(k).NetDebit, 9)
}
