package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// town is a platform in memory with one shop and one bank app.
type town struct {
	*testing.T
	clock    *world.Manual
	store    *store.Memory
	platform *flow.Platform
	merchant access.Merchant
	psp      access.PSP
	keys     int
}

func newTown(t *testing.T) *town {
	w, clock := world.Simulated(epoch, 1)
	s := store.NewMemory(clock)
	registry := flow.NewRegistry(s, access.New(s, clock), w)
	c := &town{T: t, clock: clock, store: s}
	c.platform = flow.New(s, engine.New(s, w, engine.Config{Inline: true}), registry, w, flow.Config{Provider: "tolom.example"})
	m, err := registry.AddMerchant(t.Context(), store.Merchant{Name: "Shop A", MCC: "5411"})
	c.ok(err)
	p, err := registry.AddPSP(t.Context(), store.PSP{Name: "Bank A"})
	c.ok(err)
	c.merchant, c.psp = access.Merchant{ID: m.ID}, access.PSP{ID: p.ID}
	return c
}

func (c *town) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// ask makes a request that lives for so many seconds.
func (c *town) ask(kind string, seconds int64) payment.Request {
	c.Helper()
	c.keys++
	key := flow.Idempotency{Key: fmt.Sprint("key-", c.keys), Fingerprint: "digest"}
	r, _, err := c.platform.CreateRequest(c.Context(), c.merchant, key, wire.NewPaymentRequest{Kind: kind, Amount: 100, ExpiresIn: seconds})
	c.ok(err)
	return r
}

func (c *town) begin(r payment.Request) payment.Payment {
	c.Helper()
	c.keys++
	p, _, err := c.platform.CreatePayment(c.Context(), c.psp, wire.NewPSPPayment{PSPPaymentID: fmt.Sprint("p-", c.keys), Payload: r.Payload, Amount: 100}, "digest")
	c.ok(err)
	return p
}

// status reads a row as it is: the platform itself would end what is overdue.
func (c *town) status(r payment.Request) payment.RequestStatus {
	c.Helper()
	row, err := c.store.Request(c.Context(), r.ID)
	c.ok(err)
	return row.Status
}

// step makes one step of a pass.
func (c *town) step(p Pass) int {
	c.Helper()
	n, err := p.Step(c.Context())
	c.ok(err)
	return n
}

func TestWhatIsOverdueEndsByItself(t *testing.T) {
	c := newTown(t)
	short, long, fixed := c.ask("", 60), c.ask("", 600), c.ask("static", 0)
	p := c.begin(fixed)
	pass := Expire(c.store, c.platform, c.clock)
	c.clock.Advance(time.Minute - time.Millisecond)
	if n := c.step(pass); n != 0 {
		t.Errorf("%d were ended before their time", n)
	}
	c.clock.Advance(time.Millisecond)
	if n := c.step(pass); n != 2 {
		t.Errorf("%d were ended, want the short request and the payment of the static one", n)
	}
	if c.status(short) != payment.RequestExpired || c.status(long) != payment.RequestActive || c.status(fixed) != payment.RequestActive {
		t.Errorf("the requests are %s, %s, %s", c.status(short), c.status(long), c.status(fixed))
	}
	row, err := c.store.Payment(t.Context(), p.ID)
	c.ok(err)
	if row.Status != payment.Canceled || row.Reason != payment.ReasonExpired {
		t.Errorf("the payment is %s (%s)", row.Status, row.Reason)
	}
	if n := c.step(pass); n != 0 {
		t.Errorf("a second step ended %d again", n)
	}
}

// TestManyOverdueEndInSteps of bounded size, until nothing is left.
func TestManyOverdueEndInSteps(t *testing.T) {
	c := newTown(t)
	for range mostExpired + 7 {
		c.ask("", 1)
	}
	c.clock.Advance(time.Second)
	pass := Expire(c.store, c.platform, c.clock)
	var steps []int
	for n := 1; n > 0; {
		n = c.step(pass)
		steps = append(steps, n)
	}
	if !slices.Equal(steps, []int{mostExpired, 7, 0}) {
		t.Errorf("the steps ended %v", steps)
	}
}

