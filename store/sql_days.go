package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tolom/id"
	"tolom/settlement"
	"tolom/store/internal/db"
)

type day = settlement.Day

// once is the bucket of what there is once for all shards.
func once[T any](*T) int64 { return 0 }

var dayTable = db.NewTable("day",
	db.String("id", func(d *day) *string { return &d.Date }),
	db.Derived("bucket", once[day]),
	db.Int64("number", func(d *day) *int64 { return &d.Number }),
	db.Int64("from_position", func(d *day) *int64 { return &d.From }),
	db.Int64("to_position", func(d *day) *int64 { return &d.To }),
	db.String("status", func(d *day) *string { return (*string)(&d.Status) }).Mutable(),
	db.Time("cut_at", func(d *day) *time.Time { return &d.CutAt }),
	db.Time("taken_at", func(d *day) *time.Time { return &d.TakenAt }),
	db.Time("closed_at", func(d *day) *time.Time { return &d.ClosedAt }).Mutable(),
	db.Int64("late", func(d *day) *int64 { return &d.Late }),
	db.String("message", func(d *day) *string { return &d.Message }).Mutable(),
	db.String("digest", func(d *day) *string { return &d.Digest }).Mutable(),
	db.Int("attempt", func(d *day) *int { return &d.Attempt }).Mutable(),
	db.Time("submitted_at", func(d *day) *time.Time { return &d.SubmittedAt }).Mutable(),
	db.Time("accepted_at", func(d *day) *time.Time { return &d.AcceptedAt }).Mutable(),
	db.Time("ended_at", func(d *day) *time.Time { return &d.EndedAt }).Mutable(),
	db.String("reason", func(d *day) *string { return &d.Reason }).Mutable(),
	db.String("stage", func(d *day) *string { return (*string)(&d.Stage) }).Mutable(),
	db.String("cursor_at", func(d *day) *string { return (*string)(&d.Cursor) }).Mutable(),
	db.Int64("version", func(d *day) *int64 { return &d.Version }),
)

// Folding gives the day that is going on.
func (s *sqlStore) Folding(ctx context.Context) (Folding, error) { return foldingOf(ctx, s.d) }

func foldingOf(ctx context.Context, q db.Querier) (Folding, error) {
	var rows []Folding
	err := q.Query(ctx, "SELECT t.number, t.position, t.cut_at, t.late, t.version FROM day_fold AS t WHERE t.id = '' AND t.bucket = 0", func(scan db.Scan) error {
		var f Folding
		var cut int64
		err := scan(&f.Number, &f.Position, &cut, &f.Late, &f.Version)
		f.CutAt = db.Moment(cut)
		rows = append(rows, f)
		return err
	})
	return one(rows, err)
}

// moveFolding changes the row of the day that is going on, unless somebody else has.
func moveFolding(ctx context.Context, tx db.Tx, from, to Folding) error {
	n, err := tx.Exec(ctx, "UPDATE day_fold SET number = $1, position = $2, cut_at = $3, late = $4, version = version + 1"+
		" WHERE id = '' AND bucket = 0 AND version = $5", to.Number, to.Position, db.Millis(to.CutAt), to.Late, from.Version)
	if err == nil && n == 0 {
		return fmt.Errorf("%w: another node has counted on", ErrRetry)
	}
	return err
}

// Fold adds totals to the day that is going on and moves its position.
func (s *sqlStore) Fold(ctx context.Context, from Folding, position, late int64, totals []settlement.Total) error {
	step, err := addToTotals(totals)
	if err != nil {
		return err
	}
	to := from
	to.Position, to.Late = position, from.Late+late
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		if err := moveFolding(ctx, tx, from, to); err != nil || len(totals) == 0 {
			return err
		}
		return tx.Run(ctx, step)
	})
}

// EndEarly has the day that is going on end now.
func (s *sqlStore) EndEarly(ctx context.Context, from Folding) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil || !from.CutAt.IsZero() {
			return err
		}
		to := from
		to.CutAt = now
		return moveFolding(ctx, tx, from, to)
	})
}

// Cut ends the day that is going on behind the fence: no transaction of the engine is
// open then, and each that comes reads a later clock.
func (s *sqlStore) Cut(ctx context.Context, from Folding, d settlement.Day, patience time.Duration) (settlement.Day, error) {
	err := db.Do(ctx, s.d, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, fence); err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		if err := mayCut(ctx, tx, from, d.CutAt, now, patience); err != nil {
			return err
		}
		if err := moveFolding(ctx, tx, from, Folding{Number: from.Number + 1, Position: from.Position}); err != nil {
			return err
		}
		before, err := number(ctx, tx, "SELECT t.to_position FROM day AS t WHERE t.number = $1 AND t.bucket = 0", from.Number-1)
		if err != nil {
			return err
		}
		d.Number, d.From, d.To, d.TakenAt, d.Late = from.Number, before, from.Position, now, from.Late
		step, err := dayTable.Insert([]day{d})
		if err != nil {
			return err
		}
		return tx.Run(ctx, step)
	})
	if errors.Is(err, ErrTaken) {
		err = fmt.Errorf("%w: another node has ended the day: %w", ErrRetry, err)
	}
	return d, err
}

