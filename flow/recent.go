package flow

import (
	"sync"

	"tolom/id"
)

// recent remembers what never changes of rows that were seen lately, so that the
// next step of the same payment need not read them again. It is bounded: when the
// young half is full the old half is forgotten. What does change in the rows it
// holds (status, sums) must not be used.
type recent[T any] struct {
	mu         sync.Mutex
	young, old map[id.ID]T
	most       int // rows in each half; 0: half
}

// half is how many rows each half holds unless it is told, some kilobytes at most each.
const half = 20_000

// get finds a row.
func (r *recent[T]) get(name id.ID) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row, ok := r.young[name]
	if !ok {
		row, ok = r.old[name]
	}
	return row, ok
}

// put remembers a row.
func (r *recent[T]) put(name id.ID, row T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	most := r.most
	if most == 0 {
		most = half
	}
	if r.young == nil || len(r.young) >= most {
		r.old, r.young = r.young, make(map[id.ID]T, most/4)
	}
	r.young[name] = row
}

// forget drops all rows.
func (r *recent[T]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.young, r.old = nil, nil
}
