package flow_test

import (
	"context"
	"testing"

	"tolom/settlement"
	"tolom/store"
)

// unread is a store in which nobody finds the days that are to be closed.
type unread struct{ store.Store }

func (unread) Unfinished(context.Context) (settlement.Day, error) {
	return settlement.Day{}, store.ErrNotFound
}

// cuts has the day that is going on end and stay open.
func (w *town) cuts() {
	w.t.Helper()
	open := w.daysOf(unread{w.store}, 2)
	w.steps(open)
	cut, err := settlement.Timetable{}.CutOf(w.next())
	w.must(err)
	w.clock.Advance(cut.Sub(w.clock.Now()))
	w.steps(open)
}

// TestSettlementsOfAPSPPassOverDaysThatAreNotClosed has several days cut and none of them closed since, as when positions
// would not sum to zero: the PSP still sees all those that are closed.
func TestSettlementsOfAPSPPassOverDaysThatAreNotClosed(t *testing.T) {
	w := newTown(t, memory(t), false)
	var closed []string
	for range 3 {
		w.pays("blue", "shop", 1_000)
		closed = append(closed, w.ends().Date)
	}
	for range 4 {
		w.pays("blue", "shop", 1_000)
		w.cuts()
	}
	var seen []string
	for before, more := "", true; more; {
		rows, again, err := w.days.Settlements(w.ctx, w.psps["blue"], before, 1)
		w.must(err)
		for _, r := range rows {
			before, seen = r.Day, append(seen, r.Day)
		}
		if more = again; again && len(rows) == 0 {
			t.Fatal("there are more and none is shown")
		}
	}
	if len(seen) != len(closed) || seen[0] != closed[2] || seen[2] != closed[0] {
		t.Errorf("the PSP is shown %v of the closed days %v", seen, closed)
	}
}
