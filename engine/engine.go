// Package engine is the one write path of money: many commands to a commit. A
// lane takes whatever came while its last commit was on its way, so a lone
// command waits for nothing, and load raises the batch, not the latency.
//
// The engine is made of steps without goroutines or timers; Run drives them in
// production, Do drives them itself when the engine is Inline (tests,
// simulation). DESIGN.md beside this file says why it is built so.
package engine

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/world"
)

// Config sets an engine's sizes. Zero fields take the defaults in New.
type Config struct {
	Lanes    int  // batches under way at once; 1 on SQLite
	MaxBatch int  // commands to a commit
	MaxQueue int  // commands waiting in a lane before new ones are refused
	Offset   int  // shifts the balance slices, so that nodes do not meet on one
	Few      int  // up to so many commands in its house a lane goes at once; beyond, its batches gather
	Full     int  // commands in the house for which one more lane opens; negative: all are open
	Inline   bool // Do runs the steps itself; no Run
	// CloseWithin is how long a closing engine goes on with what is queued when the
	// database does not answer; 10 s when 0.
	CloseWithin time.Duration
	// Observe is told the size of each committed batch.
	Observe func(commands int)
	// Await, when set, is called by Do while its answer is not there: it returns when
	// over says so, or when it likes to look again. A simulation that drives the lanes
	// by Step lets others go on meanwhile. Without it the caller's goroutine blocks.
	Await func(over func() bool)
}

// Engine takes commands and writes them.
type Engine struct {
	ledger store.Ledger
	world  world.World
	config Config
	lanes  []*lane
	inline sync.Mutex

	crowded sync.Mutex // guards crowd
	crowd   crowd
	open    atomic.Int32 // lanes that commands are given to
}

// New makes an engine over a store's ledger.
func New(l store.Ledger, w world.World, c Config) *Engine {
	c.Lanes = max(c.Lanes, 1)
	if c.MaxBatch <= 0 {
		c.MaxBatch = 256
	}
	if c.MaxQueue <= 0 {
		c.MaxQueue = 4096
	}
	if c.Few <= 0 {
		c.Few = 8
	}
	if c.Full == 0 {
		c.Full = 192
	}
	if c.CloseWithin <= 0 {
		c.CloseWithin = 10 * time.Second
	}
	e := &Engine{ledger: l, world: w, config: c}
	e.begin()
	return e
}

// Do submits a command and waits until its commit is durable. The error is a
// *fault.Error: the command's refusal, unavailable when the queue is full (nothing
// was done), outcome_unknown when ctx ended first (it may still be done).
func (e *Engine) Do(ctx context.Context, c Command) (any, error) {
	t, err := e.submit(ctx, c)
	if err != nil {
		return nil, err
	}
	return e.answerOf(ctx, t)
}

// Answered is what one of several commands came to.
type Answered struct {
	Result any
	Err    error // as of Do
}

// DoAll submits commands together, so that they share commits, and waits for all of
// them. Each is answered as by Do.
func (e *Engine) DoAll(ctx context.Context, commands ...Command) []Answered {
	tickets := make([]*ticket, len(commands))
	out := make([]Answered, len(commands))
	for i, c := range commands {
		tickets[i], out[i].Err = e.submit(ctx, c)
	}
	for i, t := range tickets {
		if t != nil {
			out[i].Result, out[i].Err = e.answerOf(ctx, t)
		}
	}
	return out
}

// submit puts a command into its lane's queue.
func (e *Engine) submit(ctx context.Context, c Command) (*ticket, error) {
	t := &ticket{ctx: ctx, command: c, claims: dated(c.Claims(), e.world.Clock.Now()), class: c.Class(), done: make(chan answer, 1), lane: e.laneOf(c)}
	l := t.lane
	if l.inbox.put(t, e.config.MaxQueue) {
		return t, nil
	}
	if l.inbox.halted() {
		return nil, notWriting()
	}
	return nil, fault.New(fault.OutOfService).Because("the write queue is full or closing; nothing was done, try again shortly")
}

// laneOf picks a lane among the open ones, the same for all commands of a request while as
// many are open. Which it is matters to the speed alone: two lanes meet as two nodes do.
func (e *Engine) laneOf(c Command) *lane { return e.lanes[int(c.Bucket())%int(e.open.Load())] }

// ended takes in that a lane's commit has ended: how many commands are in its house, and
// in all houses, decides how it goes on.
func (e *Engine) ended(l *lane) {
	house := 0
	for _, x := range e.lanes {
		waiting, taken := x.inbox.count()
		house += waiting + taken
		if x == l {
			l.gathering.house = waiting + taken
		}
	}
	e.crowded.Lock()
	defer e.crowded.Unlock()
	e.open.Store(int32(e.crowd.note(house, e.config.Full, len(e.lanes))))
}

// answerOf waits for the answer to a command that was submitted.
func (e *Engine) answerOf(ctx context.Context, t *ticket) (any, error) {
	if e.config.Inline {
		e.drive(ctx, t.lane)
	}
	if e.config.Await != nil {
		e.await(ctx, t)
	}
	select {
	case a := <-t.done:
		return a.unpack()
	default: // an answer that is there is given even to a caller who has gone
	}
	select {
	case a := <-t.done:
		return a.unpack()
	case <-ctx.Done():
		return nil, fault.Wrap(fault.OutcomeUnknown, ctx.Err())
	}
}

