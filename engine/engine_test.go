package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tolom/engine"
	"tolom/fault"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

// bench is an inline engine over a store in memory, with a merchant and a PSP.
type bench struct {
	t      *testing.T
	store  *store.Memory
	engine *engine.Engine
	world  world.World
	shop   id.ID
	psp    id.ID
}

func newBench(t *testing.T, c engine.Config) *bench {
	w, _ := world.Simulated(time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC), 1)
	s := store.NewMemory(w.Clock)
	return &bench{t: t, store: s, engine: engine.New(s, w, c), world: w,
		shop: world.NewID(w, id.Merchant, 5), psp: world.NewID(w, id.PSP, 6)}
}

func (b *bench) payable() ledger.Account  { return ledger.Of(b.shop, ledger.Payable) }
func (b *bench) clearing() ledger.Account { return ledger.Of(b.psp, ledger.Clearing) }

func (b *bench) balance() money.Amount {
	sum, err := b.store.Balance(context.Background(), b.payable())
	if err != nil {
		b.t.Fatal(err)
	}
	return sum
}

// move is a command that makes a request row and moves money of the shop.
type move struct {
	b      *bench
	name   string // claimed
	amount money.Amount
	floor  *money.Amount
	bad    bool // changes a request that does not exist
	calls  *int
	class  engine.Class
}

func (m move) Bucket() uint16      { return m.b.shop.Bucket() }
func (m move) Class() engine.Class { return m.class }
func (m move) Need() store.Need    { return store.Need{} }
func (m move) Claims() []store.Claim {
	if m.name == "" {
		return nil
	}
	return []store.Claim{{Bucket: id.BucketOf("test", m.name), Scope: "test", Key: m.name, Object: m.b.shop}}
}

func (m move) Decide(s engine.Sight) engine.Outcome {
	if m.calls != nil {
		*m.calls++
	}
	if _, again := s.TakenIn("test"); again {
		return engine.Outcome{Result: "again", GiveBack: true}
	}
	t := ledger.Transfer(nil).Move(m.b.clearing(), m.b.payable(), m.amount)
	if m.amount < 0 {
		t = ledger.Transfer(nil).Move(m.b.payable(), m.b.clearing(), -m.amount)
	}
	out := engine.Outcome{Result: "done", Lines: []engine.Line{{
		Fact:     payment.Fact{Type: payment.PaymentSucceeded, At: s.View.Now, Merchant: m.b.shop, PSP: m.b.psp, Amount: m.amount},
		Transfer: t,
	}}}
	if m.bad {
		out.Request = &payment.Request{ID: world.NewID(m.b.world, id.Request, 5), Version: 9}
	}
	if m.floor != nil {
		out.Guards = []engine.Guard{{Account: m.b.payable(), Floor: *m.floor, Refusal: fault.New(fault.InsufficientFunds)}}
	}
	return out
}

func (b *bench) do(c engine.Command) (any, error) { return b.engine.Do(context.Background(), c) }

func (b *bench) must(c engine.Command, want any) {
	b.t.Helper()
	if got, err := b.do(c); err != nil || got != want {
		b.t.Fatalf("got %v, %v, want %v", got, err, want)
	}
}

func floorAt(a money.Amount) *money.Amount { return &a }

func TestACommandIsAnsweredWithWhatWasWritten(t *testing.T) {
	b := newBench(t, engine.Config{Inline: true})
	b.must(move{b: b, amount: 700}, "done")
	if got := b.balance(); got != 700 {
		t.Errorf("the balance is %d", got)
	}
}

func TestANameIsTakenOnce(t *testing.T) {
	b := newBench(t, engine.Config{Inline: true})
	b.must(move{b: b, name: "n", amount: 5}, "done")
	b.must(move{b: b, name: "n", amount: 5}, "again")
	if got := b.balance(); got != 5 {
		t.Errorf("the second taking moved money: %d", got)
	}
}

func TestARefusedCommandGivesItsNameBack(t *testing.T) {
	b := newBench(t, engine.Config{Inline: true})
	if _, err := b.do(move{b: b, name: "n", amount: -1, floor: floorAt(0)}); !fault.Has(err, fault.InsufficientFunds) {
		t.Fatalf("got %v", err)
	}
	b.must(move{b: b, name: "n", amount: 1}, "done")
}

func TestFloorsAreJudgedOneByOneWhenTheSumWouldPassThem(t *testing.T) {
	b := newBench(t, engine.Config{MaxBatch: 64})
	b.engineOnce(t, []engine.Command{move{b: b, amount: 100}}, nil)
	refused := 0
	cmds := make([]engine.Command, 16)
	for i := range cmds {
		cmds[i] = move{b: b, amount: -30, floor: floorAt(0)}
	}
	b.engineOnce(t, cmds, func(_ any, err error) {
		if fault.Has(err, fault.InsufficientFunds) {
			refused++
		} else if err != nil {
			t.Errorf("got %v", err)
		}
	})
	if refused != 13 || b.balance() != 10 {
		t.Errorf("of 16 debits of 30 from 100, %d were refused and %d tyiyn are left; want 13 and 10", refused, b.balance())
	}
}

