package notify

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/store"
	"tolom/wire"
)

func TestWebhooksTellTheFeedInOrder(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	c.pay(c.ask(100), 100)
	c.number()
	e := c.listen(box.URL)
	for n := range int64(3) {
		r := c.ask(1_000 + n)
		c.scan(r)
		c.pay(r, 1_000+n)
	}
	if p := c.pass(e); p.Delivered != 9 || p.Failed != 0 || p.More {
		t.Errorf("the pass did %+v", p)
	}
	sameEvents(t, box.events(), c.feed()[2:])
	for _, l := range box.got() {
		verify(t, l, e.Secrets[0])
		h := l.header
		if h.Get("webhook-id") != l.event.ID || h.Get("User-Agent") != "Tolom-Webhooks/1" || h.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", h)
		}
	}
	for i, d := range c.log(e) {
		if d.Status != store.DeliveryDelivered || d.Attempts != 1 || d.HTTPStatus != 204 || !d.NextAt.IsZero() || d.Merchant != c.merchant.ID {
			t.Errorf("delivery %d: %+v", i, d)
		}
	}
	if p := c.pass(e); p != (Pass{}) || len(box.got()) != 9 {
		t.Errorf("a pass without news did %+v", p)
	}
}

func TestEndpointGetsTheTypesItAskedFor(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid", "payment.canceled")
	r := c.ask(100)
	c.begin(r, 100)
	c.scan(r)
	c.pay(r, 100)
	c.pass(e)
	if got := types(box.events()); got != "request.paid payment.canceled" {
		t.Error(got)
	}
}

func TestRotatedSecretsBothSign(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	rotated, _, err := c.endpoints.Rotate(c.ctx, c.merchant.ID, c.key(), string(e.ID))
	c.ok(err)
	c.pay(c.ask(100), 100)
	c.pass(e)
	for _, l := range box.got() {
		verify(t, l, e.Secrets[0])
		verify(t, l, rotated.Secrets[0])
		if n := len(strings.Fields(l.header.Get("webhook-signature"))); n != 4 {
			t.Errorf("%d signatures", n)
		}
	}
	if len(box.got()) != 2 {
		t.Errorf("%d webhooks came", len(box.got()))
	}
}

// TestFailedEventHoldsUpNoOther lets the receiver refuse one event for ever.
func TestFailedEventHoldsUpNoOther(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	box.answer = func(w http.ResponseWriter, e wire.Event) {
		if e.Sequence == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, "no disk\x00\xff")
		}
	}
	c.pay(c.ask(100), 100)
	if p := c.pass(e); p.Delivered != 0 || p.Failed != 1 || !p.More {
		t.Errorf("the first pass did %+v: it ends at its first failure", p)
	}
	c.tick() // deliveries are listed by their time
	if p := c.pass(e); p.Delivered != 1 || p.Failed != 0 {
		t.Errorf("the second pass did %+v", p)
	}
	d := c.log(e)[0]
	if d.Status != store.DeliveryPending || d.HTTPStatus != 500 || d.Reply != "no disk\uFFFD\uFFFD" || d.Error != "" || d.EventType != "payment.succeeded" {
		t.Errorf("the failed delivery is %+v", d)
	}
	c.clock.Set(d.NextAt.Add(-time.Millisecond))
	if p := c.pass(e); p != (Pass{}) {
		t.Errorf("before its time a pass did %+v", p)
	}
	c.clock.Set(d.NextAt)
	box.answer = nil
	if p := c.pass(e); p.Delivered != 1 {
		t.Errorf("when it was due a pass did %+v", p)
	}
	if d = c.delivery(d.ID); d.Status != store.DeliveryDelivered || d.Attempts != 2 || d.HTTPStatus != 204 || d.Reply != "" {
		t.Errorf("the delivery is %+v", d)
	}
	first, again := box.got()[0], box.got()[2]
	if string(first.body) != string(again.body) || first.header.Get("webhook-id") != again.header.Get("webhook-id") {
		t.Error("the second attempt was another message than the first")
	}
}

