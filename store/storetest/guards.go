package storetest

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var guards = chapter{name: "Balances and floors", sentences: []sentence{
	{"An account that was never used stands at zero", balanceUnused},
	{"A balance is the sum of its slices", balanceStriped},
	{"A balance without a floor may be as low as it likes", balanceBelowZero},
	{"A floor is judged on the balance after the change", floorTable},
	{"An account with a floor may change without one", floorNotAsked},
	{"Exactly the guilty accounts are named, and nothing is kept", floorGuilty},
	{"A transaction that was refused cannot commit", floorThenCommit},
	{"A balance that does not fit 64 bits is refused, and nothing is kept", balanceOverflow},
}}

// move changes one balance.
func (k *kit) move(d store.Delta) error { return k.trySave(store.Changes{Deltas: []store.Delta{d}}) }

func balanceUnused(k *kit) {
	equal(k, k.balance(k.free()), 0)
	equal(k, k.balance(k.floored()), 0)
}

func balanceStriped(k *kit) {
	account, neighbour := k.free(), k.free()
	for slice := range store.Slices {
		k.save(store.Changes{Deltas: []store.Delta{
			{Account: account, Slice: slice, Amount: money.Amount(slice) * 10},
			{Account: neighbour, Slice: slice, Amount: -1},
		}})
	}
	k.must(k.move(store.Delta{Account: account, Slice: 7, Amount: -1300}))
	equal(k, k.balance(account), -100)
	equal(k, k.balance(neighbour), -16)
}

func balanceBelowZero(k *kit) {
	account := k.free()
	k.must(k.move(store.Delta{Account: account, Amount: -money.Max}))
	k.must(k.move(store.Delta{Account: account, Amount: -money.Max}))
	equal(k, k.balance(account), -2*money.Max)
}

func floorTable(k *kit) {
	for _, x := range []struct {
		before, change, floor money.Amount
		fits                  bool
	}{
		{before: 100, change: -100, floor: 0, fits: true},
		{before: 100, change: -101, floor: 0},
		{before: 0, change: 5, floor: 0, fits: true},
		{before: 0, change: -1, floor: 0},
		{before: 0, change: -1, floor: -1, fits: true},
		{before: 0, change: -2, floor: -1},
		{before: -50, change: -50, floor: -100, fits: true},
		{before: -50, change: 10, floor: -40, fits: true},
		{before: -50, change: 10, floor: -39},
		{before: 0, change: 4, floor: 5},
		{before: 0, change: 5, floor: 5, fits: true},
	} {
		account := k.floored()
		if x.before != 0 {
			k.must(k.move(store.Delta{Account: account, Amount: x.before}))
		}
		err := k.move(store.Delta{Account: account, Amount: x.change, Guarded: true, Floor: x.floor})
		after := x.before + x.change
		if !x.fits {
			k.guilty(err, account)
			after = x.before
		} else if err != nil {
			k.t.Fatalf("%+v: %v", x, err)
		}
		equal(k, k.balance(account), after)
	}
}

// guilty checks that an error names exactly these accounts.
func (k *kit) guilty(err error, accounts ...ledger.Account) {
	k.t.Helper()
	var guard *store.GuardError
	if !errors.As(err, &guard) {
		k.t.Fatalf("the error is %v, want a *GuardError", err)
	}
	byCode := func(a, b ledger.Account) int { return cmp.Compare(a.Code, b.Code) }
	equal(k, slices.SortedFunc(slices.Values(guard.Accounts), byCode), slices.SortedFunc(slices.Values(accounts), byCode))
}

func floorNotAsked(k *kit) {
	account := k.floored()
	k.must(k.move(store.Delta{Account: account, Amount: -10}))
	k.must(k.move(store.Delta{Account: account, Amount: -10}))
	k.guilty(k.move(store.Delta{Account: account, Amount: -1, Guarded: true, Floor: -20}), account)
	equal(k, k.balance(account), -20)
}

// mixed are changes in which two of four floors are passed.
func (k *kit) mixed() (c store.Changes, guilty []ledger.Account, others []ledger.Account) {
	s := k.newShop()
	r := k.request(s, payment.Static, 0)
	rich, poor, newcomer, credited, striped := k.floored(), k.floored(), k.floored(), k.floored(), k.free()
	k.must(k.move(store.Delta{Account: rich, Amount: 100}))
	k.must(k.move(store.Delta{Account: poor, Amount: 99}))
	fact := k.fact(s, r.ID)
	c = store.Changes{
		NewRequests: []payment.Request{r}, NewPayments: []payment.Payment{k.payment(s, r, 5)},
		Totals: []store.Total{{Request: r.ID, Amount: 5, Count: 1}}, Facts: []payment.Fact{fact},
		Entries: []store.Entry{{Fact: fact.ID, At: fact.At, Entry: ledger.Entry{Debit: rich, Credit: striped, Amount: 100}}},
		Deltas: []store.Delta{
			{Account: rich, Amount: -100, Guarded: true}, {Account: poor, Amount: -100, Guarded: true},
			{Account: newcomer, Amount: -1, Guarded: true}, {Account: credited, Amount: 1, Guarded: true},
			{Account: striped, Slice: 2, Amount: -100},
		},
	}
	slices.SortFunc(c.Deltas, func(a, b store.Delta) int { return cmp.Compare(a.Account.Code, b.Account.Code) })
	return c, []ledger.Account{poor, newcomer}, []ledger.Account{credited, striped}
}

func floorGuilty(k *kit) {
	c, guilty, others := k.mixed()
	k.guilty(k.trySave(c), guilty...)
	equal(k, k.balance(guilty[0]), 99)
	for _, account := range append(others, guilty[1]) {
		equal(k, k.balance(account), 0)
	}
	ask(k.Request(k.ctx, c.NewRequests[0].ID)).missing(k)
	ask(k.Payment(k.ctx, c.NewPayments[0].ID)).missing(k)
}

func floorThenCommit(k *kit) {
	c, guilty, _ := k.mixed()
	tx, batch, name := k.begin(), k.newBatch(), k.claim("order")
	ask(tx.Claim(k.ctx, batch, []store.Claim{name})).get(k)
	c.Batch, c.Now = batch, ask(tx.Load(k.ctx, nil, nil)).get(k).Now
	c.Facts[0].Batch = batch.ID
	k.guilty(tx.Save(k.ctx, c), guilty...)
	refused(k, tx.Commit(k.ctx))
	tx.Rollback()
	ask(k.Claim(k.ctx, nameOf(name))).missing(k)
	ask(k.Request(k.ctx, c.NewRequests[0].ID)).missing(k)
	equal(k, k.balance(guilty[0]), 99)
}

func balanceOverflow(k *kit) {
	account, other, neighbour := k.floored(), k.free(), k.free()
	k.must(k.move(store.Delta{Account: account, Amount: math.MaxInt64 - 1}))
	k.must(k.move(store.Delta{Account: other, Slice: 3, Amount: math.MinInt64 + 1}))
	for _, d := range []store.Delta{
		{Account: account, Amount: 2}, {Account: account, Amount: 2, Guarded: true}, {Account: other, Slice: 3, Amount: -2},
	} {
		refused(k, k.trySave(store.Changes{Deltas: []store.Delta{{Account: neighbour, Amount: 1}, d}}))
	}
	equal(k, k.balance(account), math.MaxInt64-1)
	equal(k, k.balance(other), math.MinInt64+1)
	equal(k, k.balance(neighbour), 0)
}
