//go:build flaws

package flaw

import "sync/atomic"

// Alive says whether flaws can be brought to life in this build.
const Alive = true

var (
	chosen atomic.Pointer[Name]
	asked  atomic.Int64
)

// Choose brings one flaw to life, and the one before to its end; "" for none.
func Choose(name Name) {
	asked.Store(0)
	if name == "" {
		chosen.Store(nil)
		return
	}
	chosen.Store(&name)
}

// Asked says how often the living flaw's places were passed since it was chosen.
// One that was never passed says nothing about the checks.
func Asked() int64 { return asked.Load() }

// Has says that a flaw is alive.
func Has(name Name) bool {
	now := chosen.Load()
	if now == nil || *now != name {
		return false
	}
	asked.Add(1)
	return true
}
