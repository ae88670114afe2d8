package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/id"
)

// kept is a report with the parts of its file.
type kept struct {
	Report
	parts [][]byte
}

func copyReport(r Report) Report {
	r.HeldUntil, r.CreatedAt, r.EndedAt, r.ToldAt = whole(r.HeldUntil), whole(r.CreatedAt), whole(r.EndedAt), whole(r.ToldAt)
	return r
}

func copySchedule(s ReportSchedule) ReportSchedule {
	s.NextAt, s.CreatedAt, s.EndedAt = whole(s.NextAt), whole(s.CreatedAt), whole(s.EndedAt)
	return s
}

// waits says that a report is still to be made.
func (r Report) waits() bool { return r.Status == ReportQueued || r.Status == ReportRunning }

// OrderReport adds a report.
func (m *Memory) OrderReport(ctx context.Context, r Report, most int) (out Report, err error) {
	err = m.write(ctx, func(t *tables) error {
		waiting := 0
		for _, k := range t.reports {
			if k.Owner == r.Owner && k.Origin == r.Origin {
				out = k.Report
				return nil
			}
			if k.Owner == r.Owner && k.waits() {
				waiting++
			}
		}
		if waiting >= most {
			return ErrTaken
		}
		out = copyReport(r)
		t.reports[r.ID] = &kept{Report: out}
		return nil
	})
	return out, err
}

// Report gives a report.
func (m *Memory) Report(ctx context.Context, name id.ID) (Report, error) {
	return read(ctx, m, func(t *tables) (Report, error) {
		if k := t.reports[name]; k != nil {
			return k.Report, nil
		}
		return Report{}, ErrNotFound
	})
}

// sorted gives the reports that are wanted, in an order.
func (t *tables) sorted(want func(Report) bool, order func(a, b Report) int) (out []Report) {
	for _, k := range t.reports {
		if want(k.Report) {
			out = append(out, k.Report)
		}
	}
	slices.SortFunc(out, order)
	return out
}

func byID(a, b Report) int { return cmp.Compare(a.ID, b.ID) }

// ReportsOf lists an owner's reports, newest first.
func (m *Memory) ReportsOf(ctx context.Context, owner, before id.ID, limit int) ([]Report, error) {
	return read(ctx, m, func(t *tables) ([]Report, error) {
		rows := t.sorted(func(r Report) bool { return r.Owner == owner && (before == "" || r.ID < before) }, func(a, b Report) int { return byID(b, a) })
		return rows[:min(len(rows), max(limit, 0))], nil
	})
}

// TakeReport gives the caller the next report.
func (m *Memory) TakeReport(ctx context.Context, holder string, now, until time.Time) (taken Report, err error) {
	err = m.write(ctx, func(t *tables) error {
		now = whole(now)
		rows := t.sorted(func(r Report) bool { return r.waits() && !r.HeldUntil.After(now) }, func(a, b Report) int {
			return cmp.Or(a.HeldUntil.Compare(b.HeldUntil), byID(a, b))
		})
		if len(rows) == 0 {
			return ErrNotFound
		}
		k := t.reports[rows[0].ID]
		k.Status, k.Holder, k.HeldUntil, k.Done, k.parts = ReportRunning, holder, whole(until), 0, nil
		k.Attempts++
		taken = k.Report
		return nil
	})
	return taken, err
}

// mine gives a report that is the caller's still.
func (t *tables) mine(r Report) (*kept, error) {
	k := t.reports[r.ID]
	if k == nil || k.Status != ReportRunning || k.Holder != r.Holder || k.Attempts != r.Attempts {
		return nil, ErrStale
	}
	return k, nil
}

// KeepReport notes how far a report is.
func (m *Memory) KeepReport(ctx context.Context, r Report, number int, chunk []byte) error {
	return m.write(ctx, func(t *tables) error {
		k, err := t.mine(r)
		if err != nil {
			return err
		}
		if len(chunk) > 0 && number != len(k.parts) {
			return ErrTaken
		}
		k.Done, k.Total, k.HeldUntil = r.Done, r.Total, whole(r.HeldUntil)
		if len(chunk) > 0 {
			k.parts = append(k.parts, slices.Clone(chunk))
		}
		return nil
	})
}

