package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tolom/access"
	"tolom/api"
	"tolom/courier"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/jobs"
	"tolom/notify"
	"tolom/store"
	"tolom/web"
	"tolom/wire"
	"tolom/world"
)

// app is the platform, wired by hand: every part is made here and handed to
// those that need it, in the order of the rooms.
type app struct {
	settings settings
	world    world.World
	log      *slog.Logger
	store    store.Store
	gate     *access.Gate
	desk     store.Desk // the reference data with its secrets decrypted
	ring     *access.Ring
	registry *flow.Registry
	engine   *engine.Engine
	platform *flow.Platform
	// proposals is four eyes; who registers further actions does it before the node serves.
	proposals  *flow.Proposals
	days       *flow.BusinessDays
	recon      *flow.Reconciler
	statements *flow.Statements
	reports    *flow.Reports
	replica    *store.Replica // where reports are read; nil: the store itself
	files      *flow.Files
	teller     *notify.Teller
	telling    *notify.Runner
	webhooks   *notify.Endpoints
	jobs       *jobs.Runner
	metrics    *prometheus.Registry
	programs   http.Handler  // the door for programs, set by handler
	draining   chan struct{} // closed when nobody should send further calls
	closing    chan struct{} // closed when live streams are to end
	written    writings
}

// writings counts what the engine has committed.
type writings struct{ commits, commands atomic.Int64 }

// newApp opens the database and makes the parts. settings must say where the server listens.
func newApp(ctx context.Context, s settings, log *slog.Logger) (*app, error) {
	return newNode(ctx, s, os.Getpid(), log)
}

// newNode is newApp for one of several nodes in this process: offset keeps their
// slices of balances apart, as the process id does for nodes on their own.
func newNode(ctx context.Context, s settings, offset int, log *slog.Logger) (*app, error) {
	a := &app{settings: s, world: world.System(), log: log, metrics: prometheus.NewRegistry(), draining: make(chan struct{}), closing: make(chan struct{})}
	var err error
	a.store, err = store.Open(ctx, s.DB, store.Options{Clock: a.world.Clock, MaxConns: s.MaxConns, Migrate: embedded(s.DB)})
	if errors.Is(err, store.ErrOlder) {
		return nil, fmt.Errorf("%w: run `tolom migrate` first", err)
	}
	if errors.Is(err, store.ErrRetry) {
		return nil, fmt.Errorf("the database cannot be reached: %w", err)
	}
	if err != nil {
		return nil, err
	}
	vault, err := s.vault(a.world)
	if err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	if vault == nil && s.Mode == "live" {
		log.Warn("secrets are kept in the database as they are: give --master-key-file or " + masterKeyVariable)
	}
	a.desk = vault.Locked(a.store)
	site := wire.Site{Base: s.BaseURL, LinkBase: s.LinkBase}
	a.gate = access.New(a.store, a.world.Clock)
	if s.Mode == "live" {
		a.gate.DemandSecondFactor()
	}
	a.registry = flow.NewRegistry(a.desk, a.gate, a.world)
	a.engine = engine.New(a.store, a.world, engine.Config{Lanes: lanes(s), MaxBatch: s.MaxBatch, Offset: offset, Observe: a.committed})
	a.platform = flow.New(store.Gathered(a.store), a.engine, a.registry, a.world, flow.Config{Provider: s.Provider, Site: site, Remember: s.Remember})
	a.proposals = flow.NewProposals(a.platform, s.fourEyes())
	a.recon = flow.NewReconciler(a.platform, a.store)
	a.recon.Register(a.proposals)
	a.statements = flow.NewStatements(a.platform, a.store)
	if a.days, err = flow.NewDays(a.store, a.engine, a.registry, a.world, flow.DaysConfig{CloseAt: s.DayClose, Recounted: a.recounted}); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	files := s.filing.config()
	files.NewKey = func() (string, error) { return courier.NewKey(a.world.Entropy) }
	a.files = flow.NewFiles(a.days, a.store, a.desk, a.world, files)
	a.files.Register(a.proposals)
	a.days.Register(a.proposals)
	a.teller = notify.NewTeller(a.store, a.store, site, a.world.Clock)
	sender := notify.NewSender(world.Dialer{AllowPrivate: s.PrivateWebhooks}.Transport(), a.world.Clock)
	a.webhooks = notify.NewEndpoints(a.desk.Endpoints(), a.store, a.store, sender, a.world, notify.Config{AllowPrivate: s.PrivateWebhooks})
	a.telling = &notify.Runner{
		Sequencer: notify.NewSequencer(a.store), Hub: notify.NewHub(a.store), Log: log,
		Courier: notify.NewCourier(a.desk.Endpoints(), a.store, a.store, sender, site, a.world),
	}
	if err := a.openReports(ctx); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	a.jobs = jobs.NewRunner(log, append(a.reportPasses(), jobs.Expire(a.store, a.platform, a.world.Clock), jobs.Prune(a.store, a.world.Clock), jobs.ForgetNonces(a.store, a.world.Clock), jobs.WriteUses(a.gate), jobs.Propose(a.proposals), jobs.ForgetProofs(a.store, a.world.Clock), jobs.ForgetTills(a.store, a.world.Clock), jobs.CloseDays(a.days), jobs.Erase(a.store, s.PersonalDataDays, a.world.Clock), a.carry(), jobs.Reconcile(a.recon, a.proposals),
		jobs.Seal(a.store, a.signing, s.Provider+factsLog, world.NewID(a.world, "", 0).Token(), a.world.Clock),
		jobs.SealDeeds(a.store, a.signing, s.Provider+deedsLog, world.NewID(a.world, "", 0).Token(), a.world.Clock))...)
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &figures{a: a})
	if err := a.openRing(ctx); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	return a, nil
}

