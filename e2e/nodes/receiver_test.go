package nodes

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"tolom/wire"
)

// receiver is a merchant's server for webhooks. It remembers what it took.
type receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	events map[string]int // how often each came
	calls  int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{events: map[string]int{}}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

// ServeHTTP takes an event.
func (r *receiver) ServeHTTP(w http.ResponseWriter, call *http.Request) {
	var e wire.Event
	if err := json.NewDecoder(call.Body).Decode(&e); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.events[e.ID]++
}

// missing counts the events of the list that have not come.
func (r *receiver) missing(ids []string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if r.events[id] == 0 {
			n++
		}
	}
	return n
}