// engineOnce queues commands before the engine runs, so that they meet in one
// batch, then runs it until all are answered.
func (b *bench) engineOnce(t *testing.T, cmds []engine.Command, each func(any, error)) {
	t.Helper()
	b.engineBatches(t, cmds, 64, each)
}

// engineBatches does the same with batches of another size.
func (b *bench) engineBatches(t *testing.T, cmds []engine.Command, size int, each func(any, error)) {
	t.Helper()
	e := engine.New(b.store, b.world, engine.Config{MaxBatch: size})
	var mu sync.Mutex
	var group sync.WaitGroup
	for i, c := range cmds {
		group.Go(func() {
			result, err := e.Do(context.Background(), c)
			mu.Lock()
			defer mu.Unlock()
			if each != nil {
				each(result, err)
			} else if err != nil {
				t.Error(err)
			}
		})
		for e.Queued() <= i { // They stand in the order in which they are given.
			time.Sleep(50 * time.Microsecond)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { e.Run(ctx); close(done) }()
	group.Wait()
	stop()
	<-done
}

func TestCommandsThatWaitMeetInOneCommit(t *testing.T) {
	b := newBench(t, engine.Config{})
	commits := 0
	b.store.Fault = func(p store.Point) error {
		if p == store.AfterCommit {
			commits++
		}
		return nil
	}
	cmds := make([]engine.Command, 50)
	for i := range cmds {
		cmds[i] = move{b: b, name: fmt.Sprint(i), amount: 1}
	}
	b.engineOnce(t, cmds, nil)
	if commits != 1 || b.balance() != 50 {
		t.Errorf("50 commands took %d commits and moved %d", commits, b.balance())
	}
}

func TestTwoOfOneNameDoNotMeetInOneBatch(t *testing.T) {
	b := newBench(t, engine.Config{})
	results := map[any]int{}
	b.engineOnce(t, []engine.Command{move{b: b, name: "n", amount: 7}, move{b: b, name: "n", amount: 7}, move{b: b, name: "m", amount: 1}},
		func(r any, err error) { results[r]++ })
	if results["done"] != 2 || results["again"] != 1 || b.balance() != 8 {
		t.Errorf("got %v and %d tyiyn", results, b.balance())
	}
}

func TestALostAnswerOfACommitIsFoundOut(t *testing.T) {
	for _, c := range []struct {
		name  string
		point store.Point
		calls int // of Decide: once if the commit happened, twice if it ran again
	}{
		{"the commit happened", store.AfterCommit, 1},
		{"the commit never arrived", store.BeforeCommit, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, engine.Config{Inline: true})
			lost, silent := 0, 3
			b.store.Fault = func(p store.Point) error {
				switch {
				case p == c.point && lost == 0:
					lost++
					return store.ErrUnknown
				case p == store.SettlePoint && silent > 0:
					silent--
					return errors.New("the database does not answer yet")
				}
				return nil
			}
			calls := 0
			b.must(move{b: b, name: "n", amount: 9, calls: &calls}, "done")
			if b.balance() != 9 || calls != c.calls || silent != 0 {
				t.Errorf("balance %d after %d decisions, %d silent answers left", b.balance(), calls, silent)
			}
		})
	}
}

func TestPassingFailuresRunAgain(t *testing.T) {
	for _, at := range []store.Point{store.BeginPoint, store.ClaimPoint, store.LoadPoint, store.SavePoint, store.BeforeCommit} {
		b := newBench(t, engine.Config{Inline: true})
		fails := 4
		b.store.Fault = func(p store.Point) error {
			if p == at && fails > 0 {
				fails--
				return fmt.Errorf("%w: deadlock", store.ErrRetry)
			}
			return nil
		}
		b.must(move{b: b, name: "n", amount: 3}, "done")
		if b.balance() != 3 || fails != 0 {
			t.Errorf("%s: balance %d, %d failures left", at, b.balance(), fails)
		}
	}
}

