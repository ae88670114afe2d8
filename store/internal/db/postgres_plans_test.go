package db

import (
	"testing"
	"testing/fstest"
	"time"

	"tolom/internal/pgtest"
)

// TestPlansAreKeptWithinATransaction asks for a short list by key many times, for which the
// server, left to itself, would make a plan each time.
func TestPlansAreKeptWithinATransaction(t *testing.T) {
	d, err := OpenPostgres(t.Context(), pgtest.New(t), Config{Causes: causes, Now: time.Now, MaxConns: 1, Migrations: fstest.MapFS{
		"0001_step.sql": &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE note (id text PRIMARY KEY);")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	const list, plans = "SELECT id FROM note WHERE id = ANY($1)", "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = $1"
	var custom, kept int64
	read := func(scan Scan) error { return scan(&custom, &kept) }
	find := Question{Text: list, Args: []any{[]string{"a"}}, Each: func(Scan) error { return nil }}
	for range 20 {
		err := Do(t.Context(), d, func(tx Tx) error { return tx.Ask(t.Context(), Question{KeepPlans: true}, find) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Query(t.Context(), plans, read, list); err != nil || custom != 0 || kept != 20 {
		t.Errorf("of 20 times it was planned %d times, and %d times the kept plan was used: %v", custom, kept, err)
	}
	if err := Do(t.Context(), d, func(tx Tx) error { return tx.Ask(t.Context(), find) }); err != nil {
		t.Fatal(err)
	}
	if err := d.Query(t.Context(), plans, read, list); err != nil || custom != 1 {
		t.Errorf("in a transaction that does not ask for it the list was planned %d times: %v", custom, err)
	}
}
