package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/store"
)

// lane writes the commands of some buckets, one batch after another. All of its
// work is in step, which runs on one goroutine at a time.
type lane struct {
	e     *Engine
	slice int
	inbox inbox
	// groups are batches still to run, the last first: a batch that failed is
	// put back whole with its guarded balances to lock, or as two halves.
	groups    []group
	last      id.ID    // of the lane's batches, whose ids rise
	unknown   *attempt // a commit whose outcome must be found before anything else
	gathering gathering
	retries   int       // in a row; they stretch the wait
	since     time.Time // of the first of them
}

// group is a batch of tickets to be run together.
type group struct {
	tickets []*ticket
	lock    []ledger.Account
}

// attempt is one run of a group.
type attempt struct {
	group
	batch    store.Batch
	outcomes []Outcome
	guarded  []ledger.Account // changed ones that may have a floor
	taken    int              // names that this batch took, not counting those that were taken before
}

// idle is the wait of a lane with nothing to do.
const idle = time.Duration(-1)

// step does one piece of work: settle an unknown commit, look on while a batch
// gathers, or run one. It returns how long to wait before the next: 0 for at once,
// idle for until a command comes.
func (l *lane) step(ctx context.Context) time.Duration {
	if l.unknown != nil {
		return l.settle(ctx)
	}
	if l.inbox.halted() {
		return l.probe(ctx)
	}
	if len(l.groups) == 0 {
		if wait := l.gather(); wait > 0 {
			return wait
		}
		tickets := l.inbox.take(l.e.config.MaxBatch)
		if len(tickets) == 0 {
			return idle
		}
		l.groups = append(l.groups, group{tickets: tickets})
	}
	last := len(l.groups) - 1
	g := l.groups[last]
	l.groups = l.groups[:last]
	if g.tickets = waiting(g.tickets); len(g.tickets) == 0 {
		return 0
	}
	return l.run(ctx, g)
}

// gather says how long the lane waits for its batch to fill. A lane driven inline does
// not: nobody comes while its only caller drives it.
func (l *lane) gather() time.Duration {
	if l.e.config.Inline {
		return 0
	}
	waiting, _ := l.inbox.count()
	return l.gathering.wait(waiting, l.e.config.Few, l.e.config.MaxBatch)
}

// waiting drops the tickets whose callers have gone, or were told to ask, before their command ran.
func waiting(tickets []*ticket) []*ticket {
	return slices.DeleteFunc(tickets, func(t *ticket) bool {
		if t.ctx.Err() == nil && !t.told {
			return false
		}
		t.answer(answer{err: t.ctx.Err()})
		return true
	})
}

// run attempts a batch and decides what its error means.
func (l *lane) run(ctx context.Context, g group) time.Duration {
	a := &attempt{group: g, batch: l.newBatch()}
	err := l.attempt(ctx, a)
	var guard *store.GuardError
	switch {
	case err == nil:
		l.retries = 0
		l.e.observe(len(g.tickets))
		l.e.ended(l)
		a.answer()
		return 0
	case errors.Is(err, store.ErrUnknown):
		l.unknown = a
		return 0
	case errors.Is(err, store.ErrRetry):
		if flaw.Has(flaw.ClaimsLostOnRetry) {
			g.forgetClaims()
		}
		l.groups = append(l.groups, g)
		return l.backoff()
	case errors.As(err, &guard):
		// All accounts of this run that may have a floor, not the guilty alone: locked
		// in two goes they would be locked out of order, and two nodes could block each other.
		l.groups = append(l.groups, group{g.tickets, union(union(g.lock, guard.Accounts), a.guarded)})
		return 0
	}
	l.harmed(g, err)
	return 0
}

// newBatch names the next batch. Facts of one millisecond are numbered in the
// order of their batches' ids, and what follows must not be told before what it
// follows from, so ids rise even while the clock stands still.
func (l *lane) newBatch() store.Batch {
	name := l.e.newID(id.Batch, uint16(l.slice))
	if name <= l.last {
		name = l.last.Next()
	}
	l.last = name
	return store.Batch{ID: name, Bucket: uint16(l.slice)}
}

// attempt runs a batch in one transaction: claim, load, decide, save, commit.
func (l *lane) attempt(ctx context.Context, a *attempt) error {
	tx, err := l.e.ledger.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	d, err := l.decide(ctx, tx, a)
	if err != nil {
		return err
	}
	changes, err := d.changes(a.batch, l.slice, l.e.newID)
	if err != nil {
		return err
	}
	if nothing(changes, a.taken) {
		return nil
	}
	a.guarded = guarded(changes.Deltas)
	if flaw.Has(flaw.OutboxApart) {
		return l.apart(ctx, tx, changes)
	}
	if flaw.Has(flaw.AnswerEarly) {
		return a.early(ctx, tx, changes)
	}
	return store.Finish(ctx, tx, changes)
}

