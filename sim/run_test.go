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

func TestNothingIsLostOnSQLite(t *testing.T) {
	config := Config{Seed: 4, Payments: 240, WorldSize: 120, SQLite: true}
	once := result(t, config)
	if again := result(t, config); once.Trace != again.Trace {
		t.Errorf("the same seed gave the traces %s and %s", once.Trace, again.Trace)
	}
}

// Seeds that once found something. What it was stands beside them.
func TestSeedsThatFoundSomething(t *testing.T) {
	for name, c := range map[string]Config{
		"a damaged id of a payment kept a bank asking for ever": {Seed: 3, Payments: 600, WorldSize: 300},
	} {
		t.Run(name, func(t *testing.T) { result(t, c) })
	}
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
