package store

import (
	"cmp"
	"context"
	"slices"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
)

// Unpayable gives merchants whose money waits for an account.
func (m *Memory) Unpayable(ctx context.Context, after id.ID, limit int) ([]Unpayable, error) {
	return read(ctx, m, func(t *tables) ([]Unpayable, error) {
		all, err := t.unpayable()
		all = slices.DeleteFunc(all, func(u Unpayable) bool { return u.Merchant <= after })
		return all[:min(len(all), limit)], err
	})
}

// UnpayableSum counts them and adds up what they are owed.
func (m *Memory) UnpayableSum(ctx context.Context) (count int, owed money.Amount, err error) {
	all, err := read(ctx, m, (*tables).unpayable)
	for _, u := range all {
		if owed, err = money.Add(owed, u.Owed); err != nil {
			return 0, 0, err
		}
	}
	return len(all), owed, err
}

func (t *tables) unpayable() (out []Unpayable, err error) {
	for _, m := range t.desk.merchants.rows {
		if m.BankAccount != "" && m.Participant != "" {
			continue
		}
		owed, err := t.balance(ledger.Of(m.ID, ledger.Payable))
		if err != nil {
			return nil, err
		}
		if owed > 0 {
			out = append(out, Unpayable{Merchant: m.ID, Name: m.Name, Participant: m.Participant, Owed: owed})
		}
	}
	slices.SortFunc(out, func(a, b Unpayable) int { return cmp.Compare(a.Merchant, b.Merchant) })
	return out, nil
}