// TestRetriesComeLessAndLessUntilThreeDaysArePast follows one event that is never taken.
func TestRetriesComeLessAndLessUntilThreeDaysArePast(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	box.answer = always(http.StatusServiceUnavailable)
	c.pay(c.ask(100), 100)
	c.pass(e)
	d := c.log(e)[0]
	for n := 1; d.Status == store.DeliveryPending; n++ {
		plan := pauses[min(n, len(pauses))-1]
		if wait := d.NextAt.Sub(d.LastAt); wait < plan || wait > plan+plan/10 || d.Attempts != n {
			t.Fatalf("after attempt %d (%d noted) the next is in %v, planned are %v", n, d.Attempts, wait, plan)
		}
		c.clock.Set(d.NextAt)
		c.pass(e)
		d = c.delivery(d.ID)
	}
	if age := d.LastAt.Sub(d.CreatedAt); d.Status != store.DeliveryFailed || !d.NextAt.IsZero() || age < 66*time.Hour || age > 72*time.Hour {
		t.Errorf("it was given up after %v: %+v", age, d)
	}
	if c.courier.Figures.GivenUp.Load() != 1 || int(c.courier.Figures.Failed.Load()) != d.Attempts {
		t.Error("the figures tell something else")
	}
	box.answer = nil
	_, err := c.endpoints.Resume(c.ctx, c.merchant.ID, string(e.ID)) // it took nothing all the time
	c.ok(err)
	_, err = c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(d.ID))
	c.ok(err)
	c.pass(e)
	if d = c.delivery(d.ID); d.Status != store.DeliveryDelivered {
		t.Errorf("redelivered by hand it is %+v", d)
	}
}

func TestReceiverMayAskForTime(t *testing.T) {
	for _, c := range []struct {
		name, header string
		least        time.Duration
	}{
		{"seconds", "120", 2 * time.Minute},
		{"a date", epoch.Add(time.Hour).UTC().Format(http.TimeFormat), 59 * time.Minute},
		{"less than planned anyway", "1", 5 * time.Second},
		{"more than a day", "9999999999", 24 * time.Hour},
		{"nonsense", "soon", 5 * time.Second},
		{"the past", "-5", 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			town, box := newTown(t), newLetterbox(t)
			e := town.listen(box.URL, "request.paid")
			box.answer = func(w http.ResponseWriter, _ wire.Event) {
				w.Header().Set("Retry-After", c.header)
				w.WriteHeader(http.StatusTooManyRequests)
			}
			town.pay(town.ask(100), 100)
			town.pass(e)
			d := town.log(e)[0]
			if wait := d.NextAt.Sub(d.LastAt); wait < c.least || wait > c.least+c.least/10+time.Minute {
				t.Errorf("the next attempt is in %v, asked for are %v", wait, c.least)
			}
		})
	}
}

func TestReceiverThatIsGoneIsLeftAlone(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	box.answer = always(http.StatusInternalServerError)
	c.pay(c.ask(100), 100)
	c.pass(e)
	box.answer = always(http.StatusGone)
	c.pass(e)
	own, err := c.endpoints.Get(c.ctx, c.merchant.ID, string(e.ID))
	c.ok(err)
	if !own.Disabled || len(pending(c.log(e))) != 0 || c.courier.Figures.Disabled.Load() != 1 {
		t.Errorf("the endpoint is %+v with %d deliveries to try again", own, len(pending(c.log(e))))
	}
	c.pay(c.ask(200), 200)
	c.clock.Advance(time.Hour)
	if p := c.pass(e); p != (Pass{}) || len(box.got()) != 2 {
		t.Errorf("a disabled endpoint got a pass that did %+v", p)
	}
}

