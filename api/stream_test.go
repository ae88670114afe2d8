package api_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/store"
	"tolom/wire"
)

// message is one server-sent event.
type message struct {
	id, event string
	data      wire.Event
}

// reader is somebody who follows a request over a real connection.
type reader struct {
	t        *testing.T
	response *http.Response
	lines    *bufio.Scanner
	leave    context.CancelFunc
}

// follow opens a stream; last is the id to go on after.
func (k *kit) follow(s *httptest.Server, request, last string) *reader {
	k.t.Helper()
	ctx, leave := context.WithTimeout(context.Background(), 30*time.Second)
	k.t.Cleanup(leave)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/v1/payment-requests/"+request+"/stream", nil)
	if err != nil {
		k.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+k.merchantKey)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	response, err := s.Client().Do(r)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = response.Body.Close() })
	return &reader{k.t, response, bufio.NewScanner(response.Body), leave}
}

// next reads the next message; ok is false at the end of the stream.
func (r *reader) next() (m message, ok bool) {
	r.t.Helper()
	for r.lines.Scan() {
		name, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			m.data = decode[wire.Event](r.t, []byte(value))
		case "":
			if m.event != "" {
				return m, true
			}
		}
	}
	return m, false
}

// rest reads the types of all messages to the end.
func (r *reader) rest() (types []string) {
	r.t.Helper()
	for {
		m, ok := r.next()
		if !ok {
			return types
		}
		types = append(types, m.id+" "+m.event)
	}
}

// statusOf gives the status of the object in a message.
func (m message) status() string {
	object, _ := m.data.Data.Object.(map[string]any)
	status, _ := object["status"].(string)
	return status
}

func TestAStreamTellsTheLifeOfARequest(t *testing.T) {
	k := newKit(t)
	k.paid(5) // The feed is not empty when the request is made.
	k.tell()
	s := httptest.NewServer(k.handler)
	defer s.Close()
	r := k.sell(`{"amount":100}`)
	live := k.follow(s, r.ID, "")
	if got := live.response.Header; got.Get("Content-Type") != "text/event-stream; charset=utf-8" || got.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", got)
	}
	first, _ := live.next()
	if first.event != "snapshot" || first.id != "2" || first.status() != "active" {
		t.Fatalf("first came %+v", first)
	}
	k.want(http.StatusOK, post("/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload})).as(k.pspKey))
	k.tell()
	if m, _ := live.next(); m.event != "request.scanned" || m.id != "3" || m.data.Sequence != 3 || m.status() != "active" {
		t.Errorf("then came %+v", m)
	}
	k.paid(5) // Another request's events do not appear.
	k.clock.Advance(time.Second)
	k.open(r, "loser", 100)
	k.execute(*k.open(r, "winner", 100).ID)
	k.tell()
	if got, want := live.rest(), []string{"6 payment.succeeded", "7 request.paid", "8 payment.canceled"}; !slices.Equal(got, want) {
		t.Errorf("the rest was %v, want %v", got, want)
	}
}

func TestAStreamGoesOnWhereItBroke(t *testing.T) {
	k := newKit(t)
	s := httptest.NewServer(k.handler)
	defer s.Close()
	r := k.sell(`{"amount":100}`)
	live := k.follow(s, r.ID, "")
	snapshot, _ := live.next()
	k.want(http.StatusOK, post("/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload})).as(k.pspKey))
	k.tell()
	scanned, _ := live.next()
	live.leave()

	k.open(r, "loser", 100)
	k.execute(*k.open(r, "winner", 100).ID)
	k.tell()
	all := []string{"1 request.scanned", "2 payment.succeeded", "3 request.paid", "4 payment.canceled"}
	if scanned.id != "1" || snapshot.id != "0" {
		t.Fatalf("began with %+v and %+v", snapshot, scanned)
	}
	for last, want := range map[string][]string{"0": all, "1": all[1:], "2": all[2:], "3": all[3:]} {
		if got := k.follow(s, r.ID, last).rest(); !slices.Equal(got, want) {
			t.Errorf("after %s came %v, want %v", last, got, want)
		}
	}
	if over := k.follow(s, r.ID, "4"); over.response.StatusCode != http.StatusNoContent {
		t.Errorf("after the last event: %d", over.response.StatusCode)
	}
	for _, strange := range []string{"5", "-1", "x"} {
		if got, want := k.follow(s, r.ID, strange).rest(), []string{"4 snapshot"}; !slices.Equal(got, want) {
			t.Errorf("after %q came %v, want %v", strange, got, want)
		}
	}
}

// TestAStreamThatMissesAHint finds out by its heartbeat; and the end of a request by time is written down by the
// stream that waits for it.
func TestAStreamLivesByItsHeartbeat(t *testing.T) {
	k := newKit(t)
	s := httptest.NewServer(k.handler)
	defer s.Close()
	r := k.sell(`{"amount":100,"expires_in":60}`)
	live := k.follow(s, r.ID, "")
	live.next()
	k.tick <- time.Time{}
	for live.lines.Scan() && live.lines.Text() != ": still here" {
		if strings.HasPrefix(live.lines.Text(), "event") {
			t.Fatalf("came %q", live.lines.Text())
		}
	}
	k.clock.Advance(time.Minute)
	k.tick <- time.Time{}
	k.tick <- time.Time{}
	k.tell()
	if got, want := live.rest(), []string{"1 request.expired"}; !slices.Equal(got, want) {
		t.Errorf("came %v, want %v", got, want)
	}
}

func TestStreamsEndWhenTheServerCloses(t *testing.T) {
	k := newKit(t)
	s := httptest.NewServer(k.handler)
	defer s.Close()
	live := k.follow(s, k.sell(`{"amount":100}`).ID, "")
	live.next()
	close(k.closing)
	if got := live.rest(); len(got) != 0 || live.lines.Err() != nil {
		t.Errorf("came %v, %v", got, live.lines.Err())
	}
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "draining") {
		t.Errorf("a server that closes answers a balancer with %d %s", w.Code, w.Body)
	}
}

// TestThreatAStreamAfterItsKeyWasRevoked has a key revoked while its holder follows a code on a counter, which never ends. The
// stream ends with the next heartbeat, which comes even while there is something to tell all the time.
func TestThreatAStreamAfterItsKeyWasRevoked(t *testing.T) {
	k := newKit(t)
	s := httptest.NewServer(k.handler)
	defer s.Close()
	r := k.sell(`{"kind":"static","amount_editable":true}`)
	key, secret := k.issue(store.Key{Name: "display", Scopes: "read"})
	k.merchantKey, secret = secret, k.merchantKey
	live := k.follow(s, r.ID, "")
	k.merchantKey = secret
	live.next()
	pay := func(name string) {
		k.execute(*k.open(r, name, 100).ID)
		k.tell()
	}
	pay("one")
	if m, ok := live.next(); !ok || m.event != "payment.succeeded" {
		t.Fatalf("the stream tells of the payment with %+v", m)
	}
	if _, err := k.registry.RevokeKey(context.Background(), key.ID); err != nil {
		t.Fatal(err)
	}
	k.tick <- time.Time{}
	pay("two")
	if got := live.rest(); len(got) > 0 {
		t.Errorf("after the heartbeat that followed the revocation came %v", got)
	}
}
