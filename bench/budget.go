package bench

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"tolom/store"
)

// Budget is what one payment costs the database. Of SQLite only Stored is known.
type Budget struct {
	Payments int64 `json:"payments"`
	Cost
	Log     float64       `json:"log_bytes,omitempty"` // bytes of write-ahead log
	Counted bool          `json:"-"`
	Tables  []TableBudget `json:"tables,omitempty"`
}

// Cost is rows, index entries and bytes of one payment.
type Cost struct {
	Inserts      float64 `json:"inserts"`
	Updates      float64 `json:"updates"`
	InPlace      float64 `json:"updates_in_place"` // of the updates: without index entries
	Deletes      float64 `json:"deletes"`
	IndexEntries float64 `json:"index_entries"`
	Stored       float64 `json:"stored_bytes"` // by which tables and indexes grew
}

// TableBudget is the part of one table.
type TableBudget struct {
	Name string `json:"name"`
	Cost
	Indexes map[string]float64 `json:"indexes,omitempty"` // entries
}

// Measurer takes the budget of a payment.
type Measurer struct {
	Store   store.Store
	Clients int
	Payer   Payer
	// Shops is how many shops the payer pays. Each is paid once before it counts, because
	// a shop's first payment makes rows that stay for ever.
	Shops int64
	// Settle does what follows from payments later, numbering aside, such as counting them into
	// business days. It is done before it counts and at the end; nil for nothing.
	Settle func(context.Context) error
}

// Measure makes so many payments and tells what each of them wrote, with what follows
// from it, and the same of the first payments of shops. Between these it makes as many
// payments that do not count: tables whose rows come and go have their size by then.
func (m Measurer) Measure(ctx context.Context, payments int64) (first, steady Budget, tally Tally, err error) {
	gauge, ok := m.Store.(store.Gauge)
	if !ok {
		return first, steady, tally, fmt.Errorf("bench: this store cannot tell what writing costs")
	}
	var next int64
	span := func(payments int64) (b Budget) {
		var own Tally
		if err != nil {
			return b
		}
		b, own, err = m.span(ctx, gauge, next, payments)
		tally.add(own)
		next += payments
		return b
	}
	first = span(m.Shops)
	span(payments)
	return first, span(payments), tally, err
}

// span measures some payments, those after the first from.
func (m Measurer) span(ctx context.Context, gauge store.Gauge, from, payments int64) (b Budget, tally Tally, err error) {
	if err := m.rest(ctx); err != nil {
		return b, tally, err
	}
	before, err := gauge.Mark(ctx)
	if err != nil {
		return b, tally, err
	}
	tally = Times(ctx, m.Clients, payments, later{m.Payer, from})
	if err := m.rest(ctx); err != nil {
		return b, tally, err
	}
	w, err := gauge.Written(ctx, before)
	return shared(w, tally.Paid), tally, err
}

// rest waits until nothing is left to be numbered or counted.
func (m Measurer) rest(ctx context.Context) error {
	if err := Drain(ctx, m.Store); err != nil || m.Settle == nil {
		return err
	}
	return m.Settle(ctx)
}

// later pays with the numbers after the first from.
type later struct {
	Payer
	from int64
}

// Pay makes the next of the payments.
func (l later) Pay(ctx context.Context, client int, n int64) error {
	return l.Payer.Pay(ctx, client, l.from+n)
}

// shared shares what was written among the payments.
func shared(w store.Written, payments int64) Budget {
	if payments == 0 {
		return Budget{}
	}
	each := func(n int64) float64 { return float64(n) / float64(payments) }
	cost := func(r store.Rows, stored int64) Cost {
		return Cost{each(r.Inserts), each(r.Updates), each(r.InPlace), each(r.Deletes), each(r.IndexEntries), each(stored)}
	}
	out := Budget{Payments: payments, Cost: cost(w.Rows, w.Stored), Log: each(w.Log), Counted: w.Counted}
	for _, t := range w.Tables {
		b := TableBudget{Name: t.Name, Cost: cost(t.Rows, t.Stored), Indexes: map[string]float64{}}
		for _, i := range t.Indexes {
			b.Stored += each(i.Stored)
			b.Indexes[i.Name] = each(i.Entries)
		}
		out.Tables = append(out.Tables, b)
	}
	return out
}

// String says it in one line.
func (b Budget) String() string {
	if !b.Counted {
		return fmt.Sprintf("mean of %d: %.0f bytes stored; rows and index entries are counted on PostgreSQL, by a superuser", b.Payments, b.Stored)
	}
	return fmt.Sprintf("mean of %d, feed included: %.1f inserts, %.1f updates (%.1f in place), %.1f index entries, %.0f bytes stored, %.0f bytes of log",
		b.Payments, b.Inserts, b.Updates, b.InPlace, b.IndexEntries, b.Stored, b.Log)
}

// Table writes the part of each table; what is nothing when rounded is left out.
func (b Budget) Table(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "a payment writes to\tinserts\tupdates\tin place\tdeletes\tindex entries\tbytes stored\t")
	for _, t := range b.Tables {
		if rows := t.Inserts + t.Updates + t.Deletes; rows < 0.005 && t.Stored < 1 {
			continue
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%s\n", t.Name, t.Inserts, t.Updates, t.InPlace, t.Deletes, t.IndexEntries, t.Stored, t.indexes())
	}
	return w.Flush()
}

// indexes says into which indexes how much went.
func (t TableBudget) indexes() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(t.Indexes)) {
		if n := t.Indexes[name]; n >= 0.005 {
			out = append(out, fmt.Sprintf("%s %.2f", strings.TrimPrefix(name, t.Name+"_"), n))
		}
	}
	return "  " + strings.Join(out, ", ")
}
