package store

import (
	"cmp"
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

// memoryTx stages its changes; Commit applies them. What it saw cannot change
// before it ends, because it has the locks.
type memoryTx struct {
	m        *Memory
	ended    bool
	failed   bool
	enlisted bool
	locks    []lock
	waitsFor *memoryTx // for whose lock it waits now
	batch    Batch
	claims   map[Name]Claim
	changes  Changes
}

// Begin opens a transaction; it waits for nobody.
func (m *Memory) Begin(ctx context.Context) (Tx, error) {
	if err := m.reach(ctx, BeginPoint); err != nil {
		return nil, err
	}
	return &memoryTx{m: m, claims: map[Name]Claim{}}, nil
}

// step runs one step of the transaction; after an error no other step runs.
func (x *memoryTx) step(ctx context.Context, p Point, do func() error) error {
	if x.ended || x.failed {
		return errEnded
	}
	x.failed = true
	if err := x.m.reach(ctx, p); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	x.failed = false
	return nil
}

// look reads committed rows.
func (x *memoryTx) look(do func(*tables) error) error {
	x.m.mu.RLock()
	defer x.m.mu.RUnlock()
	if x.m.closed {
		return errClosed
	}
	return do(&x.m.tables)
}

// Claim stages the batch and the names that are free. ErrTaken when the batch
// was committed before or is a tombstone.
func (x *memoryTx) Claim(ctx context.Context, batch Batch, claims []Claim) (taken []Claim, err error) {
	err = x.step(ctx, ClaimPoint, func() error {
		if err := x.begin(ctx, batch); err != nil {
			return err
		}
		for _, c := range sortedClaims(claims) {
			old, found, err := x.take(ctx, c)
			if err != nil {
				return err
			}
			if found {
				taken = append(taken, old)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

func sortedClaims(claims []Claim) []Claim {
	return slices.SortedStableFunc(slices.Values(claims), func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
	})
}

// begin takes the batch's id.
func (x *memoryTx) begin(ctx context.Context, batch Batch) error {
	if err := x.enlist(ctx); err != nil {
		return err
	}
	if err := x.lock(ctx, lockOfBatch(batch.ID)); err != nil {
		return err
	}
	x.batch = batch
	return x.look(func(t *tables) error {
		if _, known := t.batches[batch.ID]; known {
			return fmt.Errorf("%w: batch %s has ended", ErrTaken, batch.ID)
		}
		return nil
	})
}

// take stages a name, or finds who has it; it waits for another transaction that is taking it.
func (x *memoryTx) take(ctx context.Context, c Claim) (old Claim, found bool, err error) {
	name := Name{c.Scope, c.Key}
	if _, twice := x.claims[name]; twice {
		return old, false, fmt.Errorf("store: the name %q in %q is claimed twice in batch %s", c.Key, c.Scope, x.batch.ID)
	}
	if err := x.lock(ctx, lockOfClaim(c)); err != nil {
		return old, false, err
	}
	err = x.look(func(t *tables) error {
		old, found = t.claims[name]
		return nil
	})
	if found {
		x.unlock(lockOfClaim(c)) // a row that another committed is only read
	} else {
		x.claims[name] = copyClaim(c)
	}
	return old, found, err
}

// Load locks the requests and the balances and reads what the needs ask for.
func (x *memoryTx) Load(ctx context.Context, needs []Need, accounts []ledger.Account) (view View, err error) {
	err = x.step(ctx, LoadPoint, func() error {
		if err := x.lockRows(ctx, needs, accounts); err != nil {
			return err
		}
		return x.look(func(t *tables) error {
			view = View{
				Now:      whole(x.m.clock.Now()),
				States:   t.states(needs),
				Payouts:  t.business.needed(needs),
				Files:    t.neededFiles(needs),
				Balances: make(map[ledger.Account]money.Amount, len(accounts)),
			}
			view.Caps = t.caps(needs, view.States)
			for _, a := range accounts {
				if view.Balances[a], err = t.balance(a); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return view, err
}

// lockRows locks requests that exist, payouts, files, and then balances, each in key order.
func (x *memoryTx) lockRows(ctx context.Context, needs []Need, accounts []ledger.Account) error {
	var requests []id.ID
	var slots []slot
	err := x.look(func(t *tables) error {
		for _, n := range needs {
			if _, found := t.requests[n.Request]; found {
				requests = append(requests, n.Request)
			}
		}
		slots = t.slotsOf(accounts)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(requests)
	for _, r := range slices.Compact(requests) {
		if err := x.lock(ctx, lockOfRequest(r)); err != nil {
			return err
		}
	}
	if err := x.lockPayouts(ctx, needs); err != nil {
		return err
	}
	if err := x.lockFiles(ctx, needs); err != nil {
		return err
	}
	return x.lockSlots(ctx, slots)
}

// slotsOf gives the rows of accounts that exist, and of each at least the first.
func (t *tables) slotsOf(accounts []ledger.Account) (out []slot) {
	for _, a := range accounts {
		rows := t.balances[a]
		for n := range Slices {
			if n == 0 || rows != nil && rows[n].exists {
				out = append(out, slot{a, n})
			}
		}
	}
	return out
}

// lockSlots locks rows of balances: those that may have a floor first, in key order.
func (x *memoryTx) lockSlots(ctx context.Context, slots []slot) error {
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(-compareTruths(a.account.Purpose().Guarded(), b.account.Purpose().Guarded()), compareSlots(a, b))
	})
	for _, s := range slices.Compact(slots) {
		if err := x.lock(ctx, lockOfSlot(s)); err != nil {
			return err
		}
	}
	return nil
}

// states gives what the needs ask for; several needs of one request add up.
func (t *tables) states(needs []Need) map[id.ID]payment.State {
	wants := make(map[id.ID]wanted, len(needs))
	for _, n := range needs {
		if r, found := t.requests[n.Request]; found {
			w := wants[n.Request]
			t.want(&w, n, r.Kind == payment.Dynamic)
			wants[n.Request] = w
		}
	}
	states := make(map[id.ID]payment.State, len(wants))
	for request, w := range wants {
		states[request] = payment.State{
			Request:  copyRequest(t.requests[request]),
			Payments: pick(t.payments, w.payments),
			Refunds:  pick(t.refunds, w.refunds),
		}
	}
	return states
}

// wanted are the rows of one request that some need asks for, some of them twice.
type wanted struct{ payments, refunds []id.ID }

// want notes the rows of the request that a need asks for. Rows of other
// requests stay out: the lock does not cover them.
func (t *tables) want(w *wanted, n Need, dynamic bool) {
	if p, found := t.payments[n.Payment]; found && p.Request == n.Request {
		w.payments = append(w.payments, p.ID)
	}
	if r, found := t.refunds[n.Refund]; found && r.Request == n.Request {
		w.refunds, w.payments = append(w.refunds, r.ID), append(w.payments, r.Payment)
	}
	switch live := t.live[n.Request]; {
	case n.Live || n.Rivals && dynamic:
		w.payments = append(w.payments, live...)
	case n.PayerKey != "":
		for _, one := range live {
			if p := t.payments[one]; p.Payer.Key == n.PayerKey && p.PSP == n.PSP {
				w.payments = append(w.payments, one)
			}
		}
	}
}

// pick gives the named rows in order of their ids, each once.
func pick[T any](rows map[id.ID]T, names []id.ID) []T {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	out := make([]T, len(names))
	for i, name := range names {
		out[i] = rows[name]
	}
	return out
}

// Commit applies what is staged. It ends the transaction, whatever it answers.
func (x *memoryTx) Commit(context.Context) error {
	if x.ended || x.failed {
		return errEnded
	}
	if err := x.m.strike(BeforeCommit); err != nil {
		return x.unsent(err)
	}
	x.apply()
	x.Rollback()
	return x.m.strike(AfterCommit)
}

// unsent ends a commit that met trouble on its way to the database.
func (x *memoryTx) unsent(err error) error {
	late, adrift := errors.AsType[*Adrift](err)
	if !adrift {
		x.Rollback()
		return err
	}
	x.ended = true
	late.Take(func(commit bool) {
		if commit {
			x.apply()
		}
		x.release()
	})
	return ErrUnknown
}

func (x *memoryTx) apply() {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	x.m.tables.apply(x.batch, x.claims, x.changes)
	if x.m.Watch != nil {
		x.m.Watch(x.changes)
	}
}

// Rollback forgets what is staged and gives the locks back.
func (x *memoryTx) Rollback() {
	if !x.ended {
		x.ended = true
		x.release()
	}
}

// Settle waits for the batch's transaction if it is still open, then decides.
func (m *Memory) Settle(ctx context.Context, batch Batch) (committed bool, err error) {
	if err := m.reach(ctx, SettlePoint); err != nil {
		return false, err
	}
	x := &memoryTx{m: m}
	defer x.Rollback()
	if err := x.lock(ctx, lockOfBatch(batch.ID)); err != nil {
		return false, err
	}
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
