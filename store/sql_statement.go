package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/store/internal/db"
)

// Statement reads what a merchant's statement is made of, all of the same
// moment. Payments come by the time of their success, refunds by the time they
// were asked for.
func (s *sqlStore) Statement(ctx context.Context, merchant id.ID, from, to time.Time) (rows StatementRows, err error) {
	payable := ledger.Of(merchant, ledger.Payable)
	err = s.d.Snapshot(ctx, func(q db.Querier) error {
		if rows.Balance, err = balanceOf(ctx, q, payable); err != nil {
			return err
		}
		if rows.Later, err = changedSince(ctx, q, payable, to); err != nil {
			return err
		}
		if rows.Payments, err = succeeded(ctx, q, merchant, from, to); err != nil {
			return err
		}
		if rows.Refunds, err = movedRefunds(ctx, q, merchant, from, to); err != nil {
			return err
		}
		rows.Payouts, err = movedPayouts(ctx, q, merchant, from, to)
		return err
	})
	if err != nil {
		return StatementRows{}, err
	}
	return rows, nil
}

// changedSince sums what entries at or after a moment changed of an account that
// is owed to a merchant; the LIKE names the index of those.
func changedSince(ctx context.Context, q db.Querier, a ledger.Account, moment time.Time) (money.Amount, error) {
	credited, err := number(ctx, q, sumOfEntries("credit"), a.Code, db.Millis(moment))
	if err != nil {
		return 0, err
	}
	debited, err := number(ctx, q, sumOfEntries("debit"), a.Code, db.Millis(moment))
	if err != nil {
		return 0, err
	}
	return money.Sub(money.Amount(credited), money.Amount(debited))
}

func sumOfEntries(side string) string {
	return "SELECT CAST(coalesce(sum(t.amount), 0) AS bigint) FROM entry AS t WHERE t." + side + " = $1 AND t." + side + " LIKE '%:payable' AND t.happened_at >= $2"
}

// succeeded reads payments by their ids: a payment ends within a minute or so
// after its creation, which its id tells.
func succeeded(ctx context.Context, q db.Querier, merchant id.ID, from, to time.Time) ([]pay, error) {
	var c filter
	c.where("t.merchant = $", string(merchant)).where("t.status = $", int64(50))
	c.ended(id.Payment, from, to)
	tail, args := c.all("t.ended_at, t.id")
	return paymentTable.Find(ctx, q, tail, args...)
}

// ended adds the bounds of the end, [from, to), zero for none, and those of ids.
func (f *filter) ended(k id.Kind, from, to time.Time) {
	if !from.IsZero() {
		f.where("t.ended_at >= $", db.Millis(from)).when("t.id >= $", floorID(k, from))
	}
	if !to.IsZero() {
		f.where("t.ended_at < $", db.Millis(to)).when("t.id < $", ceilingID(k, to))
	}
}

// movedRefunds reads the refunds that were asked for in a time, then those that
// ended in it, each by its index.
func movedRefunds(ctx context.Context, q db.Querier, merchant id.ID, from, to time.Time) ([]refund, error) {
	var asked, ended filter
	asked.where("t.merchant = $", string(merchant)).created(id.Refund, from, to)
	tail, args := asked.all("t.id")
	rows, err := refundTable.Find(ctx, q, tail, args...)
	if err != nil {
		return nil, err
	}
	ended.where("t.merchant = $ AND t.ended_at > 0", string(merchant))
	if !from.IsZero() {
		ended.where("t.ended_at >= $", db.Millis(from))
	}
	if !to.IsZero() {
		ended.where("t.ended_at < $", db.Millis(to))
	}
	tail, args = ended.all("t.id")
	more, err := refundTable.Find(ctx, q, tail, args...)
	rows = inOrderOfBirth(append(rows, more...))
	return rows, err
}

func inOrderOfBirth(rows []refund) []refund {
	slices.SortFunc(rows, func(a, b refund) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
	return slices.CompactFunc(rows, func(a, b refund) bool { return a.ID == b.ID })
}
