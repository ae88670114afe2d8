package crash

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tolom/internal/browsertest"
	"tolom/internal/pgtest"
	"tolom/internal/traffic"
	"tolom/store"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	// shops is how many merchants there are.
	shops = 3
	// clients pay at the same time: few, so that a cycle is short, and more than one, so that commits are shared.
	clients = 8
	// answerTime is how long a client waits for an answer before its outcome counts as unknown.
	answerTime = 20 * time.Second
)

// place is one node on a database, with those who use it and what they remember.
type place struct {
	t      *testing.T
	ctx    context.Context
	random *rand.Rand // of the test's own goroutine
	dsn    string
	node   *browsertest.Process
	people traffic.People
	calls  *http.Client

	unknown atomic.Int64
	next    atomic.Int64 // numbers the deals
	deals   []traffic.Deal
	owed    []int64 // to each merchant, by the shops' own count
}

// newPlace sets up a database and starts a node on it.
func newPlace(t *testing.T, dsn string) *place {
	t.Helper()
	p := &place{t: t, ctx: t.Context(), dsn: dsn, calls: traffic.Calls(answerTime), owed: make([]int64, shops)}
	seed := traffic.Number(t, "TOLOM_CRASH_SEED", int(time.Now().UnixNano()%1_000_000))
	p.random = rand.New(rand.NewPCG(uint64(seed), 0))
	t.Logf("TOLOM_CRASH_SEED=%d", seed)
	p.withStore(func(s store.Store) (err error) {
		p.people, err = traffic.Settle(p.ctx, s, shops)
		return err
	})
	address, err := browsertest.FreeAddress()
	must(t, err)
	p.node = &browsertest.Process{Address: address, Log: filepath.Join(t.TempDir(), "node"), Binary: ownBinary(t)}
	p.node.Args = []string{"serve", "--db", dsn, "--listen", address, "--log-level", "warn", "--drain-seconds", "0"}
	must(t, p.node.Start())
	t.Cleanup(func() {
		if err := p.node.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the node printed:\n%.4000s", p.node.Printed())
		}
	})
	return p
}

// ownBinary copies the binary, so that a long run keeps the one it began with when
// another is built.
func ownBinary(t *testing.T) string {
	t.Helper()
	code, err := os.ReadFile(browsertest.Binary(t))
	must(t, err)
	own := filepath.Join(t.TempDir(), "tolom")
	must(t, os.WriteFile(own, code, 0o700))
	return own
}

// withStore opens the database beside the node.
func (p *place) withStore(do func(store.Store) error) {
	p.t.Helper()
	s, err := store.Open(p.ctx, p.dsn, store.Options{MaxConns: 2})
	must(p.t, err)
	defer func() { must(p.t, s.Close()) }()
	must(p.t, do(s))
}

// wait lets a random time pass between two bounds.
func (p *place) wait(from, to time.Duration) {
	time.Sleep(from + time.Duration(p.random.Int64N(int64(to-from))))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