// EndReport writes what became of a report.
func (m *Memory) EndReport(ctx context.Context, r Report) error {
	return m.write(ctx, func(t *tables) error {
		k, err := t.mine(r)
		if err != nil {
			return err
		}
		r = copyReport(r)
		k.Status, k.Done, k.Total, k.Size, k.Chunks, k.Digest = r.Status, r.Done, r.Total, r.Size, r.Chunks, r.Digest
		k.Reason, k.HeldUntil, k.EndedAt = r.Reason, r.HeldUntil, r.EndedAt
		return nil
	})
}

// ReportChunk gives a part of a file.
func (m *Memory) ReportChunk(ctx context.Context, name id.ID, number int) ([]byte, error) {
	return read(ctx, m, func(t *tables) ([]byte, error) {
		if k := t.reports[name]; k != nil && number >= 0 && number < len(k.parts) {
			return slices.Clone(k.parts[number]), nil
		}
		return nil, ErrNotFound
	})
}

// UntoldReports gives those whose owner does not know that they are ready.
func (m *Memory) UntoldReports(ctx context.Context, limit int) ([]Report, error) {
	return read(ctx, m, func(t *tables) ([]Report, error) {
		rows := t.sorted(func(r Report) bool { return r.Status == ReportReady && r.ToldAt.IsZero() }, byID)
		return rows[:min(len(rows), max(limit, 0))], nil
	})
}

// ToldReport notes that the owner knows.
func (m *Memory) ToldReport(ctx context.Context, name id.ID, at time.Time) error {
	return m.write(ctx, func(t *tables) error {
		if k := t.reports[name]; k != nil {
			k.ToldAt = whole(at)
		}
		return nil
	})
}

// ExpireReports deletes files.
func (m *Memory) ExpireReports(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = m.write(ctx, func(t *tables) error {
		rows := t.sorted(func(r Report) bool { return r.Status == ReportReady && r.EndedAt.Before(before) }, func(a, b Report) int { return a.EndedAt.Compare(b.EndedAt) })
		for _, r := range rows[:min(len(rows), max(limit, 0))] {
			t.reports[r.ID].Status, t.reports[r.ID].parts = ReportExpired, nil
			n++
		}
		return nil
	})
	return n, err
}

// ReadyReports gives reports whose files are there.
func (m *Memory) ReadyReports(ctx context.Context, ended time.Time, after id.ID, limit int) ([]Report, error) {
	return read(ctx, m, func(t *tables) ([]Report, error) {
		rows := t.sorted(func(r Report) bool {
			return r.Status == ReportReady && (r.EndedAt.After(ended) || r.EndedAt.Equal(ended) && r.ID > after)
		}, func(a, b Report) int { return cmp.Or(a.EndedAt.Compare(b.EndedAt), cmp.Compare(a.ID, b.ID)) })
		return rows[:min(len(rows), max(limit, 0))], nil
	})
}

// ExpireReport deletes the file of a report.
func (m *Memory) ExpireReport(ctx context.Context, report id.ID) error {
	return m.write(ctx, func(t *tables) error {
		if k := t.reports[report]; k != nil && k.Status == ReportReady {
			k.Status, k.parts = ReportExpired, nil
		}
		return nil
	})
}

// ReportSchedules keeps what is ordered by itself.
func (m *Memory) ReportSchedules() Shelf[ReportSchedule] {
	return memoryShelf[ReportSchedule]{m, func(t *tables) *rack[ReportSchedule] { return &t.desk.schedules }}
}

// DueSchedules gives those whose time has come, the longest due first.
func (m *Memory) DueSchedules(ctx context.Context, now time.Time, limit int) ([]ReportSchedule, error) {
	return read(ctx, m, func(t *tables) (out []ReportSchedule, err error) {
		for _, s := range t.desk.schedules.rows {
			if !s.NextAt.IsZero() && !s.NextAt.After(now) {
				out = append(out, s)
			}
		}
		slices.SortFunc(out, func(a, b ReportSchedule) int { return cmp.Or(a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID)) })
		return out[:min(len(out), max(limit, 0))], nil
	})
}

// MoveSchedule gives a schedule its next time.
func (m *Memory) MoveSchedule(ctx context.Context, name id.ID, from, to time.Time) error {
	return m.write(ctx, func(t *tables) error {
		if s, there := t.desk.schedules.rows[name]; there && s.NextAt.Equal(whole(from)) {
			s.NextAt = whole(to)
			t.desk.schedules.rows[name] = s
		}
		return nil
	})
}
