package sim

import (
	"context"
	"runtime"
	"testing"
)

// result runs a short simulation that must be without violations.
func result(t *testing.T, c Config) Result {
	t.Helper()
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Error(v)
	}
	return r
}

func TestTheSameSeedTellsTheSameStory(t *testing.T) {
	config := Config{Seed: 1, Payments: 600, WorldSize: 200}
	once := result(t, config)
	config.Workers = 1
	before := runtime.GOMAXPROCS(1)
	again := result(t, config)
	runtime.GOMAXPROCS(before)
	if once.Trace != again.Trace || once.Steps != again.Steps {
		t.Errorf("the same seed gave the traces %s and %s", once.Trace, again.Trace)
	}
	config.Seed = 2
	if other := result(t, config); other.Trace == once.Trace {
		t.Error("two seeds gave one trace")
	}
}
