package bench_test

import (
	"context"
	"strings"
	"testing"

	"tolom/access"
	"tolom/bench"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/pgtest"
	"tolom/ledger"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var system = world.System()

// everywhere is every kind of store that a bench can run on.
var everywhere = map[string]func(t *testing.T) string{
	"SQLite":     func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/tolom.db" },
	"PostgreSQL": func(t *testing.T) string { return pgtest.New(t) },
}

func open(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func platform(s store.Store) *flow.Platform {
	r := flow.NewRegistry(s, access.New(s, system.Clock), system)
	site := wire.Site{Base: "https://tolom.example", LinkBase: "https://tolom.example/"}
	return flow.New(s, engine.New(s, system, engine.Config{Inline: true}), r, system, flow.Config{Provider: "tolom.example", Site: site})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestABenchKnowsWhatItPaid(t *testing.T) {
	for name, dsn := range everywhere {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn(t))
			p := platform(s)
			field, err := bench.Seed(t.Context(), p, 3)
			must(t, err)
			payer := bench.Direct{Nodes: []*flow.Platform{p}, Field: field, Run: "a"}
			settled := 0
			m := bench.Measurer{Store: s, Clients: 4, Payer: payer, Shops: 3, Settle: func(context.Context) error { settled++; return nil }}
			first, cost, tally, err := m.Measure(t.Context(), 20)
			must(t, err)
			if settled != 6 {
				t.Errorf("what follows later was done %d times, not before and after each of three parts", settled)
			}
			tally.PSP = field.PSP.ID
			if tally.Paid != 43 || tally.Failed != 0 {
				t.Fatalf("of 43 payments %d were paid and %d failed: %v", tally.Paid, tally.Failed, tally.First)
			}
			// At least a payment, a fact, three entries, a claim and a place in the feed.
			if name == "PostgreSQL" && (!cost.Counted || cost.Inserts < 7 || cost.IndexEntries < cost.Inserts || cost.Log == 0) {
				t.Errorf("the cost of a payment is %+v", cost)
			}
			if name == "PostgreSQL" {
				budgeted(t, first, cost)
			}
			_, err = bench.Judge(t.Context(), s, []bench.Tally{tally})
			must(t, err)
			for _, wrong := range []bench.Tally{{PSP: tally.PSP, Paid: 44}, {PSP: tally.PSP, Paid: 42}, {PSP: tally.PSP, Paid: 33, Failed: 9}} {
				if _, err := bench.Judge(t.Context(), s, []bench.Tally{wrong}); err == nil || !strings.Contains(err.Error(), "43 payments") {
					t.Errorf("43 payments were judged as %+v: %v", wrong, err)
				}
			}
			lose(t, s, field.Shops[0].ID)
			if _, err := bench.Judge(t.Context(), s, nil); err == nil || !strings.Contains(err.Error(), "they sum to -1 tyiyn") {
				t.Errorf("a lost tyiyn was judged as %v", err)
			}
		})
	}
}

// budgeted checks the parts of the tables: a shop's first payment makes its balance, and no later one does.
func budgeted(t *testing.T, first, steady bench.Budget) {
	t.Helper()
	of := func(b bench.Budget, table string) (found bench.TableBudget) {
		for _, x := range b.Tables {
			if x.Name == table {
				found = x
			}
		}
		return found
	}
	if made := of(first, "balance"); made.Inserts < 1 || made.IndexEntries != made.Inserts {
		t.Errorf("the first payment of a shop wrote %+v to its balance", made)
	}
	if moved := of(steady, "balance"); moved.Inserts != 0 || moved.Updates < 1 {
		t.Errorf("a later payment of a shop wrote %+v to its balance", moved)
	}
	if p := of(steady, "payment"); p.Inserts != 1 || p.Updates != 1 || p.Indexes["payment_pkey"] < 1 {
		t.Errorf("a payment wrote %+v to the table of payments", p)
	}
	if l := of(steady, "live"); l.Inserts != 1 || l.Deletes != 1 {
		t.Errorf("a payment wrote %+v to the table of those that wait", l)
	}
	var table strings.Builder
	must(t, steady.Table(&table))
	if !strings.Contains(table.String(), "feed_head") || !strings.Contains(table.String(), "pkey 3.00") {
		t.Errorf("the table of the budget is\n%s", table.String())
	}
}

// lose takes a tyiyn out of a balance.
func lose(t *testing.T, s store.Ledger, shop id.ID) {
	t.Helper()
	ctx := context.Background()
	tx, err := s.Begin(ctx)
	must(t, err)
	defer tx.Rollback()
	batch := store.Batch{ID: world.NewID(system, id.Batch, 0)}
	_, err = tx.Claim(ctx, batch, nil)
	must(t, err)
	must(t, tx.Save(ctx, store.Changes{Batch: batch, Now: system.Clock.Now(), Deltas: []store.Delta{{Account: ledger.Of(shop, ledger.Payable), Amount: -1}}}))
	must(t, tx.Commit(ctx))
}

func TestStoredPaymentsAreSound(t *testing.T) {
	for name, dsn := range everywhere {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn(t))
			p := platform(s)
			field, err := bench.Seed(t.Context(), p, 5)
			must(t, err)
			// More than one commit, and payments of our own after them.
			past, err := bench.Past{Store: s, World: system, Field: field, Run: "past", Amount: 10_300}.Load(t.Context())
			must(t, err)
			own := bench.Times(t.Context(), 2, 10, bench.Direct{Nodes: []*flow.Platform{p}, Field: field, Run: "own"})
			must(t, own.First)
			must(t, bench.Drain(t.Context(), s))
			past.Paid += own.Paid
			report, err := bench.Judge(t.Context(), s, []bench.Tally{past})
			must(t, err)
			if report.Payments != 10_310 || report.Positions != 2*10_300+10 {
				t.Errorf("the audit saw %+v", report)
			}
		})
	}
}
