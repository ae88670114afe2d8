package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store/internal/db"
)

type limits = payment.Limits

var limitTable = db.NewTable("spending_limit",
	db.String("id", func(l *limits) *string { return (*string)(&l.Owner) }),
	db.Derived("bucket", func(l *limits) int64 { return int64(l.Owner.Bucket()) }),
	db.Int64("least", func(l *limits) *int64 { return (*int64)(&l.Least) }),
	db.Int64("most", func(l *limits) *int64 { return (*int64)(&l.Most) }),
	db.Int64("daily", func(l *limits) *int64 { return (*int64)(&l.Daily) }),
	db.Int64("net_debit", func(l *limits) *int64 { return (*int64)(&l.NetDebit) }),
	db.Time("counted_from", func(l *limits) *time.Time { return &l.CountedFrom }),
	db.Time("set_at", func(l *limits) *time.Time { return &l.SetAt }),
	db.Int64("net_debit_over", func(l *limits) *int64 { return (*int64)(&l.NetDebitOver) }),
	db.Int64("daily_over", func(l *limits) *int64 { return (*int64)(&l.DailyOver) }),
	db.Time("over_at", func(l *limits) *time.Time { return &l.OverAt }),
)

// Limits gives the limits of an owner.
func (s *sqlStore) Limits(ctx context.Context, owner id.ID) (payment.Limits, error) {
	return limitsOf(ctx, s.d, owner)
}

func limitsOf(ctx context.Context, q db.Querier, owner id.ID) (limits, error) {
	rows, err := limitTable.Find(ctx, q, "WHERE t.id = $1 AND t.bucket = $2", string(owner), int64(owner.Bucket()))
	if err != nil || len(rows) == 0 {
		return limits{Owner: owner}, err
	}
	return rows[0], nil
}

// capFind finds the limits of owners, and for PSPs those of their participants.
var capFind = "SELECT " + limitTable.Columns() + ", '' FROM spending_limit AS t WHERE t.id = ANY($1)" +
	" UNION ALL SELECT " + limitTable.Columns() + ", p.id FROM psp AS p JOIN spending_limit AS t ON t.id = p.participant WHERE p.id = ANY($2)"

// askCaps reads the limits inside the transaction that must keep them. They
// cannot change before it ends: see SetLimits.
func askCaps(caps *payment.Caps, owners []id.ID) []db.Question {
	if len(owners) == 0 {
		return nil
	}
	if caps.Limits == nil {
		*caps = payment.Caps{Limits: map[id.ID]limits{}, Participants: map[id.ID]id.ID{}}
	}
	var psp string
	reader := limitTable.Reader(&psp)
	names := texts(owners)
	return []db.Question{{Text: capFind, Args: []any{names, names}, Each: func(scan db.Scan) error {
		l, err := reader.Row(scan)
		caps.Limits[l.Owner] = l
		if psp != "" {
			caps.Participants[id.ID(psp)] = l.Owner
		}
		return err
	}}}
}

// The fence of limits: every transaction of the engine begins with a row of
// batch and so holds a lock on that table that this one conflicts with. Who has
// it knows that no other transaction is open, and that whichever comes next
// reads what was committed under it. It costs payments nothing.
const fence = "LOCK TABLE batch IN SHARE ROW EXCLUSIVE MODE"

// fenced runs a transaction behind the fence. Others are held up by the fence, so
// what must be waited for is waited for before it.
func (s *sqlStore) fenced(ctx context.Context, before func(tx db.Tx) error, do func(tx db.Tx, now time.Time) error) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		if err := before(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, fence); err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		return do(tx, now)
	})
}

// SetLimits gives an owner its limits, for every transaction that begins after.
// To sum a day may take seconds for an owner with millions of payments, so most
// of it is summed before the fence goes up a second time.
func (s *sqlStore) SetLimits(ctx context.Context, l payment.Limits) error {
	return s.setLimits(ctx, l, nothing, nothing)
}

// nothing is what SetLimits does beside.
func nothing(db.Tx) error { return nil }

