package notify

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"tolom/id"
	"tolom/store"
	"tolom/world"
)

const (
	// mostPasses is how many endpoints are served at once on a node, not counting
	// those whose pass takes long.
	mostPasses = 64
	// longPass is when a pass begins to count as long: it waits for its receiver and
	// costs us next to nothing, so it gives its room to another. mostLong is how many
	// of these there may be.
	longPass = time.Second
	mostLong = 512
	// mostDoubted is how many of these may be endpoints whose last pass failed. Those
	// that do not answer keep a pass busy for ten seconds each: without a bound,
	// enough of them would hold up everybody else.
	mostDoubted = mostPasses / 2
	// roundEvery is how often every endpoint gets a pass without being asked
	// for: it finds what is due again and what other nodes left.
	roundEvery = 5 * time.Second
	tickEvery  = 200 * time.Millisecond
	// After a failure an endpoint rests, twice as long after each further one.
	shortestRest = time.Second
	mostDoubled  = 6 // up to 64 s
	// holdFor is how long a node has an endpoint for itself. It is extended when
	// half of it is over; when the node dies, another goes on after it.
	holdFor = 15 * time.Second
	// mostRest is the longest rest that a receiver gets by asking; a failed event
	// waits longer by its own plan, this holds up new ones only.
	mostRest = 5 * time.Minute
)

// dispatch gives the endpoints their passes: each at most one at a time, by one
// node, so that its events stay in order; a slow one holds up no other. It belongs
// to one goroutine.
type dispatch struct {
	courier *Courier
	log     *slog.Logger
	holder  string // this node, among those that hold endpoints

	routes   map[id.ID]*route // by endpoint
	of       map[id.ID][]id.ID
	ready    []id.ID             // those that want a pass, first come first served
	doubted  []id.ID             // the same of those whose last pass failed
	running  map[id.ID]time.Time // since when
	doubting int                 // passes of the doubted among those that run
	finished chan finished

	position int64 // of the feed, when started
	started  bool
}

// route is an endpoint in the eyes of the dispatch.
type route struct {
	running  bool
	wanted   bool // has something to do, as far as is known
	queued   bool // stands in ready
	failures int  // passes with a failure, one after another
	restTill time.Time
	heldTill time.Time // by this node
}

type finished struct {
	endpoint id.ID
	pass     Pass
	heldTill time.Time
	doubted  bool
	err      error
}

func newDispatch(c *Courier, log *slog.Logger) *dispatch {
	return &dispatch{courier: c, log: log, holder: world.NewID(c.world, "", 0).Token(), routes: map[id.ID]*route{}, of: map[id.ID][]id.ID{}, running: map[id.ID]time.Time{},
		finished: make(chan finished)}
}

func (d *dispatch) run(ctx context.Context) {
	ticks := time.NewTicker(tickEvery)
	defer ticks.Stop()
	rounds := time.NewTicker(roundEvery)
	defer rounds.Stop()
	d.begin(ctx)
	for ctx.Err() == nil {
		d.start(ctx)
		select {
		case <-ctx.Done():
		case <-d.courier.wake:
			d.follow(ctx)
		case f := <-d.finished:
			d.finish(ctx, f)
		case <-ticks.C:
			d.follow(ctx)
			d.queueRested()
		case <-rounds.C:
			d.round(ctx)
		}
	}
	for len(d.running) > 0 {
		d.finish(ctx, <-d.finished)
	}
	d.release(context.WithoutCancel(ctx))
}

// round reads which endpoints there are and wants a pass over each. While there
// were none it did not follow the feed: it takes its place at the end first, so
// that what is numbered meanwhile is found by one of the two.
func (d *dispatch) round(ctx context.Context) {
	if len(d.routes) == 0 {
		head, err := d.courier.read.Head(ctx)
		if err != nil {
			d.started = false
			d.complain(ctx, "", err)
			return
		}
		d.position = head
	}
	routes, of := map[id.ID]*route{}, map[id.ID][]id.ID{}
	err := each(ctx, d.courier.shelf, "", func(e store.Endpoint) {
		old, known := d.routes[e.ID]
		switch {
		case resting(e):
			return
		case known:
			routes[e.ID] = old
		default:
			routes[e.ID] = &route{}
		}
		of[e.Merchant] = append(of[e.Merchant], e.ID)
	})
	if err != nil {
		d.complain(ctx, "", err)
		return
	}
	d.routes, d.of = routes, of
	for _, endpoint := range slices.Sorted(maps.Keys(routes)) {
		d.want(endpoint)
	}
}

// begin is the first round, tried again until it works.
func (d *dispatch) begin(ctx context.Context) {
	d.started = true
	d.round(ctx)
}

