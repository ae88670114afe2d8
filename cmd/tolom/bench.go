package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tolom/bench"
	"tolom/flow"
	"tolom/world"
)

// benchCmd measures payments a second on this machine.
type benchCmd struct {
	settings
	Merchants int           `default:"10000" help:"How many merchants the payments are spread over; the hot runs use one."`
	Clients   int           `default:"64" help:"Payers at once."`
	Client    string        `default:"lean" enum:"lean,standard" help:"What the payers call by: a client of the bench's own that leaves the machine to the server, or the Go standard library's as in a shop's program."`
	Signed    bool          `help:"Measure over HTTP with signed requests and answers too (RFC 9421), beside what is unsigned."`
	Nodes     int           `default:"1" help:"Measure with 1, 2 … this many nodes on the one PostgreSQL."`
	For       time.Duration `name:"for" default:"10s" help:"How long each measurement takes."`
	Warm      time.Duration `default:"2s" help:"How long each runs before it counts."`
	JSON      bool          `name:"json" help:"Print one JSON object a line; what else is said goes to the error output."`
	Only      string        `help:"Run one measurement by its name." placeholder:"NAME"`
	Profile   string        `help:"Write a CPU profile of the measurements to this file." placeholder:"FILE"`
	Budget    int64         `default:"4000" help:"Payments of which the mean cost in rows and bytes is taken; 0: none."`
	Preload   int64         `help:"Measure, store this many payments, and measure again." placeholder:"N"`
	Audit     bool          `default:"true" negatable:"" help:"Check all invariants over the whole database at the end."`
}

// Run measures the floors, then payments, prints what it found, and fails if the
// database does not hold exactly what was acknowledged.
func (c *benchCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Nodes < 1 || c.Nodes > 1 && embedded(c.DB) {
		return errors.New("--nodes is at least 1; several nodes need PostgreSQL, give --db postgres://…")
	}
	nodes, err := c.startNodes(ctx, std)
	if err != nil {
		return err
	}
	b := &benching{benchCmd: c, std: std, nodes: nodes}
	return errors.Join(b.run(ctx), stopNodes(nodes))
}

// benching is a bench under way.
type benching struct {
	*benchCmd
	std     *stdio
	nodes   []*benchNode
	single  float64 // the floors, rows a second
	bulk    float64
	results []bench.Result
	tallies []bench.Tally
}

func (b *benching) run(ctx context.Context) error {
	if err := b.floors(ctx); err != nil {
		return err
	}
	if err := b.profiled(func() error { return b.measureAll(ctx, "") }); err != nil {
		return err
	}
	flat, err := b.fill(ctx)
	if err != nil {
		return err
	}
	budget, err := b.budget(ctx)
	if err != nil {
		return err
	}
	if err := b.print(); err != nil {
		return err
	}
	if err := b.say(append(flat, budget...)...); err != nil {
		return err
	}
	return b.judge(ctx)
}

// floors measures what the database does with rows alone.
func (b *benching) floors(ctx context.Context) (err error) {
	a := b.nodes[0].app
	if b.single, err = bench.Floor(ctx, a.store, a.world, b.Clients, 1, b.For/2); err != nil {
		return err
	}
	b.bulk, err = bench.Floor(ctx, a.store, a.world, lanes(b.settings), 1000, b.For/2)
	return err
}

// measurement is one line of the table.
type measurement struct {
	name      string
	merchants int
	http      bool
	signed    bool
}

// plan lists the measurements; what is signed stands beside what is not.
func (b *benching) plan() (all []measurement) {
	database, spreads := "pg", map[string]int{"": b.Merchants, "_hot": 1}
	if embedded(b.DB) {
		database, spreads = "sqlite", map[string]int{"": b.Merchants}
	}
	for _, how := range []measurement{{name: "engine_"}, {name: "http_", http: true}, {name: "http_", http: true, signed: true}} {
		for _, hot := range slices.Sorted(maps.Keys(spreads)) {
			m := measurement{how.name + database + hot, spreads[hot], how.http, how.signed}
			if m.signed {
				m.name += "_signed"
			}
			if b.Signed || !m.signed || b.Only == m.name {
				all = append(all, m)
			}
		}
	}
	return all
}