// TestRedirectsAreFailures because the new address was never checked.
func TestRedirectsAreFailures(t *testing.T) {
	c, box, elsewhere := newTown(t), newLetterbox(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	box.answer = func(w http.ResponseWriter, _ wire.Event) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	c.pay(c.ask(100), 100)
	c.pass(e)
	if d := c.log(e)[0]; d.Status != store.DeliveryPending || d.HTTPStatus != 307 || len(elsewhere.got()) != 0 {
		t.Errorf("%+v, %d webhooks went elsewhere", d, len(elsewhere.got()))
	}
}

func TestLongAnswersAreCut(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	box.answer = func(w http.ResponseWriter, _ wire.Event) { _, _ = io.WriteString(w, strings.Repeat("ok", 1<<20)) }
	c.pay(c.ask(100), 100)
	c.pass(e)
	if d := c.log(e)[0]; d.Status != store.DeliveryDelivered || len(d.Reply) != 1024 {
		t.Errorf("%s with a reply of %d bytes", d.Status, len(d.Reply))
	}
}

func TestNobodyAtHomeIsToldInOurWords(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	box.Close()
	c.pay(c.ask(100), 100)
	if p := c.pass(e); p.Failed != 1 {
		t.Errorf("the pass did %+v", p)
	}
	if d := c.log(e)[0]; d.Status != store.DeliveryPending || d.HTTPStatus != 0 || d.Error != "the connection failed" {
		t.Errorf("%+v", d)
	}
}

// TestRestartGoesOnFromTheCursor kills the process between sending and writing down.
func TestRestartGoesOnFromTheCursor(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	for range 3 {
		c.pay(c.ask(100), 100)
	}
	c.number()
	power := errors.New("no power")
	c.memory.Fault = func(p store.Point) error {
		if p == store.WritePoint {
			return power
		}
		return nil
	}
	if _, err := c.courier.Step(c.ctx, e.ID); !errors.Is(err, power) {
		t.Fatalf("the pass ended with %v", err)
	}
	c.memory.Fault = nil
	c.open(http.DefaultTransport)
	c.pay(c.ask(300), 300)
	c.pass(e)
	want := c.feed()
	sameEvents(t, box.events()[:6], want[:6])
	sameEvents(t, box.events()[6:], want)
	if n := len(c.log(e)); n != len(want) {
		t.Errorf("the log has %d deliveries of %d events", n, len(want))
	}
}

// TestTwoNodesAtOneEndpointAreHarmless lets a second node pass by while the first one sends.
func TestTwoNodesAtOneEndpointAreHarmless(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	first := c.courier
	c.open(http.DefaultTransport)
	second := c.courier
	c.pay(c.ask(100), 100)
	c.number()
	met := false
	box.answer = func(http.ResponseWriter, wire.Event) {
		if met {
			return
		}
		met = true
		box.mu.Unlock()
		defer box.mu.Lock()
		_, err := second.Step(c.ctx, e.ID)
		c.ok(err)
	}
	_, err := first.Step(c.ctx, e.ID)
	c.ok(err)
	if got := types(box.events()); got != "payment.succeeded payment.succeeded request.paid request.paid" {
		t.Errorf("arrived %s", got)
	}
	if n := len(c.log(e)); n != 2 {
		t.Errorf("the log has %d deliveries of 2 events", n)
	}
}

// TestLongBacklogComesInPasses so that each pass ends soon and is written down.
func TestLongBacklogComesInPasses(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	for range 120 {
		c.pay(c.ask(100), 100)
	}
	var passes []string
	for more := true; more; {
		p := c.pass(e)
		passes = append(passes, fmt.Sprint(p.Delivered))
		more = p.More
	}
	if got := strings.Join(passes, " "); got != "50 50 20" || len(box.got()) != 120 {
		t.Errorf("passes delivered %s", got)
	}
}

func TestPassEndsWhenItsTimeIsUp(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	box.answer = func(http.ResponseWriter, wire.Event) { c.clock.Advance(3 * time.Second) }
	for range 3 {
		c.pay(c.ask(100), 100)
	}
	if p := c.pass(e); p.Delivered != 2 || !p.More {
		t.Errorf("a pass of a slow receiver did %+v", p)
	}
	if d := c.log(e)[0]; d.DurationMS != 3000 {
		t.Errorf("%+v", d)
	}
}
