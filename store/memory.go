package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tolom/payment"
	"tolom/world"
)

// Memory is a Store that keeps everything in this process, for simulation and
// for tests of the rooms above. Transactions run side by side and wait for each
// other's locks where those of PostgreSQL would; readers see what was committed.
// It copies whatever it is given and whatever it gives.
type Memory struct {
	// Fault is asked at each Point on the way; an error that it gives is the
	// outcome of that step. It is set before the store is used and may panic, which
	// stands for the death of the process: whoever holds the transaction rolls it back.
	Fault func(Point) error
	// Wait, when set, is how a caller waits for another's lock: it returns when
	// over says so, or when it likes to look again. A simulation lets others go on
	// meanwhile. Without it the goroutine blocks.
	Wait func(over func() bool)
	// Watch, when set, is shown the changes of each commit in the moment it becomes
	// durable. It must not call the store.
	Watch func(Changes)
	// WatchLimits, when set, is shown limits in the moment they begin to hold. It must not call the store.
	WatchLimits func(payment.Limits)

	clock world.Clock

	mu     sync.RWMutex // guards what follows
	tables tables
	closed bool
	locks  locks

	// inside is set for a Memory that is part of a change of another one, which has locked it: see MoveProposal.
	inside *tables
	undo   []func()
}

// Point is a place where a simulated fault may strike.
type Point string

// The points. What happened before a point has happened, what follows has not.
const (
	BeginPoint   Point = "begin"
	ClaimPoint   Point = "claim"
	LoadPoint    Point = "load"
	SavePoint    Point = "save"
	BeforeCommit Point = "before commit" // an error here writes nothing; ErrUnknown is a lost request
	AfterCommit  Point = "after commit"  // an error here comes after all was written; ErrUnknown is a lost answer
	SettlePoint  Point = "settle"
	ReadPoint    Point = "read"    // of the Reader, and of the Desk and the Post when they only look
	WritePoint   Point = "write"   // of the Desk, the Post and the Days, before anything is written
	WrittenPoint Point = "written" // of the same, after all was written; ErrUnknown is a lost answer
)

var errClosed = errors.New("store: the store is closed")

// Adrift is an error that Fault gives at BeforeCommit for a commit whose sender
// hears nothing while the database still works on it: the caller gets ErrUnknown,
// the transaction keeps its locks, and it ends when somebody calls what Take is
// given, with true to commit and false to roll back.
type Adrift struct{ Take func(end func(commit bool)) }

// Error says that the outcome is unknown.
func (a *Adrift) Error() string { return ErrUnknown.Error() }

var _ Store = (*Memory)(nil)

// NewMemory opens an empty store whose database clock is the given one.
func NewMemory(clock world.Clock) *Memory {
	return &Memory{clock: clock, tables: newTables(), locks: newLocks()}
}

// Ping says whether the store is open.
func (m *Memory) Ping(ctx context.Context) error {
	return m.write(ctx, func(*tables) error { return nil })
}

// Close forgets nothing but refuses further calls. It waits for nobody.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// reach says whether a call may go on: the caller still waits, and nothing is broken on the way.
func (m *Memory) reach(ctx context.Context, p Point) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store: given up: %w", err)
	}
	return m.strike(p)
}

func (m *Memory) strike(p Point) error {
	if m.Fault == nil {
		return nil
	}
	return m.Fault(p)
}

// read answers from committed data.
func read[T any](ctx context.Context, m *Memory, look func(*tables) (T, error)) (T, error) {
	var nothing T
	if m.inside != nil {
		return look(m.inside)
	}
	if err := m.reach(ctx, ReadPoint); err != nil {
		return nothing, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nothing, errClosed
	}
	return look(&m.tables)
}

// write changes rows that transactions of the Ledger never touch, so it waits for none of them.
func (m *Memory) write(ctx context.Context, change func(*tables) error) error {
	if m.inside != nil {
		return change(m.inside)
	}
	if err := m.reach(ctx, WritePoint); err != nil {
		return err
	}
	if err := m.change(change); err != nil {
		return err
	}
	return m.strike(WrittenPoint)
}

func (m *Memory) change(change func(*tables) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	return change(&m.tables)
}
