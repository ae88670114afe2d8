package toxic

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/wire"
)

// receiver is a merchant's server for webhooks.
type receiver struct {
	server   *httptest.Server
	witness  *invariant.Witness
	merchant id.ID

	mu       sync.Mutex
	endpoint id.ID
	events   map[string]bool
	latest   time.Time
	slowest  time.Duration // from an event to its first arrival
}

func newReceiver(t *testing.T, witness *invariant.Witness, merchant id.ID) *receiver {
	r := &receiver{witness: witness, merchant: merchant, events: map[string]bool{}}
	r.server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.server.CloseClientConnections()
		r.server.Close()
	})
	return r
}

// ServeHTTP takes an event that came whole.
func (r *receiver) ServeHTTP(w http.ResponseWriter, call *http.Request) {
	var e wire.Event
	if err := json.NewDecoder(call.Body).Decode(&e); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.witness.Event(r.endpoint, r.merchant, e, e.Type)
	if !r.events[e.ID] {
		r.events[e.ID], r.latest = true, now
		r.slowest = max(r.slowest, now.Sub(e.CreatedAt.Time))
	}
}

// missing counts the events of a feed that have not come.
func (r *receiver) missing(feed []wire.Event) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range feed {
		if !r.events[e.ID] {
			n++
		}
	}
	return n
}

// lag is the longest that an event was on its way.
func (r *receiver) lag() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.slowest
}
