package flow

import (
	"testing"
	"time"

	"tolom/id"
)

func TestRecentForgetsTheOldestAndNeverGrowsBeyondItsBound(t *testing.T) {
	var r recent[int]
	name := func(n int) id.ID {
		return id.New(id.Payment, time.UnixMilli(int64(n)), 0, id.Random{})
	}
	for n := range 5 * half {
		r.put(name(n), n)
		if got, ok := r.get(name(n)); !ok || got != n {
			t.Fatalf("row %d is %d, %v right after it was put", n, got, ok)
		}
	}
	if size := len(r.young) + len(r.old); size > 2*half {
		t.Errorf("it holds %d rows", size)
	}
	if _, ok := r.get(name(0)); ok {
		t.Error("the oldest row is still there")
	}
	if _, ok := r.get(name(4*half + 1)); !ok {
		t.Error("a row of the last half is gone")
	}
}
