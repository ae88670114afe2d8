package soak

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// series is what a node says of itself, over time.
type series struct {
	name   string
	unit   float64
	slack  float64 // in the unit: what it may grow by beside its share
	values []float64
}

// newSeries are the figures of /metrics that must stay flat.
func newSeries() []*series {
	const MiB = 1 << 20
	return []*series{
		{name: "process_resident_memory_bytes", unit: MiB, slack: 24},
		// The heap at which the collector runs next is four times what was live at its last run.
		{name: "go_memstats_next_gc_bytes", unit: MiB, slack: 16},
		{name: "go_goroutines", unit: 1, slack: 40},
		{name: "process_open_fds", unit: 1, slack: 40},
	}
}

// measure asks a node for its figures until ctx ends.
func measure(ctx context.Context, node string, every time.Duration) []*series {
	all := newSeries()
	for ctx.Err() == nil {
		figures, err := figuresOf(ctx, node)
		for _, s := range all {
			if v, ok := figures[s.name]; ok && err == nil {
				s.values = append(s.values, v/s.unit)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(every):
		}
	}
	return all
}

func figuresOf(ctx context.Context, node string) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, node+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	figures := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			figures[name] = v
		}
	}
	return figures, lines.Err()
}

// flat fails the test if the figure has grown.
func (s *series) flat(t *testing.T, share float64) {
	t.Helper()
	if len(s.values) < 16 {
		t.Fatalf("%s was read %d times only", s.name, len(s.values))
	}
	before, after, most := s.growth(share)
	if after > most {
		t.Errorf("%s grew from %.1f to %.1f, at most %.1f is flat", s.name, before, after, most)
	}
	t.Logf("%-30s second quarter %.1f, last quarter %.1f, bound %.1f (medians of %d samples)", s.name, before, after, most, len(s.values))
}

// growth compares the last quarter with the second, the first is for warming up,
// and says what the last may be at most.
func (s *series) growth(share float64) (before, after, most float64) {
	quarter := len(s.values) / 4
	before, after = middle(s.values[quarter:2*quarter]), middle(s.values[len(s.values)-quarter:])
	return before, after, before*(1+share) + s.slack
}

func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// TestAGrowingFigureIsNotFlat shows that the measure would notice.
func TestAGrowingFigureIsNotFlat(t *testing.T) {
	leak, steady := &series{name: "leak", slack: 5}, &series{name: "steady", slack: 5}
	for i := range 100 {
		leak.values = append(leak.values, 100+float64(i))
		steady.values = append(steady.values, 100+float64(i%7))
	}
	for s, want := range map[*series]bool{leak: false, steady: true} {
		if before, after, most := s.growth(0.1); (after <= most) != want {
			t.Errorf("%s went from %v to %v, bound %v", s.name, before, after, most)
		}
	}
}
