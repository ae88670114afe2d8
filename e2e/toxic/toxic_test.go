package toxic

import (
	"context"
	"flag"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tolom/internal/browsertest"
	"tolom/internal/pgtest"
	"tolom/internal/traffic"
)

func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // of the proxies
	flag.Parse()
	// The cells wait more than they work: more of them than processors at the same time.
	if err := flag.Set("test.parallel", strconv.Itoa(abreast)); err != nil {
		panic(err)
	}
	pgtest.Main(m)
}

const (
	// shortDwell is how long `make test` lets a toxic loose; `make toxic` takes longer.
	shortDwell = 2 * time.Second
	// warm is how long is paid before.
	warm = time.Second
	// atMost bounds the way back to rest: a delivery that failed often waits for its turn.
	atMost = 4 * time.Minute
	// slowest bounds a webhook on a line that has no toxic: less than the ten seconds
	// that a silent receiver may take for its answer.
	slowest = 9 * time.Second
	// abreast is how many platforms are tried at the same time.
	abreast = 9
)

// cells are all toxics in both directions on one link.
func cells(place string) (all []cell) {
	for _, p := range poisons {
		all = append(all, cell{place, p, "upstream"}, cell{place, p, "downstream"})
	}
	return append(all, cell{place, down, "both"})
}

// TestNoNetworkLosesAPayment tries the whole matrix. Shops, banks and receivers
// share a platform, so that it shows too whether the trouble of one is another's;
// a database has one platform.
func TestNoNetworkLosesAPayment(t *testing.T) {
	browsertest.Binary(t) // built once, before anything waits for it
	cluster, err := pgtest.Open(pgtest.TCP, pgtest.Fast)
	must(t, err)
	t.Cleanup(func() { must(t, cluster.Close()) })
	table := &table{}
	t.Run("cells", func(t *testing.T) {
		t.Run("around", func(t *testing.T) {
			t.Parallel()
			around(t, cluster, table)
		})
		for _, c := range cells("database") {
			t.Run(c.poison.name+" "+c.direction, func(t *testing.T) {
				t.Parallel()
				p := newPlatform(t, cluster)
				p.try([]*line{p.newLine(c)}, 2)
				table.add(p.lines...)
			})
		}
	})
	t.Log(table.text(traffic.Span(t, "TOLOM_TOXIC_DWELL", shortDwell)))
}

// around tries the three links that do not lead to the database. A line without a
// toxic stands beside them, and must not notice.
func around(t *testing.T, cluster *pgtest.Cluster, table *table) {
	p := newPlatform(t, cluster)
	var poisoned []*line
	for _, place := range []string{"bank", "shop", "webhook"} {
		for _, c := range cells(place) {
			poisoned = append(poisoned, p.newLine(c))
		}
	}
	clean := p.newLine(cell{"none", poison{name: "clean"}, ""})
	p.try(poisoned, 1)
	if clean.failed.Load() > 0 || clean.receiver.lag() > slowest {
		t.Errorf("beside the poisoned lines %d of %d payments failed, and a webhook took %v", clean.failed.Load(), clean.begun.Load(), clean.receiver.lag())
	}
	table.add(p.lines...)
}

// try pays over all lines of a platform, lets the toxics loose for a while, and
// measures the way back.
func (p *platform) try(poisoned []*line, customers int) {
	p.t.Helper()
	p.start()
	running, stop := context.WithCancel(p.ctx)
	defer stop()
	var banks sync.WaitGroup
	for _, l := range p.lines {
		banks.Go(func() { l.run(running) })
		l.open(running, customers)
	}
	sleep(p.ctx, warm)
	for _, l := range poisoned {
		must(p.t, l.link.letLoose(l.poison, l.direction))
	}
	sleep(p.ctx, traffic.Span(p.t, "TOLOM_TOXIC_DWELL", shortDwell))
	var healing sync.WaitGroup
	for _, l := range poisoned {
		healing.Go(l.comeBack)
	}
	healing.Wait()
	for _, l := range p.lines {
		l.close()
		l.settle(time.Now())
	}
	stop()
	banks.Wait()
	if !p.t.Failed() {
		p.isSound()
	}
}

// comeBack heals the link and measures until a new payment is whole, and until
// nothing is on its way any more.
func (l *line) comeBack() {
	if err := l.link.heal(l.poison); err != nil {
		l.platform.t.Errorf("%v: %v", l.cell, err)
		return
	}
	began := time.Now()
	for !l.pay(l.platform.ctx) {
		if time.Since(began) > atMost {
			l.platform.t.Errorf("%v: no payment goes through %v after the toxic was taken away", l.cell, atMost)
			return
		}
		sleep(l.platform.ctx, pace/2)
	}
	l.result.first = time.Since(began)
	l.close()
	l.settle(began)
	l.result.rest = time.Since(began)
}

// settle waits until nothing is on its way.
func (l *line) settle(began time.Time) {
	for {
		rest, err := l.atRest(l.platform.ctx)
		switch {
		case rest:
			return
		case err != nil:
			l.platform.t.Errorf("%v: %v", l.cell, err)
			return
		case time.Since(began) > atMost:
			l.platform.t.Errorf("%v: after %v something is still on its way: %d purchases open at the bank", l.cell, atMost, l.bank.Totals().Open)
			return
		}
		sleep(l.platform.ctx, pace)
	}
}
