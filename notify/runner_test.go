package notify

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

// run drives the town as in production until the test ends, or until it calls stop.
func (c *town) run(t *testing.T) (r *Runner, stop func()) {
	r = &Runner{Sequencer: c.sequencer, Hub: c.hub, Courier: c.courier, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return r, stop
}

// soon waits until something is true, which takes a few milliseconds on a quiet machine.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

func TestRunnerTellsAtOnce(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	c.listen(box.URL)
	r := c.ask(100)
	s := c.hub.Subscribe(r.ID)
	runner, _ := c.run(t)
	soon(t, "the hint of the hub's start", func() bool { return hinted(s) })
	p := c.begin(r, 100)
	begun := time.Now()
	c.execute(p)
	runner.Nudge()
	select {
	case <-s.C:
		t.Logf("the hint came after %v", time.Since(begun))
	case <-time.After(10 * time.Second):
		t.Fatal("no hint came")
	}
	if got := types(c.stream(r, 0, 10)); got != "payment.succeeded request.paid" {
		t.Errorf("after the hint the stream tells %q", got)
	}
	soon(t, "two webhooks", func() bool { return len(box.got()) == 2 })
	t.Logf("the webhooks came after %v", time.Since(begun))
	if took := time.Since(begun); took > roundEvery/2 {
		t.Errorf("the webhooks came after %v: only the round has found them", took)
	}
}

// TestRunnerFindsWhatOthersDid without a nudge: another node commits and numbers.
func TestRunnerFindsWhatOthersDid(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	c.listen(box.URL)
	c.run(t)
	c.pay(c.ask(100), 100)
	c.number()
	soon(t, "two webhooks", func() bool { return len(box.got()) == 2 })
}

// TestSlowReceiverHoldsUpNoOther leaves one webhook without an answer.
func TestSlowReceiverHoldsUpNoOther(t *testing.T) {
	c, slow, quick := newTown(t), newLetterbox(t), newLetterbox(t)
	hold := make(chan struct{})
	slow.answer = func(http.ResponseWriter, wire.Event) { <-hold }
	c.listen(slow.URL)
	e := c.listen(quick.URL)
	runner, _ := c.run(t)
	for range 3 {
		c.pay(c.ask(100), 100)
		runner.Nudge()
	}
	soon(t, "the quick receiver's webhooks", func() bool { return len(c.log(e)) == 6 })
	close(hold)
	soon(t, "the slow receiver's webhooks", func() bool { return len(slow.got()) == 6 })
	if a, b := types(slow.events()), types(quick.events()); a != b {
		t.Errorf("the slow one got %s, the quick one %s", a, b)
	}
}

// TestThreatSlowReceivers brings more receivers that never answer than there are
// places: the quick one is told while all of them are still waited for.
func TestThreatSlowReceivers(t *testing.T) {
	c, slow, quick := newTown(t), newLetterbox(t), newLetterbox(t)
	hold := make(chan struct{})
	stuck := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold })
	slow.Config.Handler = stuck
	for range 3 * mostPasses {
		shop := c.newMerchant("Slow shop")
		_, _, err := c.endpoints.Create(c.ctx, shop.ID, c.key(), wire.NewWebhookEndpoint{URL: slow.URL})
		c.ok(err)
		c.pay(c.askFor(shop, wire.NewPaymentRequest{Amount: 100}), 100)
	}
	c.number()
	c.tick()
	late := c.newMerchant("Quick shop") // its endpoint is the last in every order
	_, _, err := c.endpoints.Create(c.ctx, late.ID, c.key(), wire.NewWebhookEndpoint{URL: quick.URL})
	c.ok(err)
	c.pay(c.askFor(late, wire.NewPaymentRequest{Amount: 100}), 100)
	c.number()
	d := newDispatch(c.courier, slog.New(slog.DiscardHandler))
	defer func() {
		close(hold)
		for len(d.running) > 0 {
			d.finish(c.ctx, <-d.finished)
		}
	}()
	d.round(c.ctx)
	began := time.Now()
	for len(quick.got()) < 2 {
		d.start(c.ctx)
		select {
		case f := <-d.finished:
			d.finish(c.ctx, f)
		case <-time.After(5 * time.Millisecond):
			c.clock.Advance(time.Second / 2) // as if the rest of the world went on
		}
		if time.Since(began) > answerWithin/2 {
			t.Fatalf("after %v the quick receiver got %d webhooks", time.Since(began), len(quick.got()))
		}
	}
	if len(d.running) < 3*mostPasses {
		t.Errorf("%d passes run beside it", len(d.running))
	}
}

