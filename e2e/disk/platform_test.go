package disk

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tolom/access"
	"tolom/api"
	"tolom/client"
	"tolom/engine"
	"tolom/flow"
	"tolom/internal/traffic"
	"tolom/notify"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// base is where the platform says it is; nothing goes over a socket.
const base = "http://platform"

// platform is the write path, the doors and the numbering of facts on one file.
type platform struct {
	store   store.Store
	calls   *http.Client
	stop    context.CancelFunc
	workers sync.WaitGroup
}

// start opens the database of a folder and serves it.
func start(folder string) (*platform, error) {
	w := world.System()
	s, err := store.OpenSQLite(context.Background(), filepath.Join(folder, "tolom.db"), store.Options{Clock: w.Clock, Migrate: true})
	if err != nil {
		return nil, err
	}
	gate, site := access.New(s, w.Clock), wire.Site{Base: base, LinkBase: base + "/"}
	e := engine.New(s, w, engine.Config{})
	sender := notify.NewSender(world.Dialer{}.Transport(), w.Clock)
	door, err := api.New(api.Deps{
		Platform: flow.New(s, e, flow.NewRegistry(s, gate, w), w, flow.Config{Provider: "tolom.test", Site: site}),
		Access:   gate, Teller: notify.NewTeller(s, s, site, w.Clock), Hub: notify.NewHub(s), Ping: s.Ping,
		Endpoints: notify.NewEndpoints(s.Endpoints(), s, s, sender, w, notify.Config{}),
		World:     w, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		return nil, err
	}
	p := &platform{store: s, calls: client.Direct(door)}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.workers.Go(func() { e.Run(ctx) })
	p.workers.Go(func() { number(ctx, notify.NewSequencer(s)) })
	return p, nil
}

// number gives facts their places in the feed.
func number(ctx context.Context, s *notify.Sequencer) {
	for ctx.Err() == nil {
		_, _ = s.Step(ctx) // a disk that refuses is asked again
		time.Sleep(10 * time.Millisecond)
	}
}

// close stops the platform in order.
func (p *platform) close() error {
	p.stop()
	p.workers.Wait()
	return p.store.Close()
}

// customer speaks to the platform as shops and a bank do.
func (p *platform) customer(people traffic.People) traffic.Customer {
	return people.Customer(base, p.calls, new(atomic.Int64))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
