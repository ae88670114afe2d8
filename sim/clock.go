package sim

import (
	"time"

	"tolom/world"
)

// opening is when every world begins: a working day at noon in Bishkek.
var opening = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// dial is a clock that shows the virtual time, wrongly by a difference.
type dial struct {
	w    *World
	skew time.Duration
}

// Now tells the time in whole milliseconds, as every clock of the platform.
func (d *dial) Now() time.Time {
	return opening.Add(d.w.opens + d.w.now + d.skew).Truncate(time.Millisecond)
}

// draws is the randomness of a process, which can be renewed.
type draws struct{ world.Entropy }
