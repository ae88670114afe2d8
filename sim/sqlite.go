package sim

import (
	"context"
	"errors"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/store"
)

// sqlite is a database with one writer at a time, as the scheduler sees it: whoever
// wants to write waits in virtual time, so that no goroutine ever waits for another.
// Steps of transactions take time and fail as they do in memory; reads do neither.
type sqlite struct {
	store.Store
	w       *World
	writing bool
	waiting []waiter
}

// openSQLite opens an empty database that goes with the world.
func (w *World) openSQLite(ctx context.Context) (*sqlite, error) {
	s, err := store.OpenSQLite(ctx, ":memory:", store.Options{Clock: w.dbClock, MaxConns: 2})
	return &sqlite{Store: s, w: w}, err
}

// acquire waits for the right to write. The world itself writes before anybody else lives.
func (s *sqlite) acquire() {
	if s.w.task == nil {
		return
	}
	for s.writing {
		s.w.count("waited for a lock")
		s.w.wait(&s.waiting, func() bool { return !s.writing })
	}
	s.writing = true
}

func (s *sqlite) release() {
	s.writing = false
	s.w.check(&s.waiting)
}

// write does something that takes no transaction of the engine.
func (s *sqlite) write(do func() error) error {
	if err := s.w.point(store.WritePoint); err != nil {
		return err
	}
	if err := s.alone(do); err != nil {
		return err
	}
	return s.w.point(store.WrittenPoint)
}

// alone does something while nobody else writes.
func (s *sqlite) alone(do func() error) error {
	s.acquire()
	defer s.release()
	return do()
}

// Begin opens a transaction.
func (s *sqlite) Begin(ctx context.Context) (store.Tx, error) {
	if err := s.w.point(store.BeginPoint); err != nil {
		return nil, err
	}
	s.acquire()
	tx, err := s.Store.Begin(ctx)
	if err != nil {
		s.release()
		return nil, err
	}
	return &sqliteTx{tx: tx, s: s}, nil
}

// Settle finds out what became of a commit.
func (s *sqlite) Settle(ctx context.Context, batch store.Batch) (committed bool, err error) {
	if err := s.w.point(store.SettlePoint); err != nil {
		return false, err
	}
	s.acquire()
	defer s.release()
	return s.Store.Settle(ctx, batch)
}

// Sequence numbers facts.
func (s *sqlite) Sequence(ctx context.Context, limit int) (facts int, err error) {
	err = s.write(func() error { facts, err = s.Store.Sequence(ctx, limit); return err })
	return facts, err
}

// Ack notes that a reader has a fact.
func (s *sqlite) Ack(ctx context.Context, reader, fact id.ID, at time.Time) error {
	return s.write(func() error { return s.Store.Ack(ctx, reader, fact, at) })
}

// Hold lets one node deliver to an endpoint.
func (s *sqlite) Hold(ctx context.Context, endpoint id.ID, holder string, lasts time.Duration) (held bool, err error) {
	err = s.write(func() error { held, err = s.Store.Hold(ctx, endpoint, holder, lasts); return err })
	return held, err
}

// Advance moves a cursor.
func (s *sqlite) Advance(ctx context.Context, endpoint id.ID, from, to int64, log []store.Delivery) error {
	return s.write(func() error { return s.Store.Advance(ctx, endpoint, from, to, log) })
}

// PutDelivery writes a delivery.
func (s *sqlite) PutDelivery(ctx context.Context, d store.Delivery) error {
	return s.write(func() error { return s.Store.PutDelivery(ctx, d) })
}

// PruneClaims forgets names.
func (s *sqlite) PruneClaims(ctx context.Context, scope string, before time.Time, limit int) (n int, err error) {
	err = s.write(func() error { n, err = s.Store.PruneClaims(ctx, scope, before, limit); return err })
	return n, err
}

// Spend uses up nonces.
func (s *sqlite) Spend(ctx context.Context, nonces []store.Nonce) (fresh []bool, err error) {
	err = s.write(func() error { fresh, err = s.Store.Spend(ctx, nonces); return err })
	return fresh, err
}

// ForgetNonces forgets those that are too old to be used.
func (s *sqlite) ForgetNonces(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = s.write(func() error { n, err = s.Store.ForgetNonces(ctx, before, limit); return err })
	return n, err
}

// sqliteTx is a transaction whose steps take time and may fail.
type sqliteTx struct {
	tx      store.Tx
	s       *sqlite
	ended   bool
	changes store.Changes
}

// Claim takes names.
func (x *sqliteTx) Claim(ctx context.Context, batch store.Batch, claims []store.Claim) ([]store.Claim, error) {
	if err := x.s.w.point(store.ClaimPoint); err != nil {
		return nil, err
	}
	return x.tx.Claim(ctx, batch, claims)
}

// Load reads what is needed.
func (x *sqliteTx) Load(ctx context.Context, needs []store.Need, lock []ledger.Account) (store.View, error) {
	if err := x.s.w.point(store.LoadPoint); err != nil {
		return store.View{}, err
	}
	return x.tx.Load(ctx, needs, lock)
}

// Save writes changes.
func (x *sqliteTx) Save(ctx context.Context, c store.Changes) error {
	if err := x.s.w.point(store.SavePoint); err != nil {
		return err
	}
	x.changes = c
	return x.tx.Save(ctx, c)
}

// Commit makes them durable, unless the way there or back fails.
func (x *sqliteTx) Commit(ctx context.Context) error {
	err := x.s.w.point(store.BeforeCommit)
	if late, adrift := errors.AsType[*store.Adrift](err); adrift {
		x.ended = true
		late.Take(func(commit bool) { _ = x.end(ctx, commit) }) // nobody hears how it ends
		return store.ErrUnknown
	}
	if err != nil {
		x.Rollback()
		return err
	}
	x.ended = true
	if err := x.end(ctx, true); err != nil {
		return err
	}
	return x.s.w.point(store.AfterCommit)
}

func (x *sqliteTx) end(ctx context.Context, commit bool) (err error) {
	defer x.s.release()
	if !commit {
		x.tx.Rollback()
		return nil
	}
	if err = x.tx.Commit(ctx); err == nil {
		x.s.w.witness.committed(x.changes)
	}
	return err
}

// Rollback undoes everything.
func (x *sqliteTx) Rollback() {
	if !x.ended {
		x.ended = true
		_ = x.end(context.Background(), false)
	}
}
