package sim

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"tolom/engine"
	"tolom/jobs"
	"tolom/notify"
)

// await is how a handler waits for its commit.
func (n *node) await(over func() bool) {
	n.calls++
	n.w.check(&n.resting)
	n.w.wait(&n.callers, over)
}

// committed is told of each batch of the node.
func (n *node) committed(commands int) {
	if commands > 1 {
		n.w.count("batch of several commands")
	}
	n.news++
	n.w.check(&n.resting)
}

// timer parks for the whole time; what it gives has fired by then.
func (n *node) timer(wait time.Duration) <-chan time.Time {
	n.w.sleep(wait)
	fired := make(chan time.Time, 1)
	fired <- n.clock.Now()
	return fired
}

// start begins the node's life.
func (n *node) start() {
	w := n.w
	log := slog.New(slog.DiscardHandler)
	n.up, n.crew = true, newCrew()
	n.crew.node = n
	sender := notify.NewSender(hooks{n}, n.clock)
	n.sequencer = notify.NewSequencer(n.store)
	n.deliveries = notify.NewDeliveries(notify.NewCourier(n.store.Endpoints(), n.store, n.store, sender, site, n.world), log)
	n.passes = []jobs.Pass{
		jobs.Expire(n.store, n.flow, n.clock), jobs.Prune(n.store, n.clock), jobs.ForgetNonces(n.store, n.clock), jobs.CloseDays(n.days),
		jobs.Carry(n.newFiles(), n.store, n, ""), jobs.Propose(n.proposals), jobs.Reconcile(n.recon, n.proposals),
	}
	for lane := range lanes {
		w.begin(0, n.crew, func() { n.drive(lane) })
	}
	w.begin(w.within(100*time.Millisecond), n.crew, n.number)
	w.begin(w.within(100*time.Millisecond), n.crew, n.deliver)
	for _, pass := range n.passes {
		w.begin(w.within(pass.Every()), n.crew, func() { n.repeat(pass) })
	}
}

// drive is the runner of a lane.
func (n *node) drive(lane int) {
	for {
		seen := n.calls
		wait := n.engine.Step(context.Background(), lane)
		n.w.check(&n.callers)
		switch {
		case wait == engine.Idle:
			n.w.wait(&n.resting, func() bool { return n.calls > seen })
		case wait > 0:
			n.w.sleep(wait)
		}
	}
}

// rest parks until there is news or a time has passed.
func (n *node) rest(most time.Duration, news *int, seen int) {
	w := n.w
	if *news > seen {
		w.sleep(w.within(15 * time.Millisecond))
		return
	}
	w.wakeIn(w.task, most)
	w.wait(&n.resting, func() bool { return *news > seen })
}

// number is the runner of the sequencer.
func (n *node) number() {
	for {
		seen := n.news
		facts, err := n.sequencer.Step(context.Background())
		switch {
		case err != nil:
			n.w.sleep(time.Second)
		case facts > 0:
			n.facts++
			n.w.check(&n.resting)
			n.w.sleep(n.w.within(30 * time.Millisecond))
		default:
			n.rest(n.w.idly(400*time.Millisecond), &n.news, seen)
		}
	}
}

// deliver is the runner of the webhooks.
func (n *node) deliver() {
	w, ctx := n.w, context.Background()
	round := w.now
	for {
		seen := n.facts
		if w.now >= round {
			n.deliveries.Round(ctx)
			round = w.now + 5*time.Second
		}
		n.deliveries.Follow(ctx)
		for {
			pass, some := n.deliveries.Next(ctx)
			if !some {
				break
			}
			w.begin(0, n.crew, func() {
				pass()
				n.facts++
				w.check(&n.resting)
			})
		}
		n.rest(w.idly(500*time.Millisecond), &n.facts, seen)
	}
}

// repeat is the runner of a pass of the jobs.
func (n *node) repeat(pass jobs.Pass) {
	for {
		did, err := pass.Step(context.Background())
		if did == 0 || err != nil {
			n.w.sleep(n.w.idly(pass.Every()))
		}
	}
}

// serve answers a message that arrived.
func (n *node) serve(m message, x *exchange) {
	w := n.w
	if !n.up {
		x.fail(errRefused)
		return
	}
	w.begin(0, n.crew, func() {
		answered := false
		defer func() {
			if !answered {
				x.fail(errReset) // the node died in the middle
			}
		}()
		ctx, leave := context.WithCancel(context.Background())
		defer leave()
		x.leave = append(x.leave, func() { leave(); w.check(&n.callers) })
		out := &kept{header: http.Header{}}
		n.handler.ServeHTTP(out, m.request(ctx))
		if w.task.killed {
			die() // the gate takes panics for failures of its own
		}
		answered = true
		if m.broken {
			x.fail(errReset)
			return
		}
		w.witness.answered(m, out)
		x.reply(answer{status: out.status, header: out.sent, body: out.body})
	})
}

// request is a message as the server reads it.
func (m message) request(ctx context.Context) *http.Request {
	body := io.Reader(newBytes(m.body))
	length := int64(len(m.body))
	if m.broken {
		body, length = io.MultiReader(body, cut{}), length+1
	}
	r := (&http.Request{
		Method: m.method, URL: m.url, Host: m.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.header, Body: io.NopCloser(body), ContentLength: length, RequestURI: m.target, RemoteAddr: "127.0.0.1:0",
	}).WithContext(ctx)
	return r
}

// crash ends a node's process. What it had open at the database may be noticed later.
func (w *World) crash(n *node) {
	if !n.up {
		return
	}
	w.count("node died")
	w.record.note(w.now, "crash", string(rune('0'+n.index)))
	n.up = false
	for _, t := range n.crew.sorted() {
		if t.within && t != w.task && w.chance(.25) {
			t.frozen = true
			w.after(w.within(3*time.Second), func() {
				t.frozen = false
				w.kill(t)
			})
			continue
		}
		w.kill(t)
	}
	n.forget()
	w.after(50*time.Millisecond+w.within(3*time.Second), n.start)
}
