package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

// These read what is small: live requests that end some day, by a partial index,
// and payments that wait for their execute.
const (
	overdueRequests = "SELECT t.id, t.expires_at FROM request AS t" +
		" WHERE t.status IN ('active', 'paused') AND t.expires_at > 0 AND t.expires_at <= $1 ORDER BY t.expires_at LIMIT $2"
	overduePayments = "SELECT t.request, t.expires_at FROM live AS t" +
		" WHERE t.expires_at > 0 AND t.expires_at <= $1 ORDER BY t.expires_at LIMIT $2"
)

// Overdue gives requests that the clock has ended, the longest overdue first.
func (s *sqlStore) Overdue(ctx context.Context, now time.Time, limit int) ([]id.ID, error) {
	due := map[id.ID]int64{}
	note := func(scan db.Scan) error {
		var name string
		var at int64
		err := scan(&name, &at)
		if old, known := due[id.ID(name)]; !known || at < old {
			due[id.ID(name)] = at
		}
		return err
	}
	for _, text := range []string{overdueRequests, overduePayments} {
		if err := s.d.Query(ctx, text, note, db.Millis(now), int64(limit)); err != nil {
			return nil, err
		}
	}
	out := make([]id.ID, 0, len(due))
	for name := range due {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b id.ID) int { return cmp.Or(cmp.Compare(due[a], due[b]), cmp.Compare(a, b)) })
	return out[:min(limit, len(out))], nil
}