func TestOneBadCommandHarmsNobody(t *testing.T) {
	b := newBench(t, engine.Config{})
	cmds := make([]engine.Command, 33)
	for i := range cmds {
		cmds[i] = move{b: b, amount: 1, bad: i == 20}
	}
	failed := 0
	b.engineOnce(t, cmds, func(_ any, err error) {
		if fault.Has(err, fault.InternalError) {
			failed++
		} else if err != nil {
			t.Error(err)
		}
	})
	if failed != 1 || b.balance() != 32 {
		t.Errorf("%d commands failed, %d tyiyn were moved; want 1 and 32", failed, b.balance())
	}
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	b := newBench(t, engine.Config{})
	e := engine.New(b.store, b.world, engine.Config{MaxQueue: 1})
	ctx, cancel := context.WithCancel(context.Background())
	waiting := make(chan error, 1)
	go func() { _, err := e.Do(ctx, move{b: b, amount: 1}); waiting <- err }()
	for e.Queued() < 1 {
		time.Sleep(time.Millisecond)
	}
	if _, err := e.Do(ctx, move{b: b, amount: 1}); !fault.Has(err, fault.OutOfService) {
		t.Errorf("the second command got %v", err)
	}
	cancel()
	if err := <-waiting; !fault.Has(err, fault.OutcomeUnknown) {
		t.Errorf("the caller who left got %v", err)
	}
}

func TestClosingServesWhatIsQueuedAndRefusesTheRest(t *testing.T) {
	b := newBench(t, engine.Config{})
	e := engine.New(b.store, b.world, engine.Config{})
	answered := make(chan error, 1)
	go func() { _, err := e.Do(context.Background(), move{b: b, amount: 4}); answered <- err }()
	for e.Queued() < 1 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e.Run(ctx)
	if err := <-answered; err != nil || b.balance() != 4 {
		t.Errorf("the queued command got %v, the balance is %d", err, b.balance())
	}
	if _, err := e.Do(context.Background(), move{b: b, amount: 4}); !fault.Has(err, fault.OutOfService) {
		t.Errorf("after closing: %v", err)
	}
}

func TestWhoOnlyLooksWritesNothing(t *testing.T) {
	b := newBench(t, engine.Config{Inline: true})
	b.must(move{b: b, name: "n", amount: 5}, "done")
	commits := 0
	b.store.Fault = func(p store.Point) error {
		if p == store.BeforeCommit {
			commits++
		}
		return nil
	}
	b.must(move{b: b, name: "n", amount: 5}, "again")
	if _, err := b.do(move{b: b, name: "x", amount: -6, floor: floorAt(0)}); err == nil {
		t.Fatal("a debit below the floor passed")
	}
	if commits != 0 {
		t.Errorf("%d commits were made for nothing", commits)
	}
}

func TestWhatIsNearestToItsEndGoesFirst(t *testing.T) {
	b := newBench(t, engine.Config{})
	var order []string
	var mu sync.Mutex
	cmds := make([]engine.Command, 0, 30)
	for i := range 10 {
		for _, c := range []engine.Class{engine.Ask, engine.Open, engine.Finish} {
			cmds = append(cmds, noted{move{b: b, amount: 1, class: c}, fmt.Sprintf("%d-%d", c, i), &order, &mu})
		}
	}
	b.engineBatches(t, cmds, 6, nil)
	finishes := 0
	for _, name := range order[:15] {
		if name[0] == '0' {
			finishes++
		}
	}
	if finishes != 10 {
		t.Errorf("of the first 15 commands %d were to finish payments, want all 10: %v", finishes, order)
	}
	if order[5][0] != '2' {
		t.Errorf("a merchant's request waits for ever: %v", order[:6])
	}
}

// noted is a move that notes when it is decided.
type noted struct {
	move
	name  string
	order *[]string
	mu    *sync.Mutex
}

func (n noted) Decide(s engine.Sight) engine.Outcome {
	n.mu.Lock()
	defer n.mu.Unlock()
	*n.order = append(*n.order, n.name)
	return n.move.Decide(s)
}

func TestAFillingQueueRefusesRequestsFirstAndExecutesLast(t *testing.T) {
	b := newBench(t, engine.Config{})
	e := engine.New(b.store, b.world, engine.Config{MaxQueue: 16})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	refused := map[engine.Class]int{}
	for n := range 12 {
		for _, c := range []engine.Class{engine.Ask, engine.Open, engine.Finish} {
			if !e.Room(c) {
				if refused[c] == 0 {
					refused[c] = n + 1
				}
				continue
			}
			before := e.Queued()
			go func() { _, _ = e.Do(ctx, move{b: b, amount: 1, class: c}) }()
			for e.Queued() == before {
				time.Sleep(time.Millisecond)
			}
		}
	}
	if !(refused[engine.Ask] < refused[engine.Open] && refused[engine.Open] < refused[engine.Finish]) || e.Queued() != 16 {
		t.Errorf("first refused: requests in round %d, creates in %d, executes in %d; %d are queued",
			refused[engine.Ask], refused[engine.Open], refused[engine.Finish], e.Queued())
	}
}
