package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

var errEnded = errors.New("store: the transaction has ended, or an error came before; only Rollback may follow")

// memoryTx stages its changes; Commit applies them. As it holds the one token
// for writing, what it saw cannot change before it ends.
type memoryTx struct {
	m       *Memory
	ended   bool
	failed  bool
	batch   Batch
	claims  map[Name]Claim
	changes Changes
}

// Begin waits for the token for writing, as long as ctx allows.
func (m *Memory) Begin(ctx context.Context) (Tx, error) {
	if err := m.reach(ctx, BeginPoint); err != nil {
		return nil, err
	}
	if err := m.acquire(ctx); err != nil {
		return nil, err
	}
	return &memoryTx{m: m, claims: map[Name]Claim{}}, nil
}

func (m *Memory) acquire(ctx context.Context) error {
	select {
	case m.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: another transaction is open: %w", ErrRetry, ctx.Err())
	}
}

func (m *Memory) release() { <-m.writing }

// step runs one step of the transaction on committed rows; after an error no other step runs.
func (x *memoryTx) step(ctx context.Context, p Point, do func(*tables) error) error {
	if x.ended || x.failed {
		return errEnded
	}
	x.failed = true
	if err := x.m.reach(ctx, p); err != nil {
		return err
	}
	x.m.mu.RLock()
	defer x.m.mu.RUnlock()
	if x.m.closed {
		return errClosed
	}
	if err := do(&x.m.tables); err != nil {
		return err
	}
	x.failed = false
	return nil
}

// Claim stages the batch and the names that are free. ErrTaken when the batch
// was committed before or is a tombstone.
func (x *memoryTx) Claim(ctx context.Context, batch Batch, claims []Claim) (taken []Claim, err error) {
	err = x.step(ctx, ClaimPoint, func(t *tables) error {
		if _, known := t.batches[batch.ID]; known {
			return fmt.Errorf("%w: batch %s has ended", ErrTaken, batch.ID)
		}
		x.batch = batch
		for _, c := range claims {
			name := Name{c.Scope, c.Key}
			if _, twice := x.claims[name]; twice {
				return fmt.Errorf("store: the name %q in %q is claimed twice in batch %s", c.Key, c.Scope, batch.ID)
			}
			if old, found := t.claims[name]; found {
				taken = append(taken, old)
				continue
			}
			x.claims[name] = copyClaim(c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// Load needs no locks: the token for writing covers every row.
func (x *memoryTx) Load(ctx context.Context, needs []Need, lock []ledger.Account) (view View, err error) {
	err = x.step(ctx, LoadPoint, func(t *tables) error {
		view = View{
			Now:      whole(x.m.clock.Now()),
			States:   t.states(needs),
			Balances: make(map[ledger.Account]money.Amount, len(lock)),
		}
		view.Caps = t.caps(needs, view.States)
		for _, a := range lock {
			if view.Balances[a], err = t.balance(a); err != nil {
				return err
			}
		}
		return nil
	})
	return view, err
}

// states gives what the needs ask for; several needs of one request add up.
func (t *tables) states(needs []Need) map[id.ID]payment.State {
	wanted := map[id.ID]*wanted{}
	for _, n := range needs {
		if _, found := t.requests[n.Request]; !found {
			continue
		}
		w := wanted[n.Request]
		if w == nil {
			w = newWanted()
			wanted[n.Request] = w
		}
		t.want(w, n)
	}
	states := make(map[id.ID]payment.State, len(wanted))
	for request, w := range wanted {
		states[request] = payment.State{
			Request:  copyRequest(t.requests[request]),
			Payments: pick(t.payments, w.payments),
			Refunds:  pick(t.refunds, w.refunds),
		}
	}
	return states
}

// wanted are the rows of one request that some need asks for.
type wanted struct{ payments, refunds map[id.ID]bool }

func newWanted() *wanted { return &wanted{map[id.ID]bool{}, map[id.ID]bool{}} }

// want notes the rows of the request that a need asks for. Rows of other
// requests stay out: the lock does not cover them.
func (t *tables) want(w *wanted, n Need) {
	if p, found := t.payments[n.Payment]; found && p.Request == n.Request {
		w.payments[p.ID] = true
	}
	if r, found := t.refunds[n.Refund]; found && r.Request == n.Request {
		w.refunds[r.ID], w.payments[r.Payment] = true, true
	}
	dynamic := t.requests[n.Request].Kind == payment.Dynamic
	for _, live := range t.live[n.Request] {
		p := t.payments[live]
		if n.Live || n.Rivals && dynamic || n.PayerKey != "" && p.Payer.Key == n.PayerKey && p.PSP == n.PSP {
			w.payments[live] = true
		}
	}
}

// pick gives the named rows in order of their ids.
func pick[T any](rows map[id.ID]T, names map[id.ID]bool) []T {
	ids := make([]id.ID, 0, len(names))
	for name := range names {
		ids = append(ids, name)
	}
	slices.Sort(ids)
	var out []T
	for _, name := range ids {
		out = append(out, rows[name])
	}
	return out
}

// Commit applies what is staged. It ends the transaction, whatever it answers.
func (x *memoryTx) Commit(context.Context) error {
	if x.ended || x.failed {
		return errEnded
	}
	if err := x.m.strike(BeforeCommit); err != nil {
		x.Rollback()
		return err
	}
	x.m.mu.Lock()
	x.m.tables.apply(x.batch, x.claims, x.changes)
	x.m.mu.Unlock()
	x.Rollback()
	return x.m.strike(AfterCommit)
}

// Rollback forgets what is staged and gives the token for writing back.
func (x *memoryTx) Rollback() {
	if !x.ended {
		x.ended = true
		x.m.release()
	}
}

// Settle waits until no transaction is open, then decides.
func (m *Memory) Settle(ctx context.Context, batch Batch) (committed bool, err error) {
	if err := m.reach(ctx, SettlePoint); err != nil {
		return false, err
	}
	if err := m.acquire(ctx); err != nil {
		return false, err
	}
	defer m.release()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false, errClosed
	}
	if committed, found := m.tables.batches[batch.ID]; found {
		return committed, nil
	}
	m.tables.batches[batch.ID] = false
	return false, nil
}
