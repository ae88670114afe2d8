package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"tolom/bench"
	"tolom/world"
)

// full marks what was measured with stored payments.
const full = "_full"

// fill stores payments and measures again, so that the two can be compared. A
// server of its own is started before and after: how long it takes to be ready,
// and how much memory it has taken after a load.
func (b *benching) fill(ctx context.Context) (said []string, err error) {
	if b.Preload == 0 {
		return nil, nil
	}
	before, err := b.alone(ctx)
	if err != nil {
		return nil, err
	}
	loaded, err := b.load(ctx)
	if err != nil {
		return nil, err
	}
	empty := len(b.results)
	if err := b.measureAll(ctx, full); err != nil {
		return nil, err
	}
	after, err := b.alone(ctx)
	if err != nil {
		return nil, err
	}
	said = append(said, loaded)
	for i, r := range b.results[:empty] {
		with := b.results[empty+i]
		said = append(said, fmt.Sprintf("%s: a payment costs %.2f × as much with %d stored payments (%.0f/s after %.0f/s)", r.Name, r.Payments/with.Payments, b.Preload, with.Payments, r.Payments))
	}
	return append(said, "a server on the empty database: "+before.String(), "a server on the full database: "+after.String()), nil
}

// load stores the payments, spread over as many merchants as are paid.
func (b *benching) load(ctx context.Context) (string, error) {
	a, passed := b.nodes[0].app, world.Stopwatch()
	field, err := bench.Seed(ctx, a.platform, b.Merchants)
	if err != nil {
		return "", err
	}
	past := bench.Past{Store: a.store, World: a.world, Field: field, Run: world.NewID(a.world, "", 0).Token(), Amount: b.Preload}
	tally, err := past.Load(ctx)
	if err != nil {
		return "", err
	}
	b.tallies = append(b.tallies, tally)
	return fmt.Sprintf("%d payments were stored in %v (%.0f/s)", b.Preload, passed().Round(time.Second), float64(b.Preload)/passed().Seconds()), nil
}

// lone is what a server in a process of its own took.
type lone struct {
	ready    time.Duration
	peak     string
	payments float64
}

func (l lone) String() string {
	return fmt.Sprintf("ready after %v, peak memory %s after %.0f payments/s over HTTP", l.ready.Round(time.Millisecond), l.peak, l.payments)
}

// alone starts `tolom serve` in a process of its own, has it take payments, and ends it.
func (b *benching) alone(ctx context.Context) (l lone, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return l, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return l, err
	}
	self, err := os.Executable()
	if err != nil {
		return l, err
	}
	server := exec.CommandContext(ctx, self, "serve", "--db", b.DB, "--listen", address, "--log-level", "warn", "--mode", "test", "--merchant-rate", "0")
	server.Stderr = b.std.Err
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	passed := world.Stopwatch()
	if err := server.Start(); err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, server.Process.Signal(syscall.SIGTERM), server.Wait()) }()
	if l.ready, err = ready(ctx, "http://"+address, passed); err != nil {
		return l, err
	}
	r, err := b.measureAt(ctx, "http://"+address)
	if err != nil {
		return l, err
	}
	l.payments = r.Payments
	l.peak, err = peakMemory(server.Process.Pid)
	return l, err
}

// readyWithin bounds the wait for a server.
const readyWithin = time.Minute

func ready(ctx context.Context, base string, passed func() time.Duration) (time.Duration, error) {
	client := http.Client{Timeout: time.Second}
	for passed() < readyWithin && ctx.Err() == nil {
		answer, err := client.Get(base + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return passed(), nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return 0, errors.Join(ctx.Err(), fmt.Errorf("a server was not ready within %v", readyWithin))
}

// measureAt has the clients pay over HTTP at one address.
func (b *benching) measureAt(ctx context.Context, base string) (bench.Result, error) {
	a := b.nodes[0].app
	field, err := bench.Seed(ctx, a.platform, b.Merchants)
	if err != nil {
		return bench.Result{}, err
	}
	payer := b.overHTTP([]string{base}, field, world.NewID(a.world, "", 0).Token())
	r := bench.Load{Clients: b.Clients, For: b.For, Warm: b.Warm}.Run(ctx, "alone", payer)
	r.PSP = field.PSP.ID
	b.tallies = append(b.tallies, r.Tally)
	return r, bench.Drain(ctx, a.store)
}

// peakMemory reads how much memory a process has had at most, from the kernel.
func peakMemory(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if peak, found := strings.CutPrefix(line, "VmHWM:"); found {
			return strings.TrimSpace(peak), nil
		}
	}
	return "", fmt.Errorf("the kernel does not tell the memory of process %d", pid)
}
