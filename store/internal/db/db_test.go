package db

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var causes = Causes{
	Retry: errors.New("retry"), Unknown: errors.New("unknown"), Taken: errors.New("taken"), Overflow: errors.New("overflow"),
	Foreign: errors.New("foreign"), Newer: errors.New("newer"), Older: errors.New("older"),
}

const (
	first  = "-- +goose Up\nCREATE TABLE note (id TEXT NOT NULL, bucket INTEGER NOT NULL, text TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (id, bucket)) STRICT;\n"
	second = "-- +goose Up\nCREATE TABLE parent (id TEXT PRIMARY KEY) STRICT;\n" +
		"CREATE TABLE child (parent TEXT NOT NULL REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED) STRICT;\n"
)

func config(migrations ...string) Config {
	files := fstest.MapFS{}
	for i, text := range migrations {
		files["000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return Config{Causes: causes, Now: time.Now, Migrations: files}
}

func openFile(t *testing.T, file string, c Config) (Database, error) {
	t.Helper()
	d, err := OpenSQLite(t.Context(), file, c)
	if err == nil {
		t.Cleanup(func() { d.Close() })
	}
	return d, err
}

func TestStatementsAreWrittenForPostgreSQL(t *testing.T) {
	for _, c := range []struct{ postgres, sqlite string }{
		{"SELECT a FROM t WHERE id = ANY($1) AND b = $2", "SELECT a FROM t WHERE id IN (SELECT value FROM json_each(?)) AND b = ?"},
		{"SELECT a FROM t ORDER BY id FOR NO KEY UPDATE", "SELECT a FROM t ORDER BY id"},
		{"SELECT a FROM t FOR UPDATE", "SELECT a FROM t"},
		{"UPDATE t SET a = $1", "UPDATE t SET a = ?"},
	} {
		if got := translate(c.postgres); got != c.sqlite {
			t.Errorf("%q became %q, want %q", c.postgres, got, c.sqlite)
		}
	}
}

func TestStatementsForManyRows(t *testing.T) {
	a, b := Texts("a", nil), Ints("b", nil)
	for _, c := range []struct {
		got           Many
		one, two, all string
	}{
		{
			got: Insertion("t", "ON CONFLICT DO NOTHING", a, b),
			one: "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING",
			two: "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING",
			all: "INSERT INTO t (a, b) SELECT a, b FROM unnest($1::cells4[]) AS u(a, _2, _3, _4, b) ON CONFLICT DO NOTHING",
		},
		{
			got: Change("t", "n = t.n + 1", 1, a, b),
			one: "UPDATE t AS t SET b = $2, n = t.n + 1 WHERE a = $1",
			two: "WITH u (a, b) AS (VALUES ($1, $2), ($3, $4)) UPDATE t AS t SET b = u.b, n = t.n + 1 FROM u WHERE t.a = u.a",
			all: "UPDATE t AS t SET b = u.b, n = t.n + 1 FROM unnest($1::cells4[]) AS u(a, _2, _3, _4, b) WHERE t.a = u.a",
		},
		{
			got: Deletion("t", a, b),
			one: "DELETE FROM t WHERE a = $1 AND b = $2",
			two: "DELETE FROM t WHERE (a, b) IN (VALUES ($1, $2), ($3, $4))",
			all: "DELETE FROM t AS t USING unnest($1::cells4[]) AS u(a, _2, _3, _4, b) WHERE t.a = u.a AND t.b = u.b",
		},
	} {
		if got := []string{c.got.One, c.got.text(2), c.got.All}; !slices.Equal(got, []string{c.one, c.two, c.all}) {
			t.Errorf("got\n%s\nwant\n%s\n%s\n%s", strings.Join(got, "\n"), c.one, c.two, c.all)
		}
	}
}

func TestRowsAreCutIntoAFewLengths(t *testing.T) {
	numbers := make([]int64, 64+16+4+3)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	var lengths []int
	var seen []any
	err := inChunks(Insertion("t", "", Ints("n", numbers), Ints("m", numbers)), []Vector{Ints("n", numbers), Ints("m", numbers)}, func(_ string, args []any) error {
		lengths, seen = append(lengths, len(args)/2), append(seen, args...)
		return nil
	})
	if err != nil || !slices.Equal(lengths, []int{64, 16, 4, 1, 1, 1}) {
		t.Errorf("lengths %v, %v", lengths, err)
	}
	for i := range numbers {
		if seen[2*i] != int64(i) || seen[2*i+1] != int64(i) {
			t.Fatalf("row %d is %v, %v", i, seen[2*i], seen[2*i+1])
		}
	}
}

func TestMomentsAreWholeMilliseconds(t *testing.T) {
	for _, at := range []time.Time{{}, time.UnixMilli(1).UTC(), time.UnixMilli(-1).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)} {
		if got := Moment(Millis(at)); got != at {
			t.Errorf("%v came back as %v", at, got)
		}
	}
}

func TestAnOlderSchemaIsChangedOnlyOnDemand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.db")
	if _, err := openFile(t, file, config(first)); err != nil {
		t.Fatal(err)
	}
	c := config(first, second)
	if _, err := openFile(t, file, c); !errors.Is(err, causes.Older) || !strings.Contains(err.Error(), "tolom migrate") {
		t.Fatalf("the error is %v, want one that says what to run", err)
	}
	c.Migrate = true
	if _, err := openFile(t, file, c); err != nil {
		t.Fatal(err)
	}
	if _, err := openFile(t, file, config(first)); err != nil {
		t.Fatalf("a program of the version before cannot go on beside the new one: %v", err)
	}
}

func TestABrokenMigrationChangesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notes.db")
	broken := config(first, "-- +goose Up\nCREATE TABLE other (id TEXT);\nCREATE TABLE nonsense;\n")
	if _, err := openFile(t, file, broken); err == nil {
		t.Fatal("a broken migration went through")
	}
	d, err := openFile(t, file, config(first))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Query(t.Context(), "SELECT id FROM other", func(Scan) error { return nil }); err == nil {
		t.Error("half of a migration is left")
	}
}

// A commit that fails leaves a transaction of which only the file knows what
// became: the outcome must be unknown, and the next transaction must work.
func TestAFailedCommitOfSQLiteIsUnknown(t *testing.T) {
	d, err := openFile(t, ":memory:", config(first, second))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO child (parent) VALUES ($1)", "nobody"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); !errors.Is(err, causes.Unknown) {
		t.Fatalf("the error is %v, want %v", err, causes.Unknown)
	}
	tx.Rollback()
	err = Do(t.Context(), d, func(tx Tx) error {
		_, err := tx.Exec(t.Context(), "INSERT INTO parent (id) VALUES ($1)", "somebody")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := count(t, d, "SELECT count(*) FROM child"); got != 0 {
		t.Errorf("%d rows of the failed commit are there", got)
	}
}

func count(t *testing.T, q Querier, text string) (n int64) {
	t.Helper()
	if err := q.Query(t.Context(), text, func(scan Scan) error { return scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

type note struct {
	id, text string
	version  int64
}

var notes = NewTable("note",
	String("id", func(n *note) *string { return &n.id }),
	Derived("bucket", func(n *note) int64 { return int64(len(n.id)) }),
	String("text", func(n *note) *string { return &n.text }).Mutable(),
	Int64("version", func(n *note) *int64 { return &n.version }),
)

func TestRowsOfATable(t *testing.T) {
	d, err := openFile(t, ":memory:", config(first))
	if err != nil {
		t.Fatal(err)
	}
	stale := errors.New("stale")
	run := func(step Step, err error) error {
		if err != nil {
			return err
		}
		return Do(t.Context(), d, func(tx Tx) error { return tx.Run(t.Context(), step) })
	}
	for _, c := range []struct {
		what string
		err  error
		want error
	}{
		{"insert", run(notes.Insert([]note{{"a", "one", 3}, {"bb", "two", 0}})), nil},
		{"insert again", run(notes.Insert([]note{{"a", "again", 0}})), causes.Taken},
		{"update", run(notes.Update([]note{{"a", "changed", 3}}, stale)), nil},
		{"update an old version", run(notes.Update([]note{{"a", "lost", 3}}, stale)), stale},
		{"put", run(notes.Put([]note{{"a", "put", 9}})), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: the error is %v, want %v", c.what, c.err, c.want)
		}
	}
	got, err := notes.Find(t.Context(), d, "WHERE t.id = ANY($1) ORDER BY t.id", []string{"a", "bb", "ccc"})
	if err != nil || len(got) != 2 || got[0] != (note{"a", "put", 9}) || got[1] != (note{"bb", "two", 0}) {
		t.Errorf("found %+v, %v", got, err)
	}
}

func TestOnlyTransactionsWrite(t *testing.T) {
	d, err := openFile(t, ":memory:", config(first))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), "DELETE FROM note"); err == nil {
		t.Error("a write outside of a transaction went through")
	}
	if err := d.Query(t.Context(), "DELETE FROM note RETURNING id", func(Scan) error { return nil }); err == nil {
		t.Error("a question changed something")
	}
}

func TestBeginWaitsAndGivesUp(t *testing.T) {
	d, err := openFile(t, ":memory:", config(first))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.Begin(ctx); !errors.Is(err, causes.Retry) {
		t.Errorf("the error is %v, want %v", err, causes.Retry)
	}
	tx.Rollback()
	next, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next.Rollback()
}
