package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"pgregory.net/rapid"

	"tolom/client"
	"tolom/money"
	"tolom/sandbox"
	"tolom/world"
)

// stage is a bank and a platform with a network between them that does what a test wants.
type stage struct {
	t        rapid.TB
	clock    *world.Manual
	world    world.World
	platform *platform
	journal  *sandbox.Memory
	faults   *sandbox.Faults
	bank     *sandbox.Bank
	// network, if set, decides about each call; send delivers it.
	network func(request *http.Request, send http.RoundTripper) (*http.Response, error)
}

var start = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func newStage(t rapid.TB) *stage {
	s := &stage{t: t, journal: sandbox.NewMemory()}
	s.world, s.clock = world.Simulated(start, 1)
	s.platform = newPlatform(s.clock)
	s.faults = sandbox.NewFaults(s)
	s.restart()
	return s
}

// RoundTrip is the network.
func (s *stage) RoundTrip(request *http.Request) (*http.Response, error) {
	send := client.Direct(s.platform).Transport
	if s.network != nil {
		return s.network(request, send)
	}
	return send.RoundTrip(request)
}

// restart starts a bank on the journal, as after a crash.
func (s *stage) restart() {
	s.t.Helper()
	psp := client.New("http://platform", "psk_test", client.WithHTTP(&http.Client{Transport: s.faults}), client.WithWorld(s.world)).PSP()
	bank, err := sandbox.New(sandbox.Config{PSP: psp, Journal: s.journal, Clock: s.clock, Entropy: s.world.Entropy,
		Payers: sandbox.DemoPayers(), Faults: s.faults})
	if err != nil {
		s.t.Fatal(err)
	}
	s.bank = bank
}

func (s *stage) trouble(f sandbox.Fault) {
	s.t.Helper()
	if err := s.faults.Add(f); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) scan(payer, text string) sandbox.Purchase {
	s.t.Helper()
	p, err := s.bank.Scan(context.Background(), payer, text, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *stage) balance(payer string) money.Amount {
	s.t.Helper()
	available, err := s.bank.Balance(payer)
	if err != nil {
		s.t.Fatal(err)
	}
	return available
}

func (s *stage) purchase(name string) sandbox.Purchase {
	s.t.Helper()
	p, err := s.bank.Purchase(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// rest lets the bank work and time pass until the bank has nothing left to do.
func (s *stage) rest() {
	s.t.Helper()
	for range 10_000 {
		did, err := s.bank.Step(context.Background())
		if err != nil {
			s.t.Fatal(err)
		}
		if did == 0 && s.bank.Totals().Open == 0 && s.platform.waiting() == 0 {
			return
		}
		if next := s.bank.NextAt(); did == 0 && next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	s.t.Fatalf("the bank did not come to rest: %+v", s.bank.Totals())
}

// waiting counts refunds that the bank has not acknowledged.
func (p *platform) waiting() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, re := range p.refunds {
		if re.Status == "requested" {
			n++
		}
	}
	return n
}

// agree fails the test unless the bank's books are sound and, payment by payment, what the platform says.
func (s *stage) agree() {
	s.t.Helper()
	if err := s.bank.Audit(); err != nil {
		s.t.Fatal(err)
	}
	totals := s.bank.Totals()
	if totals.Held != 0 || totals.Open != 0 || totals.Contradictions != 0 {
		s.t.Fatalf("at rest the books still say %+v", totals)
	}
	paid, back := money.Amount(0), money.Amount(0)
	for _, p := range s.platform.payments {
		if p.Status == "success" {
			paid += money.Amount(p.Amount)
		}
		if ours := s.purchase(p.PSPPaymentID); (ours.Stage == sandbox.Succeeded) != (p.Status == "success") {
			s.t.Fatalf("the platform says %s, the bank %s of %+v", p.Status, ours.Stage, ours)
		}
	}
	for _, re := range s.platform.refunds {
		if re.Status == "success" {
			back += money.Amount(re.Amount)
		}
	}
	if totals.Captured != paid || totals.Refunded != back {
		s.t.Fatalf("the bank paid %d and gave back %d; the platform counts %d and %d", totals.Captured, totals.Refunded, paid, back)
	}
}

var errNetwork = errors.New("the network broke")

// copied reads the body of a request so that it can be sent more than once.
func copied(request *http.Request) func() *http.Request {
	var body []byte
	if request.Body != nil {
		body, _ = io.ReadAll(request.Body)
	}
	return func() *http.Request {
		again := request.Clone(context.Background())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return again
	}
}
