package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/report"
	"tolom/store/internal/db"
)

var reportTable = db.NewTable("report",
	db.String("id", func(r *Report) *string { return (*string)(&r.ID) }),
	db.Derived("bucket", func(r *Report) int64 { return int64(r.ID.Bucket()) }),
	db.String("owner", func(r *Report) *string { return (*string)(&r.Owner) }),
	db.String("origin", func(r *Report) *string { return &r.Origin }),
	db.JSON("params", func(r *Report) *report.Order { return &r.Order }, noOrder),
	db.String("store", func(r *Report) *string { return (*string)(&r.Order.Store) }),
	db.String("till", func(r *Report) *string { return (*string)(&r.Order.Till) }),
	db.Int64("position", func(r *Report) *int64 { return &r.Position }),
	db.String("status", func(r *Report) *string { return (*string)(&r.Status) }),
	db.Int64("done", func(r *Report) *int64 { return &r.Done }),
	db.Int64("total", func(r *Report) *int64 { return &r.Total }),
	db.Int64("size", func(r *Report) *int64 { return &r.Size }),
	db.Int("chunks", func(r *Report) *int { return &r.Chunks }),
	db.String("digest", func(r *Report) *string { return &r.Digest }),
	db.String("reason", func(r *Report) *string { return &r.Reason }),
	db.String("holder", func(r *Report) *string { return &r.Holder }),
	db.Time("held_until", func(r *Report) *time.Time { return &r.HeldUntil }),
	db.Int("attempts", func(r *Report) *int { return &r.Attempts }),
	db.Time("created_at", func(r *Report) *time.Time { return &r.CreatedAt }),
	db.Time("ended_at", func(r *Report) *time.Time { return &r.EndedAt }),
	db.Time("told_at", func(r *Report) *time.Time { return &r.ToldAt }),
)

var scheduleTable = db.NewTable("report_schedule",
	db.String("id", func(s *ReportSchedule) *string { return (*string)(&s.ID) }),
	db.Derived("bucket", func(s *ReportSchedule) int64 { return int64(s.ID.Bucket()) }),
	db.String("owner", func(s *ReportSchedule) *string { return (*string)(&s.Owner) }),
	db.JSON("params", func(s *ReportSchedule) *report.Order { return &s.Order }, noOrder),
	db.String("store", func(s *ReportSchedule) *string { return (*string)(&s.Order.Store) }),
	db.String("till", func(s *ReportSchedule) *string { return (*string)(&s.Order.Till) }),
	db.String("every", func(s *ReportSchedule) *string { return &s.Every }),
	db.Time("next_at", func(s *ReportSchedule) *time.Time { return &s.NextAt }),
	db.Time("created_at", func(s *ReportSchedule) *time.Time { return &s.CreatedAt }),
	db.Time("ended_at", func(s *ReportSchedule) *time.Time { return &s.EndedAt }),
)

func noOrder(o report.Order) bool { return o == report.Order{} }

var reportShape = func() []db.Vector {
	rows, err := reportTable.Rows(nil)
	if err != nil {
		return nil // No row is no error.
	}
	return rows
}()

var reportInsert = db.Insertion("report", "ON CONFLICT (owner, origin, bucket) DO NOTHING", reportShape...)

// OrderReport adds a report. Reports of one owner are ordered one after another: the count would be passed otherwise.
func (s *sqlStore) OrderReport(ctx context.Context, r Report, most int) (kept Report, err error) {
	rows, err := reportTable.Rows([]Report{r})
	if err != nil {
		return r, err
	}
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		same, err := reportTable.Find(ctx, tx, "WHERE t.owner = $1 AND t.origin = $2 AND t.bucket = $3", string(r.Owner), r.Origin, int64(r.ID.Bucket()))
		if err != nil || len(same) > 0 {
			return err
		}
		waiting, err := number(ctx, tx, "SELECT count(*) FROM report AS t WHERE t.owner = $1 AND t.status IN ('queued', 'running')", string(r.Owner))
		if err != nil {
			return err
		}
		if waiting >= int64(most) {
			return ErrTaken
		}
		return tx.Run(ctx, db.Step{Many: reportInsert, Rows: rows, Want: -1})
	})
	if err != nil {
		return r, fmt.Errorf("store: order a report: %w", err)
	}
	return one(reportTable.Find(ctx, s.d, "WHERE t.owner = $1 AND t.origin = $2 AND t.bucket = $3", string(r.Owner), r.Origin, int64(r.ID.Bucket())))
}

// Report gives a report.
func (s *sqlStore) Report(ctx context.Context, name id.ID) (Report, error) {
	return one(reportTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// ReportsOf lists an owner's reports, newest first.
func (s *sqlStore) ReportsOf(ctx context.Context, owner, before id.ID, limit int) ([]Report, error) {
	var c filter
	c.where("t.owner = $", string(owner)).when("t.id < $", string(before))
	tail, args := c.tail("t.id DESC", limit)
	return reportTable.Find(ctx, s.d, tail, args...)
}

// TakeReport gives the caller the next report. Two nodes that ask at once get two.
func (s *sqlStore) TakeReport(ctx context.Context, holder string, now, until time.Time) (taken Report, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		if taken, err = one(reportTable.Find(ctx, tx, "WHERE t.status IN ('queued', 'running') AND t.held_until <= $1 ORDER BY t.held_until, t.id LIMIT 1 FOR UPDATE SKIP LOCKED", db.Millis(now))); err != nil {
			return err
		}
		taken.Status, taken.Holder, taken.HeldUntil, taken.Done = ReportRunning, holder, whole(until), 0
		taken.Attempts++
		if _, err := tx.Exec(ctx, "DELETE FROM report_chunk WHERE report = $1 AND bucket = $2", string(taken.ID), int64(taken.ID.Bucket())); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE report SET status = 'running', holder = $1, held_until = $2, done = 0, attempts = $3 WHERE id = $4 AND bucket = $5",
			holder, db.Millis(until), int64(taken.Attempts), string(taken.ID), int64(taken.ID.Bucket()))
		return err
	})
	return taken, err
}

