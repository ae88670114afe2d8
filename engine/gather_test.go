package engine

import (
	"testing"
	"time"
)

// looksOf plays a lane with a house of so many, in which so many wait at each look (the
// last for all further ones), and gives how often it looks before it goes.
func looksOf(t *testing.T, house, few, most int, waiting ...int) (looks int) {
	t.Helper()
	g := gathering{house: house}
	for {
		wait := g.wait(waiting[min(looks, len(waiting)-1)], few, most)
		if wait == 0 {
			break
		}
		if looks++; looks > 100 {
			t.Fatal("it looks on for ever")
		}
	}
	if g != (gathering{house: house}) {
		t.Errorf("after it went, %+v is left of the looks", g)
	}
	return looks
}

func TestALaneWaitsForThoseWhoAreComingBack(t *testing.T) {
	for _, c := range []struct {
		name                   string
		house, few, most, want int
		waiting                []int
	}{
		{"nobody was here: the first one goes at once", 0, 8, 256, 0, []int{1}},
		{"a lone caller again and again", 1, 8, 256, 0, []int{1}},
		{"light load waits for nobody", 8, 8, 256, 0, []int{1}},
		{"nothing waits", 64, 8, 256, 0, []int{0}},
		{"all are back", 64, 8, 256, 0, []int{64}},
		{"all come back", 64, 8, 256, 3, []int{10, 30, 50, 64}},
		{"more come than were here", 64, 8, 256, 1, []int{10, 90}},
		{"a batch is full before", 600, 8, 256, 2, []int{100, 200, 256}},
		{"one has come, the others do not", 64, 8, 256, 2, []int{1}},
		{"they stop coming", 64, 8, 256, 4, []int{10, 20, 30}},
		{"a gap of one look is none", 64, 8, 256, 3, []int{10, 10, 20, 64}},
		{"they trickle in", 64, 8, 256, mostLooks, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		{"a crowd trickles in", 160, 8, 256, 20, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},
	} {
		if got := looksOf(t, c.house, c.few, c.most, c.waiting...); got != c.want {
			t.Errorf("%s: %d looks, want %d", c.name, got, c.want)
		}
	}
	if look*mostLooks > 2*time.Millisecond {
		t.Errorf("a command waits up to %v for others", look*mostLooks)
	}
}

func TestALaneOpensForEachFullBatch(t *testing.T) {
	var c crowd
	for _, step := range []struct {
		name        string
		house, want int
	}{
		{"nobody yet", 0, 1},
		{"less than two batches", 127, 1},
		{"two batches", 128, 2},
		{"many", 1000, 4},
		{"a moment later fewer are here, the others are expected back", 500, 4},
	} {
		if got := c.note(step.house, 64, 4); got != step.want {
			t.Errorf("%s: %d lanes, want %d", step.name, got, step.want)
		}
	}
	commits := 0
	for c.note(1, 64, 4) > 1 {
		if commits++; commits > 20 {
			t.Fatal("lanes stay open although the crowd has gone")
		}
	}
	for range 100 {
		c.note(0, 64, 4)
	}
	if c.lately != 0 {
		t.Errorf("a crowd of nobody is remembered as %d", c.lately)
	}
}
