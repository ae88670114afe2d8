package storetest

import (
	"errors"
	"slices"
	"sync"

	"tolom/fault"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var races = chapter{name: "Races", sentences: []sentence{
	{"Of sixteen who want a name exactly one takes it, and all see whose it is", raceName},
	{"A name that its taker drops goes to another who waited", raceDropped},
	{"Those who take the same names in opposite orders all finish", raceOrder},
	{"Those who lock the same requests and balances in opposite orders all finish", raceLocks},
	{"Sixteen refunds of one payment never give back more than was paid", raceRefunds},
	{"Two executes of one payment are one success", raceExecute},
	{"Of sixteen payments of a dynamic request exactly one succeeds", raceDynamic},
	{"Sixteen payments of a static request all count", raceStatic},
	{"Adders to one striped and one guarded balance lose nothing", raceAdders},
	{"A floor is never passed, however many draw at once", raceFloor},
}}

const crowd = 16

// together runs do sixteen times at once; none may fail.
func (k *kit) together(do func(n int) error) {
	k.t.Helper()
	errs := make([]error, crowd)
	var group sync.WaitGroup
	start := make(chan struct{})
	for n := range crowd {
		group.Go(func() {
			<-start
			errs[n] = do(n)
		})
	}
	close(start)
	group.Wait()
	k.must(errors.Join(errs...))
}

func raceName(k *kit) {
	wanted := k.claim("race")
	objects, taken := make([]id.ID, crowd), make([][]store.Claim, crowd)
	for n := range objects {
		objects[n] = k.newID(id.Payment, 1)
	}
	k.together(func(n int) error {
		mine := wanted
		mine.Object = objects[n]
		return k.transact([]store.Claim{mine}, func(_ store.Tx, _ store.Batch, t []store.Claim) error {
			taken[n] = t
			return nil
		})
	})
	winner, winners := ask(k.Claim(k.ctx, nameOf(wanted))).get(k).Object, 0
	for n := range crowd {
		if len(taken[n]) == 0 {
			winners++
			equal(k, objects[n], winner)
			continue
		}
		equal(k, idsOf(taken[n], func(c store.Claim) id.ID { return c.Object }), []id.ID{winner})
	}
	equal(k, winners, 1)
}

func raceDropped(k *kit) {
	c := k.claim("race")
	tx, batch := k.begin(), k.newBatch()
	ask(tx.Claim(k.ctx, batch, []store.Claim{c})).get(k)
	now := ask(tx.Load(k.ctx, nil, nil)).get(k).Now
	later := c
	later.Fingerprint = "another body"
	answers := k.second(later)
	pending(k, answers)
	k.must(tx.Save(k.ctx, store.Changes{Batch: batch, Now: now, Dropped: []store.Name{nameOf(c)}}))
	k.must(tx.Commit(k.ctx))
	equal(k, (<-answers).get(k), nil)
	equal(k, ask(k.Claim(k.ctx, nameOf(c))).get(k), later)
}

func raceOrder(k *kit) {
	var names []store.Claim
	for range 5 {
		names = append(names, k.claim("order"))
	}
	k.together(func(n int) error {
		mine := slices.Clone(names)
		if n%2 == 0 {
			slices.Reverse(mine)
		}
		return k.transact(mine, func(tx store.Tx, batch store.Batch, taken []store.Claim) error {
			return k.dropAll(tx, batch, mine, taken)
		})
	})
	for _, c := range names {
		k.gone(c)
	}
}

// dropAll gives back the names that were not taken before.
func (k *kit) dropAll(tx store.Tx, batch store.Batch, mine, taken []store.Claim) error {
	view, err := tx.Load(k.ctx, nil, nil)
	if err != nil {
		return err
	}
	c := store.Changes{Batch: batch, Now: view.Now}
	for _, name := range mine {
		if !slices.Contains(taken, name) {
			c.Dropped = append(c.Dropped, nameOf(name))
		}
	}
	return tx.Save(k.ctx, c)
}

func raceLocks(k *kit) {
	var needs []store.Need
	var accounts []ledger.Account
	for range 4 {
		_, r := k.newRequest(payment.Static)
		needs, accounts = append(needs, store.Need{Request: r.ID}), append(accounts, k.floored())
		k.must(k.move(store.Delta{Account: accounts[len(accounts)-1], Amount: 1000}))
	}
	k.together(func(n int) error {
		n1, a1 := slices.Clone(needs), slices.Clone(accounts)
		if n%2 == 0 {
			slices.Reverse(n1)
			slices.Reverse(a1)
		}
		return k.transact(nil, func(tx store.Tx, batch store.Batch, _ []store.Claim) error { return k.takeOne(tx, batch, n1, a1) })
	})
	for n := range needs {
		equal(k, ask(k.Request(k.ctx, needs[n].Request)).get(k).Version, crowd)
		equal(k, k.balance(accounts[n]), 1000-crowd)
	}
}

// takeOne locks requests and balances, saves the requests again and takes one
// tyiyn from each balance down to what it then is.
func (k *kit) takeOne(tx store.Tx, batch store.Batch, needs []store.Need, accounts []ledger.Account) error {
	view, err := tx.Load(k.ctx, needs, accounts)
	if err != nil {
		return err
	}
	c := store.Changes{Batch: batch, Now: view.Now}
	for _, n := range needs {
		c.Requests = append(c.Requests, view.States[n.Request].Request)
	}
	for _, a := range accounts {
		c.Deltas = append(c.Deltas, store.Delta{Account: a, Amount: -1, Guarded: true, Floor: view.Balances[a] - 1})
	}
	slices.SortFunc(c.Requests, func(a, b payment.Request) int { return compareIDs(a.ID, b.ID) })
	slices.SortFunc(c.Deltas, func(a, b store.Delta) int { return compareIDs(id.ID(a.Account.Code), id.ID(b.Account.Code)) })
	return tx.Save(k.ctx, c)
}

func raceRefunds(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.sale(s, r, 1000, epoch)
	refusals := make([]*fault.Error, crowd)
	k.together(func(n int) (err error) {
		refusals[n], err = k.tryDecide(decision{
			need:    store.Need{Request: r.ID, Payment: p.ID},
			command: payment.RequestRefund{Refund: k.refund(p, 150)}, at: epoch, slice: n,
		})
		return err
	})
	refused := 0
	for _, refusal := range refusals {
		if refusal != nil {
			refused++
			equal(k, refusal.Code, fault.RefundTooLarge)
		}
	}
	equal(k, refused, crowd-6)
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k).Refunding, money.Amount(900))
	equal(k, len(ask(k.Refunds(k.ctx, store.RefundFilter{Merchant: s.merchant, Limit: 100})).get(k)), 6)
	equal(k, k.balance(ledger.Of(s.merchant, ledger.Payable)), 100)
	equal(k, k.balance(ledger.Of(s.psp, ledger.Refunds)), 900)
}

