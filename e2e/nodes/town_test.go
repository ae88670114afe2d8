package nodes

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"tolom/access"
	"tolom/client"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/browsertest"
	"tolom/internal/pgtest"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
	"tolom/world"
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
	balancer *balancer
	keys     []string // of the merchants
	psp      id.ID
	pspKey   string
	calls    *http.Client
	unknown  atomic.Int64
}

func newTown(t *testing.T, count int) *town {
	w := &town{t: t, ctx: t.Context(), calls: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	dsn := pgtest.New(t)
	var err error
	w.store, err = store.Open(t.Context(), dsn, store.Options{MaxConns: 4})
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.people()
	w.balancer = newBalancer(t)
	w.nodes = startNodes(t, count, dsn, w.balancer.server.URL)
	w.balancer.nodes.Store(&w.nodes)
	return w
}

func (w *town) people() {
	system := world.System()
	r := flow.NewRegistry(w.store, access.New(w.store, system.Clock), system)
	for range shops {
		m, err := r.AddMerchant(w.ctx, store.Merchant{Name: "Shop", MCC: "5812", Tariff: tariff.Tariff{Rate: 50, InterchangeRate: 20}})
		must(w.t, err)
		_, key, err := r.IssueKey(w.ctx, m.ID, "", "test")
		must(w.t, err)
		w.keys = append(w.keys, key)
	}
	p, err := r.AddPSP(w.ctx, store.PSP{Name: "Bank"})
	must(w.t, err)
	w.psp = p.ID
	_, w.pspKey, err = r.IssueKey(w.ctx, p.ID, "", "test")
	must(w.t, err)
}

// shop speaks as a merchant to one node, or to all behind the balancer.
func (w *town) shop(n int, base string) *client.Merchant {
	return client.New(base, w.keys[n], client.WithHTTP(w.calls), client.WithAttempts(8)).Merchant()
}

// customer speaks to the balancer.
func (w *town) customer() customer {
	base := w.balancer.server.URL
	c := customer{psp: client.New(base, w.pspKey, client.WithHTTP(w.calls)).PSP(), unknown: &w.unknown}
	for n := range shops {
		c.shops = append(c.shops, w.shop(n, base))
	}
	return c
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