// retriesOfLimits is how often limits are set again after a passing failure.
const retriesOfLimits = 5

// SetLimits gives an owner its limits. They are no command, because all lanes of
// all nodes have to wait for them: see store.Ledger. The error is a *fault.Error;
// after outcome_unknown the call may be made again.
func (e *Engine) SetLimits(ctx context.Context, l payment.Limits) (err error) {
	for range retriesOfLimits {
		err = e.ledger.SetLimits(ctx, l)
		if !errors.Is(err, store.ErrRetry) && !errors.Is(err, store.ErrUnknown) {
			break
		}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrUnknown):
		return fault.Wrap(fault.OutcomeUnknown, err)
	}
	return fault.Wrap(fault.OutOfService, err)
}

func (a answer) unpack() (any, error) {
	switch {
	case a.err != nil && (errors.Is(a.err, context.Canceled) || errors.Is(a.err, context.DeadlineExceeded)):
		return nil, fault.Wrap(fault.OutcomeUnknown, a.err)
	case a.err != nil:
		return nil, fault.From(a.err)
	case a.refusal != nil:
		return a.result, a.refusal
	}
	return a.result, nil
}

// drive runs a lane's steps until it is idle or ctx ends. Waits are skipped:
// whoever drives inline has a clock of its own, or a store that always answers.
func (e *Engine) drive(ctx context.Context, l *lane) {
	e.inline.Lock()
	defer e.inline.Unlock()
	for ctx.Err() == nil && l.step(ctx) != idle {
	}
}

// await waits by the config's Await until the answer is there or ctx ends.
func (e *Engine) await(ctx context.Context, t *ticket) {
	over := func() bool { return len(t.done) > 0 || ctx.Err() != nil }
	for !over() {
		e.config.Await(over)
	}
}

// Lanes is how many lanes Step can drive.
func (e *Engine) Lanes() int { return len(e.lanes) }

// Idle is what Step gives for a lane that has nothing to do until a command comes.
const Idle = idle

// Step drives one lane by one piece of work, for whoever has no Run: a simulation.
// It says how long to wait before the next: 0 for at once, or Idle. A lane is
// driven by one caller at a time.
func (e *Engine) Step(ctx context.Context, lane int) time.Duration { return e.lanes[lane].step(ctx) }

// Forget drops everything that the engine holds, answering nobody, as the end of its
// process would. Nothing may be under way in its lanes.
func (e *Engine) Forget() { e.begin() }

// begin gives the engine its lanes.
func (e *Engine) begin() {
	e.lanes, e.crowd = nil, crowd{}
	e.open.Store(int32(e.crowd.note(0, e.config.Full, e.config.Lanes)))
	for n := range e.config.Lanes {
		e.lanes = append(e.lanes, &lane{e: e, slice: (n + e.config.Offset) % store.Slices, inbox: inbox{wake: make(chan struct{}, 1)}})
	}
}

// Run drives the lanes until ctx ends, then serves what is queued and returns.
// Commands that come after that are refused.
func (e *Engine) Run(ctx context.Context) {
	var group sync.WaitGroup
	for _, l := range e.lanes {
		group.Go(func() { l.serve(ctx) })
	}
	group.Wait()
}

// serve is the thin runner of a lane.
func (l *lane) serve(ctx context.Context) {
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	stop := context.AfterFunc(ctx, func() {
		l.inbox.close()
		time.AfterFunc(l.e.config.CloseWithin, giveUp)
	})
	defer stop()
	for {
		wait := l.step(work)
		switch {
		case work.Err() != nil:
			l.abandon()
			return
		case wait == 0:
			continue
		case ctx.Err() != nil && (wait == idle || l.probing()) && l.inbox.empty():
			return
		}
		l.pause(ctx, wait)
	}
}

// pause waits for a time, or when idle for the next command or the end.
func (l *lane) pause(ctx context.Context, wait time.Duration) {
	if wait == idle {
		select {
		case <-l.inbox.wake:
		case <-ctx.Done():
		}
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	<-timer.C
}

// NewID makes an id with the world's clock and randomness.
func (e *Engine) newID(k id.Kind, bucket uint16) id.ID { return world.NewID(e.world, k, bucket) }

func (e *Engine) observe(commands int) {
	if e.config.Observe != nil {
		e.config.Observe(commands)
	}
}

// Room says whether a command of the class would be let in on average, so that a
// door can refuse before it has read and resolved anything.
func (e *Engine) Room(c Class) bool {
	return !e.Stuck() && e.Queued() < max(len(e.lanes)*e.config.MaxQueue*share[c]/4, 1)
}

// Queued counts the commands that wait, for the gauges.
func (e *Engine) Queued() (n int) {
	for _, l := range e.lanes {
		l.inbox.mu.Lock()
		n += l.inbox.size()
		l.inbox.mu.Unlock()
	}
	return n
}
