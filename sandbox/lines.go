package sandbox

import (
	"iter"
	"slices"

	"tolom/invariant"
)

// Lines are the bank's books as they are held against the platform's, a line for
// each purchase that money was held for. They are those of the moment of the call.
func (b *Bank) Lines() iter.Seq[invariant.Line] {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []invariant.Line
	for _, name := range b.book.order {
		if p := b.book.purchases[name]; !p.HeldAt.IsZero() {
			lines = append(lines, invariant.Line{Name: p.ID, State: lineState(p.Stage), Amount: p.Amount, Fee: p.Fee, Refunded: p.Refunded, FeeRefunded: p.FeeRefunded})
		}
	}
	return slices.Values(lines)
}

func lineState(s Stage) invariant.LineState {
	switch {
	case s.holding():
		return invariant.Held
	case s == Succeeded:
		return invariant.Captured
	}
	return invariant.Released
}