// mayCut says whether everything from before the end is counted.
func mayCut(ctx context.Context, tx db.Tx, from Folding, cut, now time.Time, patience time.Duration) error {
	if now.Before(cut) {
		return fmt.Errorf("%w: it ends at %v", ErrEarly, cut)
	}
	waiting, err := number(ctx, tx, "SELECT 1 FROM batch AS t WHERE t.position IS NULL AND t.facts > 0 AND t.happened_at < $1 LIMIT 1", db.Millis(cut))
	if err != nil {
		return err
	}
	if waiting > 0 && now.Before(cut.Add(patience)) {
		return fmt.Errorf("%w: facts wait for their numbers", ErrEarly)
	}
	next, err := number(ctx, tx, "SELECT f.happened_at FROM feed AS f WHERE f.position = $1", from.Position+1)
	if err == nil && next > 0 && next < db.Millis(cut) {
		return fmt.Errorf("%w: facts after position %d are not counted", ErrEarly, from.Position)
	}
	return err
}

// Day gives a day that was cut.
func (s *sqlStore) Day(ctx context.Context, date string) (settlement.Day, error) {
	return one(dayTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = 0", date))
}

// DayNumbered gives a day by its number.
func (s *sqlStore) DayNumbered(ctx context.Context, number int64) (settlement.Day, error) {
	return one(dayTable.Find(ctx, s.d, "WHERE t.number = $1 AND t.bucket = 0", number))
}

// Days lists days, newest first.
func (s *sqlStore) Days(ctx context.Context, before string, limit int) ([]settlement.Day, error) {
	var c filter
	c.where("t.id < $", cmp.Or(before, "~"))
	tail, args := c.tail("t.id DESC", limit)
	return dayTable.Find(ctx, s.d, tail, args...)
}

// Unfinished gives the oldest day of which something is to be written down.
func (s *sqlStore) Unfinished(ctx context.Context) (settlement.Day, error) {
	return one(dayTable.Find(ctx, s.d, "WHERE t.stage <> '' ORDER BY t.number LIMIT 1"))
}

// PutDay writes a day with what belongs to it.
func (s *sqlStore) PutDay(ctx context.Context, d settlement.Day, w DayRows) error {
	steps, err := w.steps()
	if err != nil {
		return err
	}
	change, err := dayTable.Update([]day{d}, fmt.Errorf("%w: another node has written the day", ErrRetry))
	if err != nil {
		return err
	}
	return db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, append([]db.Step{change}, steps...)...) })
}

func (w DayRows) steps() (steps []db.Step, err error) {
	add := func(rows int, make func() (db.Step, error)) {
		if rows == 0 || err != nil {
			return
		}
		var step db.Step
		step, err = make()
		steps = append(steps, step)
	}
	add(len(w.Openings), func() (db.Step, error) { return addToTotals(w.Openings) })
	add(len(w.Gathered), func() (db.Step, error) { return gatherTotals(w.Gathered) })
	add(len(w.Positions), func() (db.Step, error) { return positionTable.Insert(w.Positions) })
	return steps, err
}

type holiday = settlement.Holiday

var holidayTable = db.NewTable("holiday",
	db.String("id", func(h *holiday) *string { return &h.Date }),
	db.Derived("bucket", once[holiday]),
	db.String("name", func(h *holiday) *string { return &h.Name }),
	db.Bool("banking", func(h *holiday) *bool { return &h.Banking }),
)

// Holidays lists the calendar's exceptions.
func (s *sqlStore) Holidays(ctx context.Context) ([]settlement.Holiday, error) {
	return holidayTable.Find(ctx, s.d, "ORDER BY t.id")
}

// PutHoliday writes one.
func (s *sqlStore) PutHoliday(ctx context.Context, h settlement.Holiday) error {
	step, err := holidayTable.Put([]holiday{h})
	if err != nil {
		return err
	}
	return db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, step) })
}

// DropHoliday takes one out.
func (s *sqlStore) DropHoliday(ctx context.Context, date string) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM holiday WHERE id = $1 AND bucket = 0", date)
		return err
	})
}

// Positions gives those of a closed day.
func (s *sqlStore) Positions(ctx context.Context, date string) ([]settlement.Position, error) {
	return positionTable.Find(ctx, s.d, "WHERE t.day = $1 ORDER BY t.participant", date)
}

// Totals gives a day's totals of owners of one kind.
func (s *sqlStore) Totals(ctx context.Context, number int64, kind id.Kind, after id.ID, limit int) ([]settlement.Total, error) {
	return totalTable.Find(ctx, s.d, "WHERE t.day = $1 AND t.owner > $2 AND t.owner < $3 ORDER BY t.owner LIMIT $4",
		number, max(string(kind), string(after)), string(kind)+"~", int64(limit))
}

// Total gives those of one owner.
func (s *sqlStore) Total(ctx context.Context, number int64, owner id.ID) (settlement.Total, error) {
	t, err := one(totalTable.Find(ctx, s.d, "WHERE t.day = $1 AND t.owner = $2 AND t.bucket = $3", number, string(owner), int64(owner.Bucket())))
	if errors.Is(err, ErrNotFound) {
		return settlement.Total{Day: number, Owner: owner}, nil
	}
	return t, err
}

// TotalsOf gives a day's totals of some owners.
func (s *sqlStore) TotalsOf(ctx context.Context, number int64, owners []id.ID) ([]settlement.Total, error) {
	return totalTable.Find(ctx, s.d, "WHERE t.day = $1 AND t.owner = ANY($2)", number, texts(owners))
}
