package store

import (
	"context"
	"math"

	"tolom/id"
	"tolom/money"
	"tolom/store/internal/db"
)

// ofUnpayable joins merchants without an account with what they are owed. An index holds the former alone; what a merchant is
// owed is one row, for it has a floor.
const ofUnpayable = " FROM merchant AS m JOIN balance AS b ON b.account = m.id || ':payable' AND b.bucket = m.bucket AND b.slice = 0" +
	" WHERE (m.bank_account = '' OR m.participant = '') AND b.amount > 0 AND m.id > $1 ORDER BY m.id LIMIT $2"

// Unpayable gives merchants whose money waits for an account.
func (s *sqlStore) Unpayable(ctx context.Context, after id.ID, limit int) (out []Unpayable, err error) {
	err = s.d.Query(ctx, "SELECT m.id, m.name, m.participant, b.amount"+ofUnpayable, func(scan db.Scan) error {
		var merchant, name, participant string
		var owed int64
		err := scan(&merchant, &name, &participant, &owed)
		out = append(out, Unpayable{Merchant: id.ID(merchant), Name: name, Participant: id.ID(participant), Owed: money.Amount(owed)})
		return err
	}, string(after), int64(limit))
	return out, err
}

// UnpayableSum counts them and adds up what they are owed.
func (s *sqlStore) UnpayableSum(ctx context.Context) (count int, owed money.Amount, err error) {
	err = s.d.Query(ctx, "SELECT count(*), CAST(coalesce(sum(u.amount), 0) AS bigint) FROM (SELECT b.amount"+ofUnpayable+") AS u", func(scan db.Scan) error {
		var n, sum int64
		err := scan(&n, &sum)
		count, owed = int(n), money.Amount(sum)
		return err
	}, "", int64(math.MaxInt32)) // In the order of the list, whose index both databases then take.
	return count, owed, err
}