// measureAll runs the loads one after another, each on shops of its own; with
// several nodes, each on one node, on two, and so on.
func (b *benching) measureAll(ctx context.Context, suffix string) error {
	for _, m := range b.plan() {
		if b.Only != "" && m.name != b.Only {
			continue
		}
		for n := 1; n <= len(b.nodes); n++ {
			r, err := b.measure(ctx, m, b.nodes[:n])
			if err != nil {
				return err
			}
			if n > 1 {
				r.Name = fmt.Sprintf("%s_%d_nodes", m.name, n)
			}
			r.Name += suffix
			b.results = append(b.results, r.Beside(b.single, b.bulk))
		}
	}
	return nil
}

func (b *benching) measure(ctx context.Context, m measurement, nodes []*benchNode) (bench.Result, error) {
	payer, psp, err := b.payer(ctx, m, nodes)
	if err != nil {
		return bench.Result{}, err
	}
	r := bench.Load{Clients: b.Clients, For: b.For, Warm: b.Warm, Meter: b.meter(ctx, nodes)}.Run(ctx, m.name, payer)
	r.PSP = psp
	b.tallies = append(b.tallies, r.Tally)
	passed := world.Stopwatch()
	if err := bench.Drain(ctx, nodes[0].app.store); err != nil {
		return r, err
	}
	fmt.Fprintf(b.std.Err, "%s: %d payments acknowledged, %d not; the feed was whole %v later\n", m.name, r.Paid, r.Failed, passed().Round(time.Millisecond))
	if r.First != nil {
		fmt.Fprintf(b.std.Err, "%s: the first failure: %v\n", m.name, r.First)
	}
	return r, nil
}

// budget measures what a payment costs, on one node, and says it table by table. It goes into the JSON of the
// first measurement too.
func (b *benching) budget(ctx context.Context) ([]string, error) {
	if b.Budget == 0 {
		return nil, nil
	}
	payer, psp, err := b.payer(ctx, measurement{merchants: b.Merchants}, b.nodes[:1])
	if err != nil {
		return nil, err
	}
	a := b.nodes[0].app
	m := bench.Measurer{Store: a.store, Clients: b.Clients, Payer: payer, Shops: int64(b.Merchants), Settle: a.countDays}
	first, steady, tally, err := m.Measure(ctx, b.Budget)
	if err != nil {
		return nil, err
	}
	tally.PSP = psp
	b.tallies = append(b.tallies, tally)
	if len(b.results) > 0 {
		b.results[0].Budget = &steady
	}
	var table strings.Builder
	if err := steady.Table(&table); err != nil {
		return nil, err
	}
	return []string{"budget of the first payment of a shop, " + first.String(), "budget of a payment, " + steady.String(), strings.TrimSuffix(table.String(), "\n")}, nil
}

// countDays counts what was numbered into the business day until nothing is left.
func (a *app) countDays(ctx context.Context) error {
	for {
		if did, err := a.days.Step(ctx); err != nil || did == 0 {
			return err
		}
	}
}

// judge audits what the bench has written.
func (b *benching) judge(ctx context.Context) error {
	if !b.Audit {
		return nil
	}
	passed := world.Stopwatch()
	report, err := bench.Judge(ctx, b.nodes[0].app.store, b.tallies)
	if err != nil {
		return err
	}
	return b.say(fmt.Sprintf("audit: %s; all rules hold (%v)", counts(report), passed().Round(time.Millisecond)))
}

// platforms are the use cases of nodes.
func platforms(nodes []*benchNode) (out []*flow.Platform) {
	for _, n := range nodes {
		out = append(out, n.app.platform)
	}
	return out
}
