package nodes

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"tolom/client"
	"tolom/internal/browsertest"
	"tolom/internal/pgtest"
	"tolom/internal/traffic"
	"tolom/store"
	"tolom/wire"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// shops is how many merchants there are; one of them would hide what order does between them.
const shops = 4

// town is nodes on one database behind a balancer, merchants and a PSP.
type town struct {
	t        *testing.T
	ctx      context.Context
	store    store.Store // beside the nodes, to look only
	nodes    []*browsertest.Process
	balancer *traffic.Balancer
	people   traffic.People
	calls    *http.Client
	unknown  atomic.Int64
}

func newTown(t *testing.T, count int) *town {
	w := &town{t: t, ctx: t.Context(), calls: traffic.Calls(20 * time.Second)}
	dsn := pgtest.New(t)
	var err error
	w.store, err = store.Open(t.Context(), dsn, store.Options{MaxConns: 4})
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.people, err = traffic.Settle(w.ctx, w.store, shops)
	must(t, err)
	var addresses []string
	w.balancer = traffic.NewBalancer(t)
	w.nodes = startNodes(t, count, dsn, w.balancer.URL())
	for _, n := range w.nodes {
		addresses = append(addresses, n.Address)
	}
	w.balancer.Use(addresses...)
	return w
}

// shop speaks as a merchant to one node, or to all behind the balancer.
func (w *town) shop(n int, base string) *client.Merchant {
	return w.people.Shop(n, base, w.calls)
}

// customer speaks to the balancer.
func (w *town) customer() traffic.Customer {
	return w.people.Customer(w.balancer.URL(), w.calls, &w.unknown)
}

// events reads a merchant's whole feed from one node.
func (w *town) events(shop int, from *browsertest.Process) (all []wire.Event) {
	w.t.Helper()
	m := w.shop(shop, from.URL())
	for after := int64(0); ; after = all[len(all)-1].Sequence {
		list, err := m.Events(w.ctx, client.EventFilter{After: after, Limit: 100})
		must(w.t, err)
		if all = append(all, list.Data...); !list.HasMore {
			return all
		}
	}
}

// eventually waits until something is so, and fails when it never is.
func (w *town) eventually(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("after %v it was not so that %s", patience, what)
		}
	}
}
