package traffic

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"tolom/wire"
)

// Receiver is a merchant's server for webhooks. It remembers what it took.
type Receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	events map[string]int // how often each came
	calls  int
}

// NewReceiver starts a receiver.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{events: map[string]int{}}
	r.server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.server.CloseClientConnections()
		r.server.Close()
	})
	return r
}

// URL is where webhooks are to go.
func (r *Receiver) URL() string { return r.server.URL }

// ServeHTTP takes an event.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, call *http.Request) {
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

// Missing counts the events of the list that have not come.
func (r *Receiver) Missing(ids []string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if r.events[id] == 0 {
			n++
		}
	}
	return n
}

// Calls counts what came, repeats included.
func (r *Receiver) Calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}
