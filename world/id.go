package world

import (
	"fmt"

	"tolom/id"
)

// NewID makes an id of this world's clock and randomness. It panics when the
// entropy is exhausted: an id that may not be unique must never leave, and a
// system without randomness cannot go on.
func NewID(w World, k id.Kind, bucket uint16) id.ID {
	var r id.Random
	if _, err := w.Entropy.Read(r[:]); err != nil {
		panic(fmt.Sprintf("world: no randomness for an id: %v", err))
	}
	return id.New(k, w.Clock.Now(), bucket, r)
}
