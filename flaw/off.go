//go:build !flaws

package flaw

// Alive says whether flaws can be brought to life in this build.
const Alive = false

// Has says that a flaw is alive: never, in an ordinary build.
func Has(Name) bool { return false }
