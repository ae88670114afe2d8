// Package flaw plants mistakes into the protocol on purpose, so that the
// invariants and the simulation can show that they notice. A planted place asks
// Has in one condition. In every ordinary build Has is the constant false, and the
// compiler removes the condition with all that hangs on it; with the build tag
// `flaws` one flaw, chosen by name, is alive for a whole run.
//
// `make flaws` brings each to life and says which check killed it, and after how
// many payments. A flaw that survives is a gap in the checks.
package flaw

// Name is a flaw's name.
type Name string

// Flaw is one mistake that can be brought to life.
type Flaw struct {
	Name   Name
	Room   string // where it is planted
	Breaks string // what goes wrong
}

// Find gives the flaw of a name.
func Find(name Name) (Flaw, bool) {
	for _, f := range Table {
		if f.Name == name {
			return f, true
		}
	}
	return Flaw{}, false
}
