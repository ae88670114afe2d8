package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tolom/wire"
)

// event is one message of a stream.
type event struct {
	State, Mark, HTML string
	Final             bool
}

// listen opens the stream of a page and gives its messages; the channel closes with the stream.
func listen(t *testing.T, s *shop, path string, cookies ...*http.Cookie) <-chan event {
	t.Helper()
	server := httptest.NewServer(s.pages)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); server.Close() })
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil || got.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("no stream: %v, %v", err, got)
	}
	events := make(chan event, 10)
	go func() {
		defer close(events)
		defer got.Body.Close()
		for lines := bufio.NewScanner(got.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e event
				if json.Unmarshal([]byte(data), &e) == nil {
					events <- e
				}
			}
		}
	}()
	return events
}

func next(t *testing.T, events <-chan event) (event, bool) {
	t.Helper()
	select {
	case e, open := <-events:
		return e, open
	case <-time.After(5 * time.Second):
		t.Fatal("the stream is silent")
		return event{}, false
	}
}

func TestAStreamTellsEveryStepAndEnds(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 5000})
	events := listen(t, s, "/p/"+r.ID.Token()+"/stream?lang=en")
	if e, _ := next(t, events); e.State != "waiting" || e.Final || !strings.Contains(e.HTML, "Waiting for payment") {
		t.Fatalf("it begins with %+v", e)
	}
	s.hint(r.ID) // a hint without news says nothing
	s.scans(r)
	if e, _ := next(t, events); e.State != "scanned" {
		t.Fatalf("then comes %+v", e)
	}
	start := time.Now()
	s.pays(r, 5000)
	e, _ := next(t, events)
	if e.State != "paid" || !e.Final || !strings.Contains(e.HTML, "/r/") || strings.Contains(e.HTML, "Payer A") {
		t.Fatalf("at last comes %+v", e)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("success was told after %v", took)
	}
	if _, more := next(t, events); more {
		t.Error("the stream goes on after the end of the request")
	}
}

func TestTheCashiersStreamNamesThePayer(t *testing.T) {
	s := open(t)
	till := s.cashier("en")
	r := s.asks(wire.NewPaymentRequest{Amount: 5000})
	events := listen(t, s, "/pos/sales/"+r.ID.Token()+"/stream?lang=en", till.cookies["tolom_till"])
	next(t, events)
	s.pays(r, 5000)
	if e, _ := next(t, events); !strings.Contains(e.HTML, "PAID") || !strings.Contains(e.HTML, "Payer A***") {
		t.Errorf("the cashier sees %+v", e)
	}
}

func TestAStreamWakesWhenTheRequestExpires(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 5000, ExpiresIn: 1})
	events := listen(t, s, "/p/"+r.ID.Token()+"/stream")
	next(t, events)
	s.clock.Advance(time.Second) // nobody hints: the stream itself knows when to look
	if e, _ := next(t, events); e.State != "expired" || !e.Final {
		t.Errorf("it says %+v", e)
	}
}

func TestAStickersStreamTellsEachPayment(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Kind: "static"})
	events := listen(t, s, "/p/"+r.ID.Token()+"/stream")
	before, _ := next(t, events)
	for range 2 {
		s.clock.Advance(time.Second)
		s.pays(r, 100)
		after, _ := next(t, events)
		if after.State != "ready" || after.Final || after.Mark == before.Mark {
			t.Fatalf("after %+v comes %+v", before, after)
		}
		before = after
	}
}

func TestAStreamOfNothingIsNotFound(t *testing.T) {
	if got := open(t).browser("en").get("/p/" + strings.Repeat("0", 26) + "/stream"); got.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", got.StatusCode)
	}
}

func TestABrowserThatHasLeftIsNoFailure(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 100})
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, path := range []string{"/p/", "/r/"} {
		s.pages.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", path+r.ID.Token(), nil))
	}
	if s.log.Len() > 0 {
		t.Errorf("logged %s", s.log)
	}
}
