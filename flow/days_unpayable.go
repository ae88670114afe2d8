package flow

import (
	"context"

	"tolom/id"
	"tolom/money"
	"tolom/store"
)

// Unpayable gives merchants that are owed money which no payout can carry, because nobody has said to which account of which
// bank it is to go: those after an id, by id. Their money stays on their balances and is in the first payout afterwards.
func (b *BusinessDays) Unpayable(ctx context.Context, after id.ID, limit int) ([]store.Unpayable, error) {
	out, err := b.kept.Unpayable(ctx, after, limit)
	return out, missing(err)
}

// UnpayableSum says how many merchants these are, and what they are owed together.
func (b *BusinessDays) UnpayableSum(ctx context.Context) (count int, owed money.Amount, err error) {
	count, owed, err = b.kept.UnpayableSum(ctx)
	return count, owed, missing(err)
}

// WithoutAccount says that nothing can be paid out to a merchant.
func WithoutAccount(m store.Merchant) bool { return m.BankAccount == "" || m.Participant == "" }
