package world

import (
	"sync"
	"testing"
	"time"
)

func TestClocksTellWholeMillisecondsInUTC(t *testing.T) {
	bishkek := time.FixedZone("Asia/Bishkek", 6*60*60)
	manual := NewManual(time.Date(2026, 3, 1, 6, 0, 0, 1_999_999, bishkek))
	for name, clock := range map[string]Clock{"system": System().Clock, "manual": manual} {
		now := clock.Now()
		if now.Location() != time.UTC || now.Nanosecond()%1e6 != 0 {
			t.Errorf("the %s clock says %v", name, now)
		}
	}
	if want := time.Date(2026, 3, 1, 0, 0, 0, 1_000_000, time.UTC); manual.Now() != want {
		t.Errorf("the manual clock says %v, want %v", manual.Now(), want)
	}
}

func TestSystemClockMoves(t *testing.T) {
	clock := System().Clock
	before := time.Now()
	now := clock.Now()
	if now.Before(before.Add(-time.Millisecond)) || now.After(time.Now()) {
		t.Errorf("the clock says %v at %v", now, before)
	}
}

func TestManualClockMovesOnlyWhenTold(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	clock := NewManual(start)
	for range 2 {
		if clock.Now() != start {
			t.Error("the clock moved by itself")
		}
	}
	if got, want := clock.Advance(90*time.Second), start.Add(90*time.Second); got != want || clock.Now() != want {
		t.Errorf("Advance leads to %v, want %v", got, want)
	}
	clock.Set(start.Add(-time.Hour))
	if got, want := clock.Now(), start.Add(-time.Hour); got != want {
		t.Errorf("after Set back: %v, want %v", got, want)
	}
}

func TestAdvanceRefusesWhatWouldBeLost(t *testing.T) {
	for _, step := range []time.Duration{-time.Second, 1500 * time.Microsecond, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Advance(%v) was accepted", step)
				}
			}()
			NewManual(time.Time{}).Advance(step)
		}()
	}
}

func TestManualClockIsSafeForConcurrentUse(t *testing.T) {
	clock := NewManual(time.Time{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				clock.Advance(time.Millisecond)
			}
		})
	}
	group.Wait()
	if got := clock.Now().Sub(time.Time{}); got != 800*time.Millisecond {
		t.Errorf("800 steps of a millisecond moved the clock by %v", got)
	}
}
