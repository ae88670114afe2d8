package notify

import (
	"encoding/binary"
	"time"

	"tolom/flaw"
	"tolom/store"
	"tolom/world"
)

// pauses are the times from one failed attempt to the next; the last one repeats
// until keepTrying has passed since the first attempt.
var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// keepTrying is how long after its first attempt a delivery is tried again.
const keepTrying = 72 * time.Hour

// judge says what becomes of a delivery after an attempt that was noted in it:
// delivered, failed, or pending with the time of the next try.
func judge(d store.Delivery, a answer, random world.Entropy) store.Delivery {
	d.NextAt = time.Time{}
	switch {
	case a.taken():
		d.Status = store.DeliveryDelivered
		return d
	case a.gone() || flaw.Has(flaw.NoRetry) && a.status >= 500:
		d.Status = store.DeliveryFailed
		return d
	}
	next := d.LastAt.Add(a.took).Add(jittered(pause(d.Attempts, a.retryAfter), random))
	if next.After(d.CreatedAt.Add(keepTrying)) {
		d.Status = store.DeliveryFailed
		return d
	}
	d.Status, d.NextAt = store.DeliveryPending, next
	return d
}

// pause gives the time until the next try after so many attempts; never sooner
// than the receiver asked for.
func pause(attempts int, asked time.Duration) time.Duration {
	n := min(max(attempts, 1), len(pauses))
	return max(pauses[n-1], asked)
}

// jittered makes a pause up to a tenth longer, so that what failed together does
// not come back together. Without randomness it stays as it is.
func jittered(pause time.Duration, random world.Entropy) time.Duration {
	var b [4]byte
	if _, err := random.Read(b[:]); err != nil {
		return pause
	}
	most := uint64(pause.Milliseconds() / 10)
	share := most * uint64(binary.BigEndian.Uint32(b[:])) >> 32
	return pause + time.Duration(share)*time.Millisecond
}