// TestStopInTheMiddleLosesNothing ends the runner while a receiver thinks.
func TestStopInTheMiddleLosesNothing(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL)
	asked, hold := make(chan struct{}), make(chan struct{})
	box.answer = func(http.ResponseWriter, wire.Event) { close(asked); <-hold }
	_, stop := c.run(t)
	c.pay(c.ask(100), 100)
	<-asked
	begun := time.Now()
	stop()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if n := len(c.log(e)); n != 0 {
		t.Errorf("%d deliveries were written down of an attempt that we broke off", n)
	}
	close(hold)
	box.mu.Lock()
	box.answer = nil
	box.mu.Unlock()
	c.open(http.DefaultTransport)
	c.run(t)
	soon(t, "the webhooks after the restart", func() bool { return len(c.log(e)) == 2 })
	if got := types(box.events()); !strings.HasSuffix(got, "payment.succeeded request.paid") {
		t.Error(got)
	}
}

// TestFailingReceiverIsGivenRest looks at the pauses between passes.
func TestFailingReceiverIsGivenRest(t *testing.T) {
	c := newTown(t)
	d := newDispatch(c.courier, slog.New(slog.DiscardHandler))
	e := id.ID("wh_1")
	d.routes[e] = &route{}
	rest := func(p Pass) time.Duration {
		d.running[e] = c.clock.Now()
		d.finish(c.ctx, finished{endpoint: e, pass: p})
		return max(0, d.routes[e].restTill.Sub(c.clock.Now()))
	}
	for n, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 64} {
		if got := rest(Pass{Failed: 1, More: true}); got != want*time.Second {
			t.Errorf("after %d failures it rests for %v", n+1, got)
		}
	}
	if len(d.doubted) != 0 {
		t.Error("an endpoint that rests was lined up")
	}
	c.clock.Advance(64 * time.Second)
	d.queueRested()
	if len(d.doubted) != 1 {
		t.Error("a rested endpoint with more to do was not lined up")
	}
	rest(Pass{Delivered: 1})
	if got := rest(Pass{Failed: 1}); got != time.Second {
		t.Errorf("after a success and a failure it rests for %v", got)
	}
	if got := rest(Pass{Failed: 1, Rest: 3 * time.Minute}); got != 3*time.Minute {
		t.Errorf("asked for three minutes it rests for %v", got)
	}
	if got := rest(Pass{Failed: 1, Rest: 24 * time.Hour}); got != 5*time.Minute {
		t.Errorf("asked for a day it rests for %v", got)
	}
}

// TestDispatchServesOneEndpointOnce at a time, and no more at once than it may.
func TestDispatchServesOneEndpointOnce(t *testing.T) {
	c := newTown(t)
	for n := range 3 * mostPasses {
		e := store.Endpoint{ID: id.New(id.Endpoint, epoch, 0, id.Random{8: byte(n)}), Merchant: c.merchant.ID, URL: "https://shop.example/", Disabled: n%3 == 0}
		c.ok(c.store.Endpoints().Put(c.ctx, e))
	}
	d := newDispatch(c.courier, slog.New(slog.DiscardHandler))
	d.round(c.ctx)
	d.round(c.ctx)
	if len(d.ready) != 2*mostPasses || len(d.routes) != 2*mostPasses {
		t.Fatalf("%d are lined up, %d known", len(d.ready), len(d.routes))
	}
	d.start(c.ctx)
	if len(d.running) != mostPasses || len(d.ready) != mostPasses {
		t.Errorf("%d run, %d wait", len(d.running), len(d.ready))
	}
	for len(d.running) > 0 {
		d.finish(c.ctx, <-d.finished)
		d.start(c.ctx)
	}
	if len(d.ready) != 0 {
		t.Errorf("%d wait in the end", len(d.ready))
	}
}

// TestDoubtedEndpointsLeaveRoom lines up more endpoints that have failed than there
// are passes, and then one that has not: it does not wait for them.
func TestDoubtedEndpointsLeaveRoom(t *testing.T) {
	c := newTown(t)
	d := newDispatch(c.courier, slog.New(slog.DiscardHandler))
	name := func(n int) id.ID { return id.New(id.Endpoint, epoch, 0, id.Random{8: byte(n)}) }
	for n := range 2 * mostPasses {
		d.routes[name(n)] = &route{failures: 1}
		d.want(name(n))
	}
	begun := func() (n int) {
		for _, some := d.next(c.ctx); some; _, some = d.next(c.ctx) {
			n++
		}
		return n
	}
	if n := begun(); n != mostDoubted {
		t.Errorf("%d passes of endpoints that have failed are begun, want %d", n, mostDoubted)
	}
	d.routes[name(200)] = &route{}
	d.want(name(200))
	if n := begun(); n != 1 || !d.routes[name(200)].running {
		t.Errorf("%d passes were begun when a sound endpoint came", n)
	}
	d.finish(c.ctx, finished{endpoint: name(0), doubted: true, pass: Pass{Delivered: 1}})
	if n := begun(); n != 1 || d.doubting != mostDoubted {
		t.Errorf("%d passes were begun when one was over, %d of the doubted run", n, d.doubting)
	}
}
