package access

import (
	"sync"
	"time"
)

// recent keeps answers of the database for as long as they are believed.
type recent[T any] struct {
	mu    sync.Mutex
	items map[string]item[T]
}

type item[T any] struct {
	value T
	until time.Time
}

func (r *recent[T]) get(name string, now time.Time) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, ok := r.items[name]
	return i.value, ok && now.Before(i.until)
}

func (r *recent[T]) put(name string, value T, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.items == nil || len(r.items) >= most {
		r.items = map[string]item[T]{}
	}
	r.items[name] = item[T]{value, now.Add(remember)}
}

func (r *recent[T]) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.items)
}
