package invariant

import (
	"slices"

	"tolom/books"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// factsOf takes a page of facts, (after, end], with the entries of these.
func (a *audit) factsOf(after, end id.ID, facts []payment.Fact) error {
	entries, err := a.archive.EntriesOf(a.ctx, after, end)
	if err != nil {
		return err
	}
	for i := range facts {
		a.tell(&facts[i])
		for len(entries) > 0 && entries[0].Fact < facts[i].ID {
			entries = a.stray(entries)
		}
		entries = a.moved(&facts[i], entries)
	}
	for len(entries) > 0 {
		entries = a.stray(entries)
	}
	return nil
}

// moved compares the entries of a fact, which come first, with what its kind moves.
func (a *audit) moved(f *payment.Fact, entries []store.Entry) (rest []store.Entry) {
	var got ledger.Transfer
	for ; len(entries) > 0 && entries[0].Fact == f.ID; entries = entries[1:] {
		e := entries[0]
		if e.Leg != len(got) || !e.At.Equal(f.At) {
			a.broken(Books, string(f.ID), "its entry %d has the number %d and the time %v", len(got), e.Leg, e.At)
		}
		got = append(got, e.Entry)
		a.add(e.Entry)
		if paymentFacts[f.Type] {
			a.positions.moved(e.Entry)
		}
	}
	a.report.look(Books, 1)
	if want := books.Transfer(*f); !slices.Equal(got, want) {
		a.broken(Books, string(f.ID), "%s of %d tyiyn moved %v instead of %v", f.Type, f.Amount, got, want)
	}
	return entries
}

// stray reports an entry without a fact. It moved money all the same.
func (a *audit) stray(entries []store.Entry) (rest []store.Entry) {
	a.broken(Books, string(entries[0].Fact), "an entry moves %d tyiyn for a fact that is not there", entries[0].Amount)
	a.add(entries[0].Entry)
	return entries[1:]
}

func (a *audit) add(e ledger.Entry) {
	a.report.Entries++
	a.sums[e.Debit] -= e.Amount
	a.sums[e.Credit] += e.Amount
}

// checkBalances compares the stored balances with the fold of all entries.
func (a *audit) checkBalances() error {
	stored, counters, total := map[ledger.Account]money.Amount{}, map[ledger.Account]money.Amount{}, money.Amount(0)
	rows := stream[store.BalanceRow]{page: func(after store.BalanceRow) ([]store.BalanceRow, error) {
		return a.archive.BalancePage(a.ctx, after, pageSize)
	}}
	err := rows.all(func(b *store.BalanceRow) {
		if b.Account.Purpose().Memo() {
			counters[b.Account] += b.Amount // they stand outside of double entry
		} else {
			stored[b.Account] += b.Amount
			total += b.Amount
		}
		a.report.look(Balances, 1)
		a.report.look(Conserved, 1)
		if b.Account.Purpose().Guarded() && b.Slice != 0 && b.Amount != 0 {
			a.broken(Balances, b.Account.Code, "it is guarded and has %d tyiyn in slice %d", b.Amount, b.Slice)
		}
	})
	if err != nil {
		return err
	}
	a.checkLimits(counters)
	if total != 0 {
		a.broken(Conserved, "all accounts", "they sum to %d tyiyn", total)
	}
	for account, sum := range a.sums {
		if stored[account] != sum {
			a.broken(Balances, account.Code, "the balance is %d tyiyn, its entries make %d", stored[account], sum)
		}
		delete(stored, account)
	}
	for account, amount := range stored {
		if amount != 0 {
			a.broken(Balances, account.Code, "the balance is %d tyiyn and there is no entry", amount)
		}
	}
	return nil
}
