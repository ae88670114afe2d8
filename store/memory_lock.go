package store

import (
	"context"
	"fmt"

	"tolom/id"
)

// locks say which open transaction has which rows of a Memory. A lock is held
// until its transaction ends, and whoever wants it waits, as with PostgreSQL.
type locks struct {
	held   map[lock]*memoryTx
	open   int           // transactions that have claimed their batch and not ended
	fenced bool          // limits are being set: no transaction may begin
	wanted int           // how many wait
	freed  chan struct{} // closed when something was given back, while somebody waits
}

// lock names a row.
type lock struct {
	table     lockTable
	name, key string
	number    int
}

type lockTable byte

const (
	batchLock lockTable = iota
	nameLock
	requestLock
	balanceLock
	payoutLock
	fileLock
)

func newLocks() locks { return locks{held: map[lock]*memoryTx{}, freed: make(chan struct{})} }

func lockOfBatch(batch id.ID) lock { return lock{table: batchLock, name: string(batch)} }
func lockOfRequest(r id.ID) lock   { return lock{table: requestLock, name: string(r)} }
func lockOfClaim(c Claim) lock     { return lock{table: nameLock, name: c.Scope, key: c.Key} }
func lockOfSlot(s slot) lock {
	return lock{balanceLock, s.account.Code, "", s.slice<<16 | int(s.account.Bucket)}
}
func (l *locks) free(name lock) bool { return l.held[name] == nil }

// lock takes a row, and waits while another transaction has it. ErrRetry when ctx
// ends first, and for the one who would close a circle of waiting.
func (x *memoryTx) lock(ctx context.Context, name lock) error {
	m := x.m
	for {
		m.mu.Lock()
		owner := m.locks.held[name]
		if owner == nil {
			m.locks.held[name] = x
			x.locks = append(x.locks, name)
		}
		x.waitsFor = owner
		if owner == nil || owner == x {
			x.waitsFor = nil
			m.mu.Unlock()
			return nil
		}
		circle := x.inCircle()
		m.mu.Unlock()
		if circle {
			x.waitsFor = nil
			return fmt.Errorf("%w: two transactions wait for each other", ErrRetry)
		}
		if err := m.wait(ctx, func() bool { return m.locks.free(name) }); err != nil {
			x.waitsFor = nil
			return err
		}
	}
}

// inCircle says whether a transaction waits for one that waits for it, over however many others.
func (x *memoryTx) inCircle() bool {
	for y := x.waitsFor; y != nil; y = y.waitsFor {
		if y == x {
			return true
		}
	}
	return false
}

// unlock gives one row back before the transaction ends, as a name that was found taken.
func (x *memoryTx) unlock(name lock) {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	delete(x.m.locks.held, name)
	x.locks = x.locks[:len(x.locks)-1]
	x.m.locks.wake()
}

// release gives back all that the transaction has.
func (x *memoryTx) release() {
	x.m.mu.Lock()
	defer x.m.mu.Unlock()
	for _, name := range x.locks {
		delete(x.m.locks.held, name)
	}
	if x.enlisted {
		x.m.locks.open--
	}
	x.locks, x.enlisted, x.waitsFor = nil, false, nil
	x.m.locks.wake()
}

func (l *locks) wake() {
	if l.wanted > 0 {
		close(l.freed)
		l.freed = make(chan struct{})
	}
}

// wait returns when over may have become true. over is asked under the store's lock.
func (m *Memory) wait(ctx context.Context, over func() bool) error {
	if m.Wait != nil {
		m.Wait(over)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%w: another transaction is open: %w", ErrRetry, err)
		}
		return nil
	}
	m.mu.Lock()
	if over() {
		m.mu.Unlock()
		return nil
	}
	m.locks.wanted++
	freed := m.locks.freed
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.locks.wanted--
		m.mu.Unlock()
	}()
	select {
	case <-freed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: another transaction is open: %w", ErrRetry, ctx.Err())
	}
}

// enlist counts an open transaction, after whoever sets limits is done.
func (x *memoryTx) enlist(ctx context.Context) error {
	m := x.m
	for {
		m.mu.Lock()
		if !m.locks.fenced {
			m.locks.open++
			x.enlisted = true
			m.mu.Unlock()
			return nil
		}
		m.mu.Unlock()
		if err := m.wait(ctx, func() bool { return !m.locks.fenced }); err != nil {
			return err
		}
	}
}

// fence keeps transactions from beginning and waits until those that are open
// have ended; lift ends it.
func (m *Memory) fence(ctx context.Context) (lift func(), err error) {
	for {
		m.mu.Lock()
		if !m.locks.fenced {
			break
		}
		m.mu.Unlock()
		if err := m.wait(ctx, func() bool { return !m.locks.fenced }); err != nil {
			return nil, err
		}
	}
	m.locks.fenced = true
	m.mu.Unlock()
	lift = func() {
		m.mu.Lock()
		m.locks.fenced = false
		m.locks.wake()
		m.mu.Unlock()
	}
	return lift, nil
}

// alone waits until no transaction is open. Its caller has the fence.
func (m *Memory) alone(ctx context.Context) error {
	for {
		m.mu.RLock()
		open := m.locks.open
		m.mu.RUnlock()
		if open == 0 {
			return nil
		}
		if err := m.wait(ctx, func() bool { return m.locks.open == 0 }); err != nil {
			return err
		}
	}
}
