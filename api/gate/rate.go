package gate

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tolom/fault"
)

// Rate bounds how often one key may call: Burst calls at once, and PerSecond on average. The zero Rate is no bound.
type Rate struct {
	PerSecond float64
	Burst     int
}

// The headers by which a caller learns its rate, as draft-ietf-httpapi-ratelimit-headers writes them.
const (
	RateHeader   = "Ratelimit"
	PolicyHeader = "Ratelimit-Policy"
)

// window is the time in which a bucket that was empty is full again, in whole seconds.
func (r Rate) window() int { return max(1, int(math.Ceil(float64(r.Burst)/r.PerSecond))) }

// policy is the rate as the header says it: q calls in w seconds.
func (r Rate) policy() string {
	return `"key";q=` + strconv.Itoa(r.Burst) + ";w=" + strconv.Itoa(r.window())
}

// meter counts the calls of each key at a door. Keys are counted and never addresses: all tills of a shop, and all
// customers of a mobile operator, come from one address. Only keys that were recognised have a bucket, so a stranger
// can neither fill the memory nor use up what is another's.
type meter struct {
	Rate
	shown   []string // the policy, shared by all answers
	buckets sync.Map // *rate.Limiter by key
}

// newMeter makes a meter; nil, which lets everything through, for no bound.
func newMeter(r Rate) *meter {
	if r.PerSecond <= 0 || r.Burst <= 0 {
		return nil
	}
	return &meter{Rate: r, shown: []string{r.policy()}}
}

// pass takes a call of a key out of its bucket, and says in the head of the answer what is left. An empty bucket is
// rate_limited, with the second after which the next call is let through.
func (m *meter) pass(head http.Header, key string, now time.Time) *fault.Error {
	if m == nil {
		return nil
	}
	bucket := m.bucket(key)
	let := bucket.AllowN(now, 1)
	left := max(0, bucket.TokensAt(now))
	text := make([]byte, 0, 32)
	text = strconv.AppendInt(append(text, `"key";r=`...), int64(left), 10)
	text = strconv.AppendInt(append(text, ";t="...), int64(math.Ceil((float64(m.Burst)-left)/m.PerSecond)), 10)
	head[PolicyHeader], head[RateHeader] = m.shown, []string{string(text)}
	if let {
		return nil
	}
	head.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil((1-left)/m.PerSecond)))))
	return fault.New(fault.RateLimited).Because("this key calls too often; nothing was done, come again after Retry-After, and look at RateLimit to keep below it")
}

// bucket gives the bucket of a key, a full one at its first call.
func (m *meter) bucket(key string) *rate.Limiter {
	if known, ok := m.buckets.Load(key); ok {
		return known.(*rate.Limiter)
	}
	made, _ := m.buckets.LoadOrStore(key, rate.NewLimiter(rate.Limit(m.PerSecond), m.Burst))
	return made.(*rate.Limiter)
}