// embedded says that nobody but this process uses the database, so that it may
// bring the schema up to date by itself.
func embedded(dsn string) bool { return strings.HasPrefix(dsn, "sqlite:") }

// lanes gives how many batches may be under way at once. On PostgreSQL half the
// cores, and at least two, so that program and database work at the same time;
// the engine opens a second lane only when there are callers enough for both.
func lanes(s settings) int {
	switch {
	case embedded(s.DB):
		return 1
	case s.Lanes == 0:
		return max(2, runtime.NumCPU()/2)
	}
	return s.Lanes
}

// committed is told of each commit, so that what happened is told at once.
func (a *app) committed(commands int) {
	a.written.commits.Add(1)
	a.written.commands.Add(int64(commands))
	a.telling.Nudge()
}

// recounted writes down whose counters of net debit caps were off: an older version has left them so, or something is wrong.
func (a *app) recounted(_ context.Context, owners []id.ID) {
	a.log.Warn("counters of net debit caps were set right", "owners", owners)
}

// ready says whether this node can be sent calls: the database answers, and it has
// not been refusing what the engine wants to write.
func (a *app) ready(ctx context.Context) error {
	if a.engine.Stuck() {
		return errors.New("the database takes no writes")
	}
	return a.store.Ping(ctx)
}

// handler joins the doors. pages are the web's settings beyond what the app knows.
func (a *app) handler(pages web.Config) (*http.ServeMux, error) {
	mux := http.NewServeMux()
	programs, err := api.New(api.Deps{
		Reports: a.reports, Platform: a.platform, Proposals: a.proposals, Days: a.days, Recon: a.recon, Statements: a.statements, Files: a.files, Access: a.gate, Teller: a.teller, Hub: a.telling.Hub, Endpoints: a.webhooks,
		Ping: a.ready, World: a.world, Log: a.log, Metrics: a.metrics, Draining: a.draining, Closing: a.closing,
		Ring: a.ring, Trail: a.store, Deeds: a.store.Deeds(), PSP: a.settings.policy(), Proxies: a.settings.proxies(), FileKeys: a.settings.SigningKey != "", Rates: a.settings.rates(),
	})
	if err != nil {
		return nil, err
	}
	a.programs = programs
	for _, path := range api.Paths {
		mux.Handle(path, programs)
	}
	pages.Platform, pages.Gate, pages.World, pages.Log, pages.Proxies = a.platform, a.gate, a.world, a.log, a.settings.proxies()
	pages.Ring, pages.Trail, pages.Proposals = a.ring, a.store, a.proposals
	pages.Subscribe = a.subscribe
	pages.Reports, pages.Recon, pages.Statements, pages.Days, pages.Files = a.reports, a.recon, a.statements, a.days, a.files
	pages.Health = []web.HealthCheck{{Name: "database", Ask: a.ready}}
	mux.Handle("/", a.endStreams(web.New(pages)))
	return mux, nil
}
