// Package db runs one SQL text on two databases. A statement is written once,
// as PostgreSQL (the reference) reads it; for SQLite the few words that differ
// are translated. It knows connections, transactions, columns and what an error
// means for a transaction; it knows nothing of payments.
package db

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// Scan reads the current row into the destinations, *string or *int64 each.
type Scan func(dest ...any) error

// Querier runs statements, in a transaction or each on its own. Arguments are
// string, int64, []string or []int64, numbered $1, $2 and so on; PostgreSQL takes Cells too.
type Querier interface {
	// Exec runs a statement and tells how many rows it touched.
	Exec(ctx context.Context, text string, args ...any) (int64, error)
	// Query calls each for every row of the answer, in order.
	Query(ctx context.Context, text string, each func(Scan) error, args ...any) error
	// QueryMany is Query for every row of the vectors, in as few statements as the database needs.
	QueryMany(ctx context.Context, m Many, rows []Vector, each func(Scan) error) error
}

// Tx is a transaction that may write. After an error only Rollback may follow.
type Tx interface {
	Querier
	// Run runs steps one after another, in as few round trips as the database
	// needs, and stops at the first that fails.
	Run(ctx context.Context, steps ...Step) error
	// Ask asks questions one after another, in as few round trips as the database
	// needs, and stops at the first that fails. Each sees what the earlier ones waited for.
	Ask(ctx context.Context, questions ...Question) error
	// Now reads the database's clock, UTC in whole milliseconds.
	Now(ctx context.Context) (time.Time, error)
	// Commit ignores the cancellation of ctx. Its error says whether the outcome is known.
	Commit(ctx context.Context) error
	// Finish is Run and then Commit, in one round trip where the database allows
	// it. A step that touches another number of rows than it wants ends the
	// transaction before the commit.
	Finish(ctx context.Context, steps ...Step) error
	// Rollback undoes everything; harmless after Commit.
	Rollback()
}

// Database is a pool of connections. As a Querier it only reads.
type Database interface {
	Querier
	Begin(ctx context.Context) (Tx, error)
	// Snapshot runs reads that all see the same moment.
	Snapshot(ctx context.Context, do func(Querier) error) error
	// Ping says whether the database answers and can be written to; it writes nothing.
	Ping(ctx context.Context) error
	Close() error
}

// Step is one statement of Run.
type Step struct {
	Many Many
	Rows []Vector
	// Want is how many rows must be touched; negative when any number is right.
	Want int64
	// Otherwise is the error when it is another number.
	Otherwise error
}

// Question is one query of Ask: a Text with its Args, or a statement for Many with
// its Rows, and what to do with each row of the answer; or the Clock, which is
// set to what the database's clock says when it is that question's turn; or KeepPlans,
// which asks nothing: see postgres_plans.go.
type Question struct {
	Text  string
	Args  []any
	Many  Many
	Rows  []Vector
	Each  func(Scan) error
	Clock *time.Time

	KeepPlans bool
}

// Causes are the errors by which a caller knows what to do; every error of this
// package that has one of these meanings wraps it.
type Causes struct {
	Retry    error // rolled back for a passing reason
	Unknown  error // a commit was sent, its outcome is not known
	Taken    error // a unique value is another's
	Overflow error // a sum does not fit
	Foreign  error // the database holds something else
	Newer    error // the schema is newer than this program
	Older    error // the schema is older and may not be changed now
}

// Config says how a database is opened.
type Config struct {
	Causes     Causes
	Now        func() time.Time // the database's clock where it has none of its own (SQLite)
	MaxConns   int              // 0: chosen by the number of processors
	Migrations fs.FS            // the dialect's folder
	Migrate    bool             // bring an older schema up to date
}

// Do runs a transaction of its own and commits it.
func Do(ctx context.Context, d Database, what func(Tx) error) error {
	tx, err := d.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := what(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// errReadOnly says that a Database was asked to write outside of a transaction.
var errReadOnly = errors.New("db: write in a transaction")