// KeepReport notes how far a report is.
func (s *sqlStore) KeepReport(ctx context.Context, r Report, number int, chunk []byte) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE report SET done = $1, total = $2, held_until = $3 WHERE id = $4 AND bucket = $5 AND status = 'running' AND holder = $6 AND attempts = $7",
			r.Done, r.Total, db.Millis(r.HeldUntil), string(r.ID), int64(r.ID.Bucket()), r.Holder, int64(r.Attempts))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrStale
		}
		if len(chunk) == 0 {
			return nil
		}
		_, err = tx.Exec(ctx, "INSERT INTO report_chunk (report, bucket, number, data) VALUES ($1, $2, $3, $4)", string(r.ID), int64(r.ID.Bucket()), int64(number), chunk)
		return err
	})
}

// EndReport writes what became of a report.
func (s *sqlStore) EndReport(ctx context.Context, r Report) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE report SET status = $1, done = $2, total = $3, size = $4, chunks = $5, digest = $6, reason = $7, held_until = $8, ended_at = $9"+
			" WHERE id = $10 AND bucket = $11 AND status = 'running' AND holder = $12 AND attempts = $13",
			string(r.Status), r.Done, r.Total, r.Size, int64(r.Chunks), r.Digest, r.Reason, db.Millis(r.HeldUntil), db.Millis(r.EndedAt),
			string(r.ID), int64(r.ID.Bucket()), r.Holder, int64(r.Attempts))
		if err == nil && n == 0 {
			err = ErrStale
		}
		return err
	})
}

// ReportChunk gives a part of a file.
func (s *sqlStore) ReportChunk(ctx context.Context, name id.ID, number int) ([]byte, error) {
	var found [][]byte
	err := s.d.Query(ctx, "SELECT t.data FROM report_chunk AS t WHERE t.report = $1 AND t.bucket = $2 AND t.number = $3", func(scan db.Scan) error {
		var b []byte
		err := scan(&b)
		found = append(found, b)
		return err
	}, string(name), int64(name.Bucket()), int64(number))
	return one(found, err)
}

// UntoldReports gives those whose owner does not know that they are ready.
func (s *sqlStore) UntoldReports(ctx context.Context, limit int) ([]Report, error) {
	return reportTable.Find(ctx, s.d, "WHERE t.status = 'ready' AND t.told_at = 0 ORDER BY t.id LIMIT $1", int64(limit))
}

// ToldReport notes that the owner knows.
func (s *sqlStore) ToldReport(ctx context.Context, name id.ID, at time.Time) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE report SET told_at = $1 WHERE id = $2 AND bucket = $3", db.Millis(at), string(name), int64(name.Bucket()))
		return err
	})
}

// ExpireReports deletes files, each in a commit of its own: a long one has many parts.
func (s *sqlStore) ExpireReports(ctx context.Context, before time.Time, limit int) (int, error) {
	old, err := reportTable.Find(ctx, s.d, "WHERE t.status = 'ready' AND t.ended_at < $1 ORDER BY t.ended_at LIMIT $2", db.Millis(before), int64(limit))
	if err != nil {
		return 0, err
	}
	for i, r := range old {
		if err := s.ExpireReport(ctx, r.ID); err != nil {
			return i, err
		}
	}
	return len(old), nil
}

// ReadyReports gives reports whose files are there.
func (s *sqlStore) ReadyReports(ctx context.Context, ended time.Time, after id.ID, limit int) ([]Report, error) {
	at := db.Millis(ended)
	return reportTable.Find(ctx, s.d, "WHERE t.status = 'ready' AND t.ended_at >= $1 AND (t.ended_at > $2 OR t.id > $3) ORDER BY t.ended_at, t.id LIMIT $4",
		at, at, string(after), int64(limit))
}

// ExpireReport deletes the file of a report.
func (s *sqlStore) ExpireReport(ctx context.Context, report id.ID) error {
	name, bucket := string(report), int64(report.Bucket())
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		done, err := tx.Exec(ctx, "UPDATE report SET status = 'expired' WHERE id = $1 AND bucket = $2 AND status = 'ready'", name, bucket)
		if err != nil || done == 0 {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM report_chunk WHERE report = $1 AND bucket = $2", name, bucket)
		return err
	})
}

// ReportSchedules keeps what is ordered by itself.
func (s *sqlStore) ReportSchedules() Shelf[ReportSchedule] {
	return sqlShelf[ReportSchedule]{s, scheduleTable, "owner"}
}

// DueSchedules gives those whose time has come, the longest due first.
func (s *sqlStore) DueSchedules(ctx context.Context, now time.Time, limit int) ([]ReportSchedule, error) {
	return scheduleTable.Find(ctx, s.d, "WHERE t.next_at > 0 AND t.next_at <= $1 ORDER BY t.next_at LIMIT $2", db.Millis(now), int64(limit))
}

// MoveSchedule gives a schedule its next time.
func (s *sqlStore) MoveSchedule(ctx context.Context, name id.ID, from, to time.Time) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE report_schedule SET next_at = $1 WHERE id = $2 AND bucket = $3 AND next_at = $4", db.Millis(to), string(name), int64(name.Bucket()), db.Millis(from))
		return err
	})
}
