package sim

import "testing"

// A version of a tariff was once put through a node whose clock was behind, so that it began before it was put (seed 20261130, world 273).
func TestATariffBeginsByTheDatabasesClock(t *testing.T) {
	r := &run{config: Config{Seed: 20261130, Payments: 10_000_000, WorldSize: 2000, Profile: Rough(), Nodes: 3}}
	o, err := r.one(273, castFor(t))
	if err != nil || len(o.violations) > 0 {
		t.Fatal(err, o.violations)
	}
}
