package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tolom/fault"
)

// KeyHeader carries the caller's name for one attempt at something.
const KeyHeader = "Idempotency-Key"

// ReplayedHeader says that an answer was given before.
const ReplayedHeader = "Idempotent-Replayed"

// Key is the idempotency of one call: the caller's key and the digest of what came with it.
type Key struct{ Key, Fingerprint string }

const (
	maxKey  = 255
	keyWait = 2 * time.Second // how long a call waits for another with its key
)

type keyKey struct{}

// KeyOf gives the idempotency of the call, behind a door that asks for it.
func KeyOf(ctx context.Context) Key { return ctx.Value(keyKey{}).(Key) }

// keyOf reads the key of a request and computes its fingerprint: SHA-256 over method, target and body.
func keyOf(r *http.Request, raw []byte) (Key, *fault.Error) {
	all := r.Header.Values(KeyHeader)
	if len(all) == 0 || len(all) == 1 && all[0] == "" {
		return Key{}, fault.New(fault.IdempotencyMissing).On(KeyHeader).Because("send a new random key with each thing you do, and the same key when you repeat it")
	}
	if len(all) > 1 || !visible(all[0]) {
		return Key{}, fault.New(fault.IdempotencyInvalid).On(KeyHeader).Because(fmt.Sprintf("a key is 1 to %d visible ASCII characters, sent once", maxKey))
	}
	text := buffers.Get().(*[]byte)
	defer release(text)
	*text = append(append((*text)[:0], r.Method...), '\n')
	*text = append(append(*text, r.URL.RequestURI()...), '\n')
	*text = append(*text, raw...)
	sum := sha256.Sum256(*text)
	return Key{all[0], hex.EncodeToString(sum[:])}, nil
}

func visible(key string) bool {
	for i := range len(key) {
		if key[i] < '!' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// flights are the calls with a key that run on this node now. Two nodes are kept apart by the database's claims;
// this table only makes the second call on one node wait for an answer instead of racing for it.
type flights struct {
	mu      sync.Mutex
	running map[string]chan struct{}
}

// enter waits until no call with the name runs, at most keyWait, and marks it as running. The timer starts only
// when there is something to wait for.
func (f *flights) enter(ctx context.Context, name string, after func(time.Duration) <-chan time.Time) (leave func(), ok bool) {
	var deadline <-chan time.Time
	for {
		other, mine := f.mark(name)
		if other == nil {
			return func() { f.leave(name, mine) }, true
		}
		if deadline == nil {
			deadline = after(keyWait)
		}
		select {
		case <-other:
		case <-deadline:
			select {
			case <-other: // it ended in the same moment: the caller gets its answer
				deadline = nil
				continue
			default:
			}
			return nil, false
		case <-ctx.Done():
			return nil, false
		}
	}
}

// mark takes the name when it is free; otherwise it gives what to wait for.
func (f *flights) mark(name string) (other, mine chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if other = f.running[name]; other != nil {
		return other, nil
	}
	if f.running == nil {
		f.running = map[string]chan struct{}{}
	}
	mine = make(chan struct{})
	f.running[name] = mine
	return nil, mine
}

func (f *flights) leave(name string, mine chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.running, name)
	close(mine)
}
