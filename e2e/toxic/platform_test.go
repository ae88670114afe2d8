package toxic

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"testing"

	"tolom/id"
	"tolom/internal/browsertest"
	"tolom/internal/pgtest"
	"tolom/invariant"
	"tolom/store"
)

// platform is a node on a database of its own, which it reaches over a link. It is
// started when its lines are there.
type platform struct {
	t        *testing.T
	ctx      context.Context
	store    store.Store // beside the node and its link
	node     *browsertest.Process
	database link
	witness  *invariant.Witness
	lines    []*line
}

func newPlatform(t *testing.T, cluster *pgtest.Cluster) *platform {
	t.Helper()
	p := &platform{t: t, ctx: t.Context(), witness: invariant.NewWitness()}
	dsn := cluster.Database(t)
	var err error
	p.store, err = store.Open(t.Context(), dsn, store.Options{MaxConns: 4})
	must(t, err)
	t.Cleanup(func() { must(t, p.store.Close()) })
	far, err := url.Parse(dsn)
	must(t, err)
	p.database = newLink(t, far.Host)
	far.Host = p.database.address()
	address, err := browsertest.FreeAddress()
	must(t, err)
	p.node = &browsertest.Process{Address: address, Log: filepath.Join(t.TempDir(), "node"), Binary: browsertest.Binary(t)}
	p.node.Args = []string{"serve", "--db", far.String(), "--listen", address, "--max-conns", "8", "--private-webhooks", "--log-level", "warn",
		"--drain-seconds", "0", "--stop-seconds", "2"}
	return p
}

// start starts the node, which finds the lines' endpoints there.
func (p *platform) start() {
	p.t.Helper()
	must(p.t, p.node.Start())
	p.t.Cleanup(p.stop)
}

func (p *platform) stop() {
	if err := p.node.Stop(); err != nil {
		p.t.Error(err)
	}
	if p.t.Failed() {
		p.t.Logf("%s printed:\n%.4000s", p.node.Address, p.node.Printed())
	}
}

// isSound audits everything that is stored, holds the platform to all that was told,
// and compares the books of both sides.
func (p *platform) isSound() {
	p.t.Helper()
	books := map[id.ID]iter.Seq[invariant.Line]{}
	for _, l := range p.lines {
		books[l.people.PSP] = l.books()
	}
	for what, check := range map[string]func() (invariant.Report, error){
		"audit":     func() (invariant.Report, error) { return invariant.Check(p.ctx, p.store) },
		"witness":   func() (invariant.Report, error) { return p.witness.CheckAtRest(p.ctx, p.store) },
		"the banks": func() (invariant.Report, error) { return invariant.CompareBooks(p.ctx, p.store, books, true) },
	} {
		report, err := check()
		must(p.t, err)
		if err := report.Err(); err != nil {
			p.t.Errorf("%s: %v", what, err)
		}
		for _, l := range p.lines {
			if made, there := l.bank.Totals().Payments, report.Succeeded[l.people.PSP]; what == "audit" && there != int64(made) {
				p.t.Errorf("%v: %d payments succeeded, the bank took the money of %d", l.cell, there, made)
			}
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cell is one square of the matrix.
type cell struct {
	place     string // which link
	poison    poison
	direction string
}

// String names the cell as the table does.
func (c cell) String() string { return fmt.Sprintf("%s %s %s", c.place, c.poison.name, c.direction) }