func raceExecute(k *kit) {
	s, r := k.newRequest(payment.Dynamic)
	p := k.payment(s, r, r.Amount)
	k.decideAt(epoch, store.Need{Request: r.ID}, payment.Create{Payment: p})
	k.together(func(n int) error {
		refusal, err := k.tryDecide(decision{
			need:    store.Need{Request: r.ID, Payment: p.ID, Live: true},
			command: payment.Execute{Payment: p.ID, PSP: s.psp}, at: epoch, slice: n,
		})
		if refusal != nil {
			return refusal
		}
		return err
	})
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k).Status, payment.Succeeded)
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k).PaidAmount, r.Amount)
	equal(k, k.balance(ledger.Of(s.merchant, ledger.Payable)), r.Amount-p.Fee)
	equal(k, k.balance(ledger.Of(s.psp, ledger.Clearing)), -r.Amount)
	equal(k, k.balance(ledger.Of(s.psp, ledger.Interchange)), p.Interchange)
}

// created creates sixteen payments of the request, each of another payer.
func (k *kit) created(s shop, r payment.Request, amount money.Amount) (out []payment.Payment) {
	k.t.Helper()
	for range crowd {
		p := k.payment(s, r, amount)
		k.decideAt(epoch, store.Need{Request: r.ID}, payment.Create{Payment: p})
		out = append(out, p)
	}
	return out
}

func raceDynamic(k *kit) {
	s, r := k.newRequest(payment.Dynamic)
	all := k.created(s, r, r.Amount)
	refusals := make([]*fault.Error, crowd)
	k.together(func(n int) (err error) {
		refusals[n], err = k.tryDecide(decision{
			need:    store.Need{Request: r.ID, Payment: all[n].ID, Live: true},
			command: payment.Execute{Payment: all[n].ID, PSP: s.psp}, at: epoch, slice: n,
		})
		return err
	})
	winners := 0
	for _, p := range ask(k.PaymentsByID(k.ctx, idsOf(all, paymentID))).get(k) {
		if p.Status == payment.Succeeded {
			winners++
			continue
		}
		equal(k, p.Status, payment.Canceled)
		equal(k, p.Reason, payment.ReasonLostRace)
	}
	equal(k, winners, 1)
	equal(k, len(slices.DeleteFunc(refusals, func(e *fault.Error) bool { return e == nil })), crowd-1)
	equal(k, k.balance(ledger.Of(s.psp, ledger.Clearing)), -r.Amount)
}

func raceStatic(k *kit) {
	s, r := k.newRequest(payment.Static)
	all := k.created(s, r, 70)
	k.together(func(n int) error {
		_, err := k.tryDecide(decision{
			need:    store.Need{Request: r.ID, Payment: all[n].ID},
			command: payment.Execute{Payment: all[n].ID, PSP: s.psp}, at: epoch, slice: n,
		})
		return err
	})
	got := ask(k.Request(k.ctx, r.ID)).get(k)
	equal(k, got.PaidAmount, crowd*70)
	equal(k, got.PaymentsCount, crowd)
	equal(k, k.balance(ledger.Of(s.psp, ledger.Clearing)), -crowd*70)
}

func raceAdders(k *kit) {
	striped, guarded := k.free(), k.floored()
	k.together(func(n int) error {
		for range 5 {
			deltas := []store.Delta{
				{Account: guarded, Amount: money.Amount(n), Guarded: n%2 == 0},
				{Account: striped, Slice: n % 3, Amount: -money.Amount(n)},
			}
			if err := k.trySave(store.Changes{Deltas: deltas}); err != nil {
				return err
			}
		}
		return nil
	})
	equal(k, k.balance(guarded), 5*crowd*(crowd-1)/2)
	equal(k, k.balance(striped), -5*crowd*(crowd-1)/2)
}

func raceFloor(k *kit) {
	account, counter := k.floored(), k.free()
	k.must(k.move(store.Delta{Account: account, Amount: 1000}))
	drawn := make([]bool, crowd)
	k.together(func(n int) error {
		err := k.trySave(store.Changes{Deltas: []store.Delta{
			{Account: account, Amount: -150, Guarded: true, Floor: -200}, {Account: counter, Slice: n, Amount: 150},
		}})
		var guard *store.GuardError
		drawn[n] = err == nil
		if errors.As(err, &guard) {
			return nil
		}
		return err
	})
	equal(k, len(slices.DeleteFunc(drawn, func(yes bool) bool { return !yes })), 8)
	equal(k, k.balance(account), -200)
	equal(k, k.balance(counter), 1200)
}
