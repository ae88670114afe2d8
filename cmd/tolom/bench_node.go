package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/pprof"

	"tolom/bench"
	"tolom/id"
	"tolom/store"
	"tolom/web"
	"tolom/world"
)

// benchNode is one node of a bench: all that `tolom serve` runs, with engine,
// connections, sequencer and jobs of its own. The nodes share this process: what
// they contend for is the database and two cores, which is the same as in
// processes of their own, and so the engines can be measured without HTTP too.
type benchNode struct {
	app   *app
	stop  context.CancelFunc
	ended chan error
}

func (c *benchCmd) startNodes(ctx context.Context, std *stdio) (nodes []*benchNode, err error) {
	for n := range c.Nodes {
		node, err := c.startNode(ctx, std, n)
		if err != nil {
			return nil, errors.Join(err, stopNodes(nodes))
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

func (c *benchCmd) startNode(ctx context.Context, std *stdio, n int) (*benchNode, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	// Nodes take neighbouring slices of the balances, as many as they have lanes.
	s := c.at(listener.Addr())
	s.Mode = "test"                  // what is unsigned is measured with keys
	s.MerchantRate, s.PSPRate = 0, 0 // what the platform can do, not what one key may
	a, err := newNode(ctx, s, os.Getpid()+n*lanes(c.settings), quietLog(c.settings, std))
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	handler, err := a.handler(web.Config{})
	if err != nil {
		return nil, errors.Join(err, listener.Close(), a.store.Close())
	}
	serving, stop := context.WithCancel(ctx)
	node := &benchNode{app: a, stop: stop, ended: make(chan error, 1)}
	go func() { node.ended <- a.run(serving, listener, handler) }()
	return node, nil
}

func stopNodes(nodes []*benchNode) (err error) {
	for _, n := range nodes {
		n.stop()
		err = errors.Join(err, <-n.ended)
	}
	return err
}

// payer makes shops, a PSP, and who pays with it.
func (b *benching) payer(ctx context.Context, m measurement, nodes []*benchNode) (bench.Payer, id.ID, error) {
	field, err := bench.Seed(ctx, nodes[0].app.platform, m.merchants)
	if err != nil {
		return nil, "", err
	}
	for _, n := range nodes[1:] {
		if err := field.Known(ctx, n.app.platform, n.app.gate); err != nil {
			return nil, "", err
		}
	}
	name := world.NewID(nodes[0].app.world, "", 0).Token()
	if !m.http {
		return bench.Direct{Nodes: platforms(nodes), Field: field, Run: name}, field.PSP.ID, nil
	}
	var bases []string
	for _, n := range nodes {
		bases = append(bases, n.app.settings.BaseURL)
	}
	payer := b.overHTTP(bases, field, name)
	if m.signed {
		keys, err := nodes[0].app.ring.Keys(ctx)
		if err != nil {
			return nil, "", err
		}
		signing, err := bench.NewSigning(ctx, nodes[0].app.platform, field.PSP.ID, keys.Published)
		if err != nil {
			return nil, "", err
		}
		payer.Signed(signing)
	}
	return payer, field.PSP.ID, nil
}

// overHTTP makes the payers that call the nodes.
func (b *benching) overHTTP(bases []string, f bench.Field, run string) *bench.OverHTTP {
	payer := bench.NewOverHTTP(bases, f, run, b.Clients)
	if b.Client == "standard" {
		return payer.AsPrograms()
	}
	return payer
}

// profiled runs the measurements with a CPU profile when one is asked for.
func (b *benching) profiled(measure func() error) error { return profiled(b.Profile, measure) }

// profiled runs something and writes where the processor's time went, unless the file has no name.
func profiled(name string, do func() error) error {
	if name == "" {
		return do()
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return do()
}

// quietLog is the log of a bench's nodes: every line is made, which is a part of
// what a call costs, but only warnings are shown.
func quietLog(s settings, std *stdio) *slog.Logger {
	shown := slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelWarn})
	return slog.New(slog.NewMultiHandler(newLog(s, io.Discard).Handler(), shown))
}

// meter reads what this process, the database and the nodes' engines have used.
type meter struct {
	nodes  []*benchNode
	server int // a process of the database server that stays; 0 for none
}

func (b *benching) meter(ctx context.Context, nodes []*benchNode) meter {
	m := meter{nodes: nodes}
	if g, ok := nodes[0].app.store.(store.Gauge); ok {
		// A server that does not tell, or is another machine's, is left out.
		m.server, _ = g.ServerProcess(ctx)
	}
	return m
}

// Read reads the kernel's and the engines' counters.
func (m meter) Read() bench.Usage {
	u := bench.Usage{Program: bench.ProgramTime()}
	if m.server != 0 {
		u.Server, _ = bench.ServerTime(m.server)
	}
	for _, n := range m.nodes {
		u.Commits += n.app.written.commits.Load()
		u.Commands += n.app.written.commands.Load()
	}
	return u
}
