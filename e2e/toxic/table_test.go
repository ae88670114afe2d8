package toxic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// table collects what was measured.
type table struct {
	mu   sync.Mutex
	rows []*line
}

func (t *table) add(lines ...*line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, lines...)
}

// text is the whole matrix, a row a cell.
func (t *table) text(dwell time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortFunc(t.rows, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.poison.name, b.poison.name), cmp.Compare(b.direction, a.direction))
	})
	var b strings.Builder
	sum := int64(0)
	fmt.Fprintf(&b, "%v of each toxic; times from its end\n", dwell)
	fmt.Fprintf(&b, "%-9s %-11s %-11s %9s %9s %11s %9s\n", "link", "toxic", "direction", "begun", "at once", "first whole", "at rest")
	for _, l := range t.rows {
		fmt.Fprintf(&b, "%-9s %-11s %-11s %9d %9d %11s %9s\n", l.place, l.poison.name, l.direction, l.begun.Load(), l.paid.Load(),
			l.result.first.Round(time.Millisecond), l.result.rest.Round(10*time.Millisecond))
		sum += int64(l.bank.Totals().Payments)
	}
	fmt.Fprintf(&b, "%d cells, %d payments succeeded: 0 lost, 0 doubled, 0 webhooks missing, books equal", len(t.rows), sum)
	return b.String()
}
