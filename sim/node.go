package sim

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"tolom/access"
	"tolom/api"
	"tolom/clearing"
	"tolom/courier"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/jobs"
	"tolom/notify"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

const (
	provider = "sim.tolom.example"
	base     = "http://platform"
	lanes    = 2 // of a node
	// closeAt is when business days end: a minute after worlds begin.
	closeAt = "12:01"
)

// settlers are who writes the files of closed days, and who settles by them.
var settlers = flow.FilesConfig{Centre: clearing.Bank{BIC: "TOLMKG22", Name: "Centre"}, CentralBank: clearing.Bank{BIC: "CENTKG22", Name: "Central bank"}}

// node is one process of the platform. Its doors are built once and used in many
// worlds, because describing the APIs costs more than a thousand payments.
type node struct {
	index   int
	w       *World
	clock   *dial
	draws   *draws
	store   *stage
	world   world.World
	engine  *engine.Engine
	gate    *access.Gate
	desk    *flow.Registry
	flow    *flow.Platform
	handler http.Handler

	recon     *flow.Reconciler
	days      *flow.BusinessDays
	proposals *flow.Proposals

	sequencer  *notify.Sequencer
	deliveries *notify.Deliveries
	passes     []jobs.Pass

	up      bool
	crew    *crew
	callers []waiter // handlers that wait for their commit
	resting []waiter // lanes and loops with nothing to do
	calls   int      // commands that came; a lane that saw fewer looks again
	news    int      // commits; the sequencer looks again
	facts   int      // numbered; the deliveries look again
}

// stage is the database as a node reaches it; worlds come and go behind it.
type stage struct{ store.Store }

// shelf keeps the endpoints of whatever world it is.
type shelf struct{ on *stage }

func (s shelf) Put(ctx context.Context, e store.Endpoint) error { return s.on.Endpoints().Put(ctx, e) }
func (s shelf) Get(ctx context.Context, i id.ID) (store.Endpoint, error) {
	return s.on.Endpoints().Get(ctx, i)
}
func (s shelf) List(ctx context.Context, owner, after id.ID, limit int) ([]store.Endpoint, error) {
	return s.on.Endpoints().List(ctx, owner, after, limit)
}

var site = wire.Site{Base: base, LinkBase: "https://pay.payqr.kg/"}

// newNode builds a node that stands in no world yet.
func newNode(index int) (*node, error) {
	n := &node{index: index, clock: &dial{}, draws: &draws{}, store: &stage{}}
	n.world = world.World{Clock: n.clock, Entropy: n.draws}
	n.engine = engine.New(n.store, n.world, engine.Config{
		Lanes: lanes, Offset: index * lanes, MaxBatch: 64, Few: 1, Full: []int{1, -1}[min(index, 1)], Await: n.await, Observe: n.committed,
	})
	n.gate = access.New(n.store, n.clock)
	n.gate.SpendAlone()
	n.desk = flow.NewRegistry(n.store, n.gate, n.world)
	n.flow = flow.New(n.store, n.engine, n.desk, n.world, flow.Config{Provider: provider, Site: site})
	return n, n.open()
}

// open builds the doors, with four eyes on what the operators do.
func (n *node) open() (err error) {
	n.recon = flow.NewReconciler(n.flow, n.store)
	// One of the nodes takes smaller steps than the others, as while a setting is being changed.
	if n.days, err = flow.NewDays(n.store, n.engine, n.desk, n.world, flow.DaysConfig{CloseAt: closeAt, Page: []int{5, 200}[min(n.index, 1)]}); err != nil {
		return err
	}
	files := n.newFiles()
	n.proposals = flow.NewProposals(n.flow, true)
	n.recon.Register(n.proposals)
	n.days.Register(n.proposals)
	files.Register(n.proposals)
	sender := notify.NewSender(http.RoundTripper(hooks{n}), n.clock)
	n.handler, err = api.New(api.Deps{
		Platform: n.flow, Recon: n.recon, Statements: flow.NewStatements(n.flow, n.store), Access: n.gate, Teller: notify.NewTeller(n.store, n.store, site, n.clock), Hub: notify.NewHub(n.store),
		Days: n.days, Files: files, Proposals: n.proposals,
		Endpoints: notify.NewEndpoints(shelf{n.store}, n.store, n.store, sender, n.world, notify.Config{AllowPrivate: true}),
		Ping:      func(ctx context.Context) error { return n.store.Ping(ctx) }, World: n.world, Ring: access.NewRing(ownKeys, n.clock),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), After: n.timer,
	})
	return err
}

// newFiles makes the use cases of files. What they remember ends with the process.
func (n *node) newFiles() *flow.Files {
	return flow.NewFiles(n.days, n.store, n.store, n.world, settlers)
}

// Open opens the box of an owner of files: everybody's is on the shelf of the world.
func (n *node) Open(_ context.Context, d store.Destination) (*courier.Box, error) {
	return n.w.post.shelf.Box(d.Folder, d.Inbox), nil
}

// hooks is a node's way to the receivers of webhooks.
type hooks struct{ n *node }

func (h hooks) RoundTrip(r *http.Request) (*http.Response, error) { return h.n.w.hooks.RoundTrip(r) }

// enter puts a node into a world.
func (n *node) enter(w *World) {
	n.w, n.clock.w, n.clock.skew, n.store.Store = w, w, 0, w.store
	n.draws.Entropy = world.Seeded(w.random.Uint64())
	n.up, n.crew = false, nil
	n.forget()
}

// forget is what the end of the process does to its memory.
func (n *node) forget() {
	n.engine.Forget()
	n.flow.Forget()
	n.gate.Forget()
	n.callers, n.resting = nil, nil
}
