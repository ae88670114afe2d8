package db

import "context"

// joined is a database whose every statement is part of one open transaction.
type joined struct {
	Database
	tx Tx
}

// Join makes a database of an open transaction: what is read through it sees what the transaction has written, and what
// is written is committed or undone with it. Transactions that are begun on it are parts of the open one.
func Join(d Database, tx Tx) Database { return joined{d, tx} }

// Exec runs a statement in the transaction.
func (j joined) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	return j.tx.Exec(ctx, text, args...)
}

// Query asks in the transaction.
func (j joined) Query(ctx context.Context, text string, each func(Scan) error, args ...any) error {
	return j.tx.Query(ctx, text, each, args...)
}

// QueryMany asks in the transaction.
func (j joined) QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error {
	return j.tx.QueryMany(ctx, m, rows, each)
}

// Begin gives the open transaction, which whoever begins it here cannot end.
func (j joined) Begin(context.Context) (Tx, error) { return inner{j.tx}, nil }

// Snapshot reads in the transaction.
func (j joined) Snapshot(_ context.Context, do func(Querier) error) error { return do(j.tx) }

// inner is a transaction within another one.
type inner struct{ Tx }

// Commit leaves it to whoever began the whole.
func (inner) Commit(context.Context) error { return nil }

// Finish runs the steps alone.
func (t inner) Finish(ctx context.Context, steps ...Step) error { return t.Run(ctx, steps...) }

// Rollback leaves it to whoever began the whole, whom the error makes roll back.
func (inner) Rollback() {}