// follow wants passes over the endpoints of the merchants that new facts are about.
// Without endpoints it looks at nothing: the round that finds the first one takes
// its place in the feed anew.
func (d *dispatch) follow(ctx context.Context) {
	if d.started && len(d.routes) == 0 {
		return
	}
	if !d.started {
		d.begin(ctx)
		return
	}
	for {
		items, err := d.courier.read.Tail(ctx, d.position, mostFacts)
		if err != nil {
			d.complain(ctx, "", err)
			return
		}
		for _, item := range items {
			d.position = item.Position
			for _, endpoint := range d.of[item.Reader] {
				d.want(endpoint)
			}
		}
		if len(items) < mostFacts {
			return
		}
	}
}

// want notes that an endpoint has something to do.
func (d *dispatch) want(endpoint id.ID) {
	if r, known := d.routes[endpoint]; known {
		r.wanted = true
		d.queue(endpoint, r)
	}
}

// queue lines an endpoint up when it wants a pass and may have one.
func (d *dispatch) queue(endpoint id.ID, r *route) {
	if r.wanted && !r.running && !r.queued && !d.courier.world.Clock.Now().Before(r.restTill) {
		r.queued = true
		line := &d.ready
		if r.failures > 0 {
			line = &d.doubted
		}
		*line = append(*line, endpoint)
	}
}

// queueRested lines up those whose rest is over.
func (d *dispatch) queueRested() {
	for _, endpoint := range slices.Sorted(maps.Keys(d.routes)) {
		d.queue(endpoint, d.routes[endpoint])
	}
}

// start begins passes while there is room.
func (d *dispatch) start(ctx context.Context) {
	for pass, some := d.next(ctx); some; pass, some = d.next(ctx) {
		go func() { d.finished <- pass() }()
	}
}

// room says whether one more pass may begin.
func (d *dispatch) room() bool {
	if len(d.running) < mostPasses {
		return true
	}
	long, since := 0, d.courier.world.Clock.Now().Add(-longPass)
	for _, began := range d.running {
		if !began.After(since) {
			long++
		}
	}
	return long < mostLong && len(d.running)-long < mostPasses
}

// next gives the pass that begins next, if there is one and room for it.
func (d *dispatch) next(ctx context.Context) (pass func() finished, some bool) {
	for d.room() {
		line, doubted := &d.ready, len(d.doubted) > 0 && d.doubting < mostDoubted
		if doubted {
			line = &d.doubted
		}
		if len(*line) == 0 {
			break
		}
		endpoint := (*line)[0]
		*line = (*line)[1:]
		r, known := d.routes[endpoint]
		if !known {
			continue
		}
		r.queued, r.wanted, r.running = false, false, true
		d.running[endpoint] = d.courier.world.Clock.Now()
		if doubted {
			d.doubting++
		}
		return func() finished {
			f := d.pass(ctx, endpoint, r.heldTill)
			f.doubted = doubted
			return f
		}, true
	}
	return nil, false
}

// pass makes one pass over an endpoint that no other node holds.
func (d *dispatch) pass(ctx context.Context, endpoint id.ID, heldTill time.Time) (f finished) {
	f.endpoint, f.heldTill = endpoint, heldTill
	now := d.courier.world.Clock.Now()
	if heldTill.Sub(now) < holdFor/2 {
		held, err := d.courier.post.Hold(ctx, endpoint, d.holder, holdFor)
		if f.heldTill, f.err = now.Add(holdFor), err; err != nil || !held {
			f.heldTill = time.Time{}
			return f
		}
	}
	f.pass, f.err = d.courier.Step(ctx, endpoint)
	return f
}

// release gives the endpoints back, so that another node goes on at once.
func (d *dispatch) release(ctx context.Context) {
	for endpoint, r := range d.routes {
		if r.heldTill.IsZero() {
			continue
		}
		if _, err := d.courier.post.Hold(ctx, endpoint, d.holder, 0); err != nil {
			d.log.Warn("an endpoint could not be given back; another node delivers to it a little later", "endpoint", endpoint, "error", err)
			return
		}
	}
}

// finish takes a pass in and says when the next one may be.
func (d *dispatch) finish(ctx context.Context, f finished) {
	delete(d.running, f.endpoint)
	if f.doubted {
		d.doubting--
	}
	d.complain(ctx, f.endpoint, f.err)
	if f.pass.Ended {
		d.log.Warn("nothing is sent to an endpoint any more: it was gone, or took nothing for three days; its owner sees why", "endpoint", f.endpoint)
	}
	r, known := d.routes[f.endpoint]
	if !known {
		return
	}
	r.running, r.heldTill = false, f.heldTill
	r.wanted = r.wanted || f.pass.More
	if f.err == nil && f.pass.Failed == 0 {
		r.failures = 0
	} else {
		rest := max(shortestRest<<min(r.failures, mostDoubled), min(f.pass.Rest, mostRest))
		r.restTill = d.courier.world.Clock.Now().Add(rest)
		r.failures++
	}
	d.queue(f.endpoint, r)
}

func (d *dispatch) complain(ctx context.Context, endpoint id.ID, err error) {
	if err != nil && ctx.Err() == nil {
		d.log.Error("webhooks cannot be delivered now, it is tried again", "endpoint", endpoint, "error", err)
	}
}
