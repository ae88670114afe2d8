package notify

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tolom/store"
	"tolom/wire"
)

// letterbox is a shop's server on loopback: it keeps every webhook that came and
// answers as it is told.
type letterbox struct {
	*httptest.Server
	// answer is called for each webhook, one at a time; nil answers 204.
	answer func(w http.ResponseWriter, e wire.Event)

	mu      sync.Mutex
	letters []received
}

type received struct {
	event  wire.Event
	header http.Header
	body   []byte
}

func newLetterbox(t testing.TB) *letterbox {
	b := &letterbox{}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *letterbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	l := received{header: r.Header, body: body}
	if err != nil || r.Method != http.MethodPost || json.Unmarshal(body, &l.event) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.letters = append(b.letters, l)
	if b.answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	b.answer(w, l.event)
}

// got is what came so far.
func (b *letterbox) got() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.letters)
}

// events are the events that came, repeats included.
func (b *letterbox) events() []wire.Event {
	var out []wire.Event
	for _, l := range b.got() {
		out = append(out, l.event)
	}
	return out
}

// always answers every webhook with one status.
func always(status int) func(http.ResponseWriter, wire.Event) {
	return func(w http.ResponseWriter, _ wire.Event) { w.WriteHeader(status) }
}

// verify holds a webhook to the specification, by its authors' own library.
func verify(t tester, l received, secret string) {
	t.Helper()
	judge, err := oracle.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := judge.Verify(l.body, l.header); err != nil {
		t.Errorf("%s: %v (%v)", l.event.Type, err, l.header)
	}
}

// sameEvents compares what arrived with the list of events, and shows the first
// that differs.
func sameEvents(t tester, got, want []wire.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("arrived: %s\nwant: %s", types(got), types(want))
		return
	}
	for i := range got {
		if a, b := plain(t, got[i]), plain(t, want[i]); a != b {
			t.Errorf("event %d arrived as\n%s\nwant\n%s", i, a, b)
			return
		}
	}
}

// plain writes an event as whoever read it from JSON would write it again.
func plain(t tester, e wire.Event) string {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var whole any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(again)
}

// pending are the deliveries that will be tried again.
func pending(log []store.Delivery) (out []store.Delivery) {
	for _, d := range log {
		if d.Status == store.DeliveryPending {
			out = append(out, d)
		}
	}
	return out
}