// TestOneThatCannotEndHoldsUpNoOther of the same step.
func TestOneThatCannotEndHoldsUpNoOther(t *testing.T) {
	c := newTown(t)
	rows := []payment.Request{c.ask("", 1), c.ask("", 1), c.ask("", 1)}
	c.clock.Advance(time.Second)
	broken := errors.New("cannot")
	pass := &expire{read: c.store, clock: c.clock, end: func(ctx context.Context, request id.ID) error {
		if request == rows[1].ID {
			return broken
		}
		return c.platform.Expire(ctx, request)
	}}
	n, err := pass.Step(t.Context())
	if n != 2 || !errors.Is(err, broken) || !strings.Contains(err.Error(), string(rows[1].ID)) {
		t.Errorf("ended %d, %v", n, err)
	}
	if c.status(rows[0]) != payment.RequestExpired || c.status(rows[2]) != payment.RequestExpired {
		t.Error("the others did not end")
	}
}

// TestOurClockMayBeAhead of the database's, which decides: then nothing is done,
// and the pass does not turn in circles over it.
func TestOurClockMayBeAhead(t *testing.T) {
	c := newTown(t)
	r := c.ask("", 60)
	ahead := world.NewManual(epoch.Add(61 * time.Second))
	pass := Expire(c.store, c.platform, ahead)
	c.step(pass)
	if n := c.step(pass); n != 0 || c.status(r) != payment.RequestActive {
		t.Errorf("did %d, the request is %s", n, c.status(r))
	}
	c.clock.Advance(time.Minute)
	c.step(pass)
	if c.status(r) != payment.RequestExpired {
		t.Errorf("the request is %s", c.status(r))
	}
}

func TestOnlyIdempotencyKeysAreForgotten(t *testing.T) {
	c := newTown(t)
	in := wire.NewPaymentRequest{Amount: 100, OrderID: "order-1"}
	key := flow.Idempotency{Key: "old", Fingerprint: "digest"}
	first, _, err := c.platform.CreateRequest(t.Context(), c.merchant, key, in)
	c.ok(err)
	refused := flow.Idempotency{Key: "refused", Fingerprint: "digest"}
	if _, _, err := c.platform.CreateRequest(t.Context(), c.merchant, refused, in); err == nil {
		t.Error("an order_id was taken twice")
	}
	c.begin(c.ask("static", 0))
	pass := Prune(c.store, c.clock)
	c.clock.Advance(30 * 24 * time.Hour)
	if n := c.step(pass); n != 0 {
		t.Errorf("%d were forgotten within thirty days", n)
	}
	again, replayed, err := c.platform.CreateRequest(t.Context(), c.merchant, key, in)
	if err != nil || !replayed || again.ID != first.ID {
		t.Errorf("within thirty days the key gives %v, %v", again.ID, err)
	}
	c.clock.Advance(time.Millisecond)
	if n := c.step(pass); n != 3 {
		t.Errorf("%d were forgotten, want the three keys, that of the refusal too", n)
	}
	if _, _, err := c.platform.CreateRequest(t.Context(), c.merchant, key, in); err == nil || !strings.Contains(err.Error(), "order_id") {
		t.Errorf("the order_id is free again: %v", err)
	}
	if _, err := c.platform.PaymentByPSPID(t.Context(), c.psp, "p-2"); err != nil {
		t.Errorf("the psp_payment_id is forgotten: %v", err)
	}
}

// script is a pass that does and fails as it is told, and notes when it was asked.
type script struct {
	every   time.Duration
	results []result
	at      []time.Duration
	start   time.Time
}

type result struct {
	did int
	err error
}

func (s *script) Name() string         { return "script" }
func (s *script) Every() time.Duration { return s.every }