func guarded(deltas []store.Delta) (out []ledger.Account) {
	for _, x := range deltas {
		if x.Account.Purpose().Guarded() {
			out = append(out, x.Account)
		}
	}
	return out
}

// nothing says that a batch leaves no trace, since all its commands only looked
// or were refused, and every name it took is given back: a rollback does the same
// as a commit and costs no write to disk.
func nothing(c store.Changes, names int) bool {
	return (names == len(c.Dropped) || flaw.Has(flaw.TombstoneRolledBack)) && len(c.Outcomes)+len(c.Facts)+len(c.NewRequests)+len(c.Requests)+
		len(c.NewPayments)+len(c.Payments)+len(c.NewRefunds)+len(c.Refunds)+len(c.NewPayouts)+len(c.Payouts) == 0
}

// decide takes the names, locks and loads what the commands need, and lets each
// decide in order.
func (l *lane) decide(ctx context.Context, tx store.Tx, a *attempt) (*draft, error) {
	var claims []store.Claim
	needs := make([]store.Need, 0, len(a.tickets))
	for _, t := range a.tickets {
		claims = append(claims, t.claims...)
		if n := t.command.Need(); n != (store.Need{}) {
			needs = append(needs, n)
		}
	}
	taken, view, err := store.Start(ctx, tx, a.batch, claims, needs, a.lock)
	if err != nil {
		return nil, err
	}
	a.taken = len(claims) - len(taken)
	if flaw.Has(flaw.NodeClock) {
		view.Now = l.e.world.Clock.Now()
	}
	d := newDraft(view)
	a.outcomes = make([]Outcome, len(a.tickets))
	for i, t := range a.tickets {
		a.outcomes[i] = d.decide(t.command, t.claims, own(taken, t.claims))
	}
	return d, nil
}

// own picks the claims of one command out of all that were taken.
func own(taken, claims []store.Claim) (out []store.Claim) {
	for _, c := range taken {
		if names(claims, c) {
			out = append(out, c)
		}
	}
	return out
}

// settle finds out whether an unknown commit happened: if so its commands are
// answered, if not they run again. It asks until the database answers.
func (l *lane) settle(ctx context.Context) time.Duration {
	committed, err := l.e.ledger.Settle(ctx, l.unknown.batch)
	if flaw.Has(flaw.UnknownIsSuccess) {
		committed, err = true, nil
	}
	if err != nil {
		return l.backoff()
	}
	a := l.unknown
	l.unknown = nil
	l.worked()
	if committed {
		a.answer()
	} else {
		l.groups = append(l.groups, a.group)
	}
	return 0
}

// harmed deals with an error that would come again: alone, the guilty command
// is answered with it; together, the batch is halved until the guilty one is alone.
func (l *lane) harmed(g group, err error) {
	if len(g.tickets) == 1 {
		g.tickets[0].answer(answer{err: err})
		return
	}
	half := len(g.tickets) / 2
	l.groups = append(l.groups, group{g.tickets[half:], g.lock}, group{g.tickets[:half], g.lock})
}

// abandon answers everything that the lane still holds, when the database does
// not answer while the engine is closing. Nothing is known to have failed: an
// unknown commit may have happened, so the callers are told to ask.
func (l *lane) abandon() {
	if l.unknown != nil {
		l.groups = append(l.groups, l.unknown.group)
	}
	for _, g := range l.groups {
		for _, t := range g.tickets {
			t.answer(answer{err: context.Canceled})
		}
	}
	for !l.inbox.empty() {
		for _, t := range l.inbox.take(l.e.config.MaxQueue) {
			t.answer(answer{err: context.Canceled})
		}
	}
}

// backoff stretches from one millisecond to half a second with each retry in a row.
func (l *lane) backoff() time.Duration {
	l.failed()
	return min(time.Millisecond<<min(l.retries-1, 9), 500*time.Millisecond)
}

// answer tells every caller what its command came to. It is called only after
// the commit is durable.
func (a *attempt) answer() {
	for i, t := range a.tickets {
		t.answer(answer{result: a.outcomes[i].Result, refusal: a.outcomes[i].Refusal})
	}
}

func union(a, b []ledger.Account) []ledger.Account {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
