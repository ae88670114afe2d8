package access

import (
	"context"
	"sync"
	"time"

	"tolom/id"
	"tolom/store"
)

// useStep is how exactly the last use of a key is known. A key in use costs one row of a shared write each so often.
const useStep = time.Minute

// uses remembers when keys and sessions were used until that is written.
type uses struct {
	mu      sync.Mutex
	noted   map[id.ID]time.Time // the last use that was noted
	waiting map[id.ID]time.Time // noted and not written
}

// note remembers a use, unless one was noted within the last minute.
func (u *uses) note(of id.ID, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, ok := u.noted[of]; ok && now.Sub(at) < useStep {
		return
	}
	if u.noted == nil || len(u.noted) >= most {
		u.noted = map[id.ID]time.Time{}
	}
	if u.waiting == nil {
		u.waiting = map[id.ID]time.Time{}
	}
	u.noted[of], u.waiting[of] = now, now
}

// last is when something was last used as far as this node knows, at least at.
func (u *uses) last(of id.ID, at time.Time) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if noted := u.noted[of]; noted.After(at) {
		return noted
	}
	return at
}

// take gives what waits to be written.
func (u *uses) take() (out []store.Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for of, at := range u.waiting {
		out = append(out, store.Use{ID: of, At: at})
	}
	u.waiting = nil
	return out
}

// WriteUses writes when keys and sessions were last used on this node; it returns how many. What could not be written
// is written with the next use.
func (g *Gate) WriteUses(ctx context.Context) (int, error) {
	waiting := g.uses.take()
	if err := g.desk.NoteUses(ctx, waiting); err != nil {
		g.uses.again(waiting)
		return 0, err
	}
	return len(waiting), nil
}

// again puts back what could not be written, where nothing newer waits.
func (u *uses) again(list []store.Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.waiting == nil {
		u.waiting = map[id.ID]time.Time{}
	}
	for _, x := range list {
		if x.At.After(u.waiting[x.ID]) && len(u.waiting) < most {
			u.waiting[x.ID] = x.At
		}
	}
}