func (s *script) Step(context.Context) (int, error) {
	s.at = append(s.at, time.Since(s.start))
	if len(s.results) == 0 {
		return 0, nil
	}
	r := s.results[0]
	s.results = s.results[1:]
	return r.did, r.err
}

// TestPaceOfAPass shows when steps come: at once after work, by the pass's own
// pace when there is none, later and later after failures.
func TestPaceOfAPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		no := errors.New("no power")
		p := &script{every: time.Second, start: time.Now(), results: []result{
			{3, nil}, {1, nil}, {0, nil}, {0, no}, {5, no}, {0, no}, {2, nil}, {0, nil},
		}}
		var log bytes.Buffer
		r := NewRunner(slog.New(slog.NewTextHandler(&log, nil)), p)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		r.Run(ctx)
		want := []time.Duration{0, 0, 0, 1, 3, 7, 15, 15, 16, 17, 18, 19}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(p.at[:len(want)], want) {
			t.Errorf("steps came at %v, want %v", p.at, want)
		}
		f := r.Figures()[0]
		if f.Pass != "script" || f.Steps != int64(len(p.at)) || f.Did != 11 || f.Fails != 3 {
			t.Errorf("figures %+v", f)
		}
		if n := strings.Count(log.String(), "no power"); n != 3 {
			t.Errorf("the log names the failure %d times:\n%s", n, log.String())
		}
	})
}

func TestFailuresMakeAPassWaitAMinuteAtMost(t *testing.T) {
	for _, c := range []struct {
		every    time.Duration
		failures int
		want     time.Duration
	}{
		{time.Second, 0, time.Second},
		{time.Second, 3, 8 * time.Second},
		{time.Second, 1000, time.Minute},
		{40 * time.Second, 1, time.Minute},
		{10 * time.Minute, 5, 10 * time.Minute},
	} {
		if got := pause(c.every, c.failures); got != c.want {
			t.Errorf("every %v after %d failures: %v, want %v", c.every, c.failures, got, c.want)
		}
	}
}

// TestOnePassDoesNotWaitForAnother and both end together when they are told to.
func TestOnePassDoesNotWaitForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &stuckPass{release: make(chan struct{})}
		p := &script{every: time.Second, start: time.Now()}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { NewRunner(slog.New(slog.DiscardHandler), stuck, p).Run(ctx); close(ended) }()
		time.Sleep(5*time.Second + time.Millisecond)
		synctest.Wait()
		if len(p.at) != 6 {
			t.Errorf("beside a stuck pass there were %d steps", len(p.at))
		}
		cancel()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("Run left a step under way behind")
		default:
		}
		close(stuck.release)
		<-ended
	})
}

type stuckPass struct{ release chan struct{} }

func (*stuckPass) Name() string         { return "stuck" }
func (*stuckPass) Every() time.Duration { return time.Second }
func (s *stuckPass) Step(context.Context) (int, error) {
	<-s.release
	return 0, nil
}

func TestNoncesAreForgottenWhenNoNodeWouldTakeTheirSignatures(t *testing.T) {
	c := newTown(t)
	pass := ForgetNonces(c.store, c.clock)
	used := store.Nonce{Key: id.New(id.PSPKey, epoch, 1, id.Random{}), Nonce: "nonce-number-0001", CreatedAt: c.clock.Now()}
	spend := func() bool {
		fresh, err := c.store.Spend(t.Context(), []store.Nonce{used})
		c.ok(err)
		return fresh[0]
	}
	if !spend() || spend() {
		t.Fatal("a nonce is not new once")
	}
	c.clock.Advance(access.NonceMemory)
	if n := c.step(pass); n != 0 || spend() {
		t.Errorf("%d nonces were forgotten too early", n)
	}
	c.clock.Advance(time.Millisecond)
	if n := c.step(pass); n != 1 || !spend() {
		t.Errorf("%d nonces were forgotten", n)
	}
}