// setLimits does something else in the same commit: before it waits for all others to end, and while nobody else writes.
func (s *sqlStore) setLimits(ctx context.Context, l payment.Limits, before, also func(tx db.Tx) error) error {
	past, err := s.sumPast(ctx, l)
	if err != nil {
		return fmt.Errorf("store: set limits of %s: %w", l.Owner, err)
	}
	err = s.fenced(ctx, before, func(tx db.Tx, now time.Time) error {
		if err := also(tx); err != nil {
			return err
		}
		old, err := limitsOf(ctx, tx, l.Owner)
		if err != nil {
			return err
		}
		if l.NetDebit > 0 && old.NetDebit == 0 {
			if err := openPosition(ctx, tx, l.Owner); err != nil {
				return err
			}
		}
		l.CountedFrom = old.CountedFrom
		if l.Daily > 0 && old.Daily == 0 {
			l.CountedFrom, _ = payment.DayBounds(now)
			if err := openDay(ctx, tx, l.Owner, now, past); err != nil {
				return err
			}
		}
		if l, err = noted(ctx, tx, l, now); err != nil {
			return err
		}
		if err := putLimits(ctx, tx, l); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("store: set limits of %s: %w", l.Owner, err)
	}
	return nil
}

// putLimits writes the row, or removes it when nothing is bounded.
func putLimits(ctx context.Context, tx db.Tx, l limits) error {
	if l.None() {
		_, err := tx.Exec(ctx, "DELETE FROM spending_limit WHERE id = $1 AND bucket = $2", string(l.Owner), int64(l.Owner.Bucket()))
		return err
	}
	step, err := limitTable.Put([]limits{l})
	if err != nil {
		return err
	}
	return tx.Run(ctx, step)
}

// pastSum is the part of a day's sum that can no longer change.
type pastSum struct {
	day   string
	until string // the id before which payments are in the sum
	used  money.Amount
}

// sumPast sums the payments of the day whose time is over, so that none of them
// can succeed any more. The fence is up for a moment only, so that none is being
// executed by a transaction that saw an earlier clock.
func (s *sqlStore) sumPast(ctx context.Context, l limits) (past pastSum, err error) {
	if l.Daily == 0 {
		return past, nil
	}
	if old, err := limitsOf(ctx, s.d, l.Owner); err != nil || old.Daily > 0 {
		return past, err
	}
	var now time.Time
	if err := s.fenced(ctx, nothing, func(_ db.Tx, at time.Time) error { now = at; return nil }); err != nil {
		return past, err
	}
	past.day, past.until = payment.DayOf(now), floorID(id.Payment, now.Add(-payment.ExecuteWithin))
	past.used, err = sumDay(ctx, s.d, l.Owner, now, "", past.until, "= 50")
	return past, err
}

// openDay makes the counter of the current day true.
func openDay(ctx context.Context, tx db.Tx, owner id.ID, now time.Time, past pastSum) error {
	day := payment.DayOf(now)
	if past.day != day {
		past = pastSum{} // the day has just begun
	}
	late, err := sumDay(ctx, tx, owner, now, past.until, "", "IN (10, 20, 50)")
	if err != nil {
		return err
	}
	overdue := money.Amount(0) // not yet ended, though their time is over
	if past.until != "" {
		if overdue, err = sumDay(ctx, tx, owner, now, "", past.until, "= 10"); err != nil {
			return err
		}
	}
	// Each sum is one that the database could add up, and a day's is far from the end of 64 bits.
	return setBalance(ctx, tx, ledger.OfDay(owner, day), -(past.used + overdue + late))
}

// openPosition makes the counter of a position true. Its caller has the fence.
func openPosition(ctx context.Context, tx db.Tx, owner id.ID) error {
	position, _, err := positionOf(ctx, tx, owner)
	if err != nil {
		return err
	}
	return setBalance(ctx, tx, ledger.Of(owner, ledger.Position), position)
}

// positionFind reads what is counted, what the clearing accounts say, which settlement will
// settle, and what is reserved: in one statement, so that all are of one moment.
// Payments that wait are few, and their table holds no others.
const positionFind = "SELECT CAST(coalesce((SELECT sum(t.amount) FROM balance AS t WHERE t.account = $1), 0) AS bigint)," +
	" CAST(coalesce((SELECT sum(t.amount) FROM balance AS t WHERE t.account = ANY($2)), 0) AS bigint)," +
	" CAST(coalesce(sum(live.amount + live.surcharge), 0) AS bigint) FROM live WHERE live.psp = ANY($3)"

// positionOf gives what a position is, below zero, and what its counter says.
func positionOf(ctx context.Context, q db.Querier, owner id.ID) (position, counted money.Amount, err error) {
	_, names, err := payersOf(ctx, q, owner)
	if err != nil {
		return 0, 0, err
	}
	accounts := make([]string, 0, 2*len(names))
	for _, name := range names {
		accounts = append(accounts, ledger.Of(id.ID(name), ledger.Clearing).Code, ledger.Of(id.ID(name), ledger.Unsettled).Code)
	}
	err = q.Query(ctx, positionFind, func(scan db.Scan) error {
		var used, cleared, reserved int64
		err := scan(&used, &cleared, &reserved)
		position, counted = money.Amount(cleared-reserved), money.Amount(used)
		return err
	}, ledger.Of(owner, ledger.Position).Code, accounts, names)
	return position, counted, err
}

// Recount sets counters of net debit caps right and gives the owners of those that were not.
func (s *sqlStore) Recount(ctx context.Context) (owners []id.ID, err error) {
	capped, err := s.capped(ctx)
	for _, l := range capped {
		position, counted, err := positionOf(ctx, s.d, l.Owner)
		if err != nil {
			return owners, err
		}
		if position == counted {
			continue
		}
		wrong := false
		err = s.fenced(ctx, nothing, func(tx db.Tx, _ time.Time) (err error) {
			wrong, err = recount(ctx, tx, l.Owner)
			return err
		})
		if err != nil {
			return owners, fmt.Errorf("store: recount the position of %s: %w", l.Owner, err)
		}
		if wrong {
			owners = append(owners, l.Owner)
		}
	}
	return owners, err
}

// capped gives the limits of those that can have a net debit cap, of which there are few, by owner.
func (s *sqlStore) capped(ctx context.Context) (out []limits, err error) {
	for _, kind := range []id.Kind{id.Participant, id.PSP} {
		rows, err := limitTable.Find(ctx, s.d, "WHERE t.id >= $1 AND t.id < $2 AND t.net_debit > 0 ORDER BY t.id", string(kind), string(kind)+"~")
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// recount looks once more, now that nobody else writes.
func recount(ctx context.Context, tx db.Tx, owner id.ID) (wrong bool, err error) {
	l, err := limitsOf(ctx, tx, owner)
	if err != nil || l.NetDebit == 0 {
		return false, err
	}
	position, counted, err := positionOf(ctx, tx, owner)
	if err != nil || position == counted {
		return false, err
	}
	return true, setBalance(ctx, tx, ledger.Of(owner, ledger.Position), position)
}

// payersOf gives the column and the names by which an owner's payments are
// found: a merchant's, a PSP's, or those of all PSPs of a participant.
func payersOf(ctx context.Context, q db.Querier, owner id.ID) (column string, names []string, err error) {
	switch owner.Kind() {
	case id.Merchant:
		return "merchant", []string{string(owner)}, nil
	case id.Participant:
		err = q.Query(ctx, "SELECT t.id FROM psp AS t WHERE t.participant = $1 ORDER BY t.id", func(scan db.Scan) error {
			var name string
			err := scan(&name)
			names = append(names, name)
			return err
		}, string(owner))
		return "psp", names, err
	}
	return "psp", []string{string(owner)}, nil
}

// sumDay sums an owner's payments of the day of a moment, of those whose ids lie
// in [from, to) and that have the status; empty ends are the day's own.
func sumDay(ctx context.Context, q db.Querier, owner id.ID, at time.Time, from, to, status string) (money.Amount, error) {
	column, names, err := payersOf(ctx, q, owner)
	if err != nil {
		return 0, err
	}
	begin, end := payment.DayBounds(at)
	from, to = max(from, floorID(id.Payment, begin)), least(to, ceilingID(id.Payment, end))
	n, err := number(ctx, q, "SELECT CAST(coalesce(sum(t.amount), 0) AS bigint) FROM payment AS t WHERE t."+column+" = ANY($1)"+
		" AND t.id >= $2 AND t.id < $3 AND t.created_at >= $4 AND t.created_at < $5 AND t.status "+status,
		names, from, to, db.Millis(begin), db.Millis(end))
	return money.Amount(n), err
}

// least gives the earlier of two ends, of which the first may be open.
func least(a, b string) string {
	if a == "" {
		return b
	}
	return min(a, b)
}

var balanceSet = db.Insertion("balance", "ON CONFLICT (account, bucket, slice) DO UPDATE SET amount = excluded.amount", balanceVectors(nil)...)

// setBalance writes what an account comes to, whatever it was.
func setBalance(ctx context.Context, tx db.Tx, a ledger.Account, amount money.Amount) error {
	return tx.Run(ctx, db.Step{Many: balanceSet, Rows: balanceVectors([]part{{slot{a, 0}, amount}}), Want: 1})
}
