package soak

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tolom/client"
	"tolom/internal/browsertest"
	"tolom/internal/pgtest"
	"tolom/internal/traffic"
	"tolom/store"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	shops   = 3
	clients = 12
	// breath is the time between two deals of a client: a soak is no race.
	breath = 20 * time.Millisecond
	// answerTime is how long a client waits for an answer.
	answerTime = 20 * time.Second
)

// town is nodes behind a balancer that watches who is ready, and those who pay.
type town struct {
	t        *testing.T
	ctx      context.Context
	dsn      string
	folder   string
	balancer *traffic.Balancer
	people   traffic.People
	calls    *http.Client

	mu    sync.Mutex
	nodes []*browsertest.Process
	ever  []*browsertest.Process // those that were retired, too

	unknown atomic.Int64
	next    atomic.Int64
}

func newTown(t *testing.T) *town {
	w := &town{t: t, ctx: t.Context(), dsn: pgtest.New(t), folder: t.TempDir(), calls: traffic.Calls(answerTime)}
	w.balancer = traffic.NewBalancer(t)
	t.Cleanup(w.end)
	go w.balancer.Watch(w.ctx, w.addresses)
	return w
}

func (w *town) addresses() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.nodes {
		all = append(all, n.Address)
	}
	return all
}

// settle registers shops and a PSP beside the nodes.
func (w *town) settle() {
	w.withStore(func(s store.Store) (err error) {
		w.people, err = traffic.Settle(w.ctx, s, shops)
		return err
	})
}

func (w *town) withStore(do func(store.Store) error) {
	w.t.Helper()
	s, err := store.Open(w.ctx, w.dsn, store.Options{MaxConns: 2})
	must(w.t, err)
	defer func() { must(w.t, s.Close()) }()
	must(w.t, do(s))
}

// add starts a node of a binary.
func (w *town) add(binary string) *browsertest.Process {
	w.t.Helper()
	address, err := browsertest.FreeAddress()
	must(w.t, err)
	n := &browsertest.Process{Binary: binary, Address: address, Log: filepath.Join(w.folder, "node-"+filepath.Base(address))}
	n.Args = []string{"serve", "--db", w.dsn, "--listen", address, "--base-url", w.balancer.URL(), "--private-webhooks", "--log-level", "warn"}
	// By the environment, because an earlier version may know them by no flag. What is
	// remembered is little, so that memory is full of it soon and flat from then on.
	for name, value := range map[string]string{"TOLOM_DRAIN_SECONDS": "2", "TOLOM_REMEMBER": "200"} {
		must(w.t, os.Setenv(name, value))
	}
	must(w.t, n.Start())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nodes, w.ever = append(w.nodes, n), append(w.ever, n)
	return n
}

// end stops whatever runs, all at once.
func (w *town) end() {
	var group sync.WaitGroup
	for _, n := range w.ever {
		group.Go(func() {
			if err := n.Stop(); err != nil {
				w.t.Error(err)
			}
		})
	}
	group.Wait()
	for _, n := range w.ever {
		if w.t.Failed() {
			w.t.Logf("%s printed:\n%.3000s", n.Address, n.Printed())
		}
	}
}

// leave takes a node off the list for good.
func (w *town) leave(n *browsertest.Process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nodes = slices.DeleteFunc(w.nodes, func(other *browsertest.Process) bool { return other == n })
}

func (w *town) shop(n int) *client.Merchant {
	return w.people.Shop(n, w.balancer.URL(), w.calls)
}

// startLoad has all clients pay, take back and give back.
func (w *town) startLoad() *traffic.Load {
	customers := make([]traffic.Customer, clients)
	for i := range customers {
		customers[i] = w.people.Customer(w.balancer.URL(), w.calls, &w.unknown)
	}
	return traffic.Start(w.ctx, customers, &w.next, breath)
}

// stop waits until every outcome of a load is known.
func (w *town) stop(l *traffic.Load) []traffic.Deal {
	w.t.Helper()
	deals, err := l.Stop()
	must(w.t, err)
	return deals
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
