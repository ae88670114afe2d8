package crash

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tolom/internal/pgtest"
	"tolom/internal/traffic"
)

// shortForm is how many cycles of each kind `make test` runs; `make crash` runs more.
const shortForm = 20

// auditEvery is after how many cycles all that is stored is audited.
const auditEvery = 100

// blow is what is killed in each cycle and how it comes back.
type blow struct {
	kill, restart func() error
}

// kinds are what can be killed. Each sets up a place of its own.
var kinds = map[string]func(t *testing.T) (*place, blow){
	"node-sqlite": func(t *testing.T) (*place, blow) {
		p := newPlace(t, "sqlite:"+filepath.Join(t.TempDir(), "tolom.db"))
		return p, blow{p.node.Kill, p.node.Start}
	},
	"node-postgresql": func(t *testing.T) (*place, blow) {
		p := newPlace(t, pgtest.New(t))
		return p, blow{p.node.Kill, p.node.Start}
	},
	"postgresql": func(t *testing.T) (*place, blow) {
		server := open(t)
		return newPlace(t, server.Database(t)), blow{server.Kill, server.Start}
	},
	"both": func(t *testing.T) (*place, blow) {
		server := open(t)
		p := newPlace(t, server.Database(t))
		return p, blow{
			func() error { return together(server.Kill, p.node.Kill) },
			func() error { return errors.Join(server.Start(), p.node.Start()) },
		}
	},
}

func TestWhatIsKilledLosesNothing(t *testing.T) {
	for kind, set := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel() // most of a cycle is waiting
			p, b := set(t)
			p.cycles(b)
		})
	}
}

// together kills both at the same time, as a machine that loses its power does.
func together(kills ...func() error) error {
	failed := make([]error, len(kills))
	var group sync.WaitGroup
	for i, kill := range kills {
		group.Go(func() { failed[i] = kill() })
	}
	group.Wait()
	return errors.Join(failed...)
}

// open starts a database server that the test may kill.
func open(t *testing.T, options ...pgtest.Option) *pgtest.Cluster {
	t.Helper()
	server, err := pgtest.Open(options...)
	must(t, err)
	t.Cleanup(func() { must(t, server.Close()) })
	return server
}

// cycles kills at random moments under load. After each blow everything runs
// again, every unknown outcome is asked for until it is final, and what was told
// is compared with what is there.
func (p *place) cycles(b blow) {
	all := traffic.Number(p.t, "TOLOM_CRASH_CYCLES", shortForm)
	began := time.Now()
	downs := make([]time.Duration, 0, all)
	for n := 1; n <= all; n++ {
		down, err := p.cycle(b)
		if err != nil {
			p.t.Fatalf("cycle %d: %v", n, err)
		}
		downs = append(downs, down)
		if n%auditEvery == 0 {
			p.audited()
			p.t.Logf("%d cycles, %d payments, %v", n, len(p.deals), time.Since(began).Round(time.Second))
		}
	}
	p.whole()
	p.t.Logf("%d cycles, %d payments, %d outcomes had to be asked for, down %s, %v in all: 0 lost, 0 doubled, 0 half done, 0 unknown",
		all, len(p.deals), p.unknown.Load(), spread(downs), time.Since(began).Round(time.Second))
}

// whole compares everything that was told with everything that is stored.
func (p *place) whole() {
	p.t.Helper()
	must(p.t, p.agrees(p.deals))
	p.refunded(p.deals)
	p.told()
	p.audited()
}

// spread tells the middle and the largest of some times.
func spread(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("p50 %v max %v", times[len(times)/2].Round(time.Millisecond), times[len(times)-1].Round(time.Millisecond))
}

// cycle is one blow; it tells how long the platform was down.
func (p *place) cycle(b blow) (down time.Duration, err error) {
	l := p.startLoad()
	p.wait(10*time.Millisecond, 200*time.Millisecond)
	struck := time.Now()
	if err := b.kill(); err != nil {
		return 0, err
	}
	p.wait(0, 20*time.Millisecond)
	if err := b.restart(); err != nil {
		return 0, err
	}
	down = time.Since(struck)
	deals, err := l.stop()
	if err != nil {
		return down, err
	}
	return down, errors.Join(p.agrees(deals), p.agrees(p.sample(200)))
}
