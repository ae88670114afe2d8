package store

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tolom/internal/pgtest"
	"tolom/store/internal/db"
)

// watched is a database that notes which questions it is asked.
type watched struct {
	db.Database
	asked map[string][]any
}

func (w *watched) note(text string, args []any) {
	if _, known := w.asked[text]; !known {
		w.asked[text] = append([]any(nil), args...)
	}
}

func (w *watched) Query(ctx context.Context, text string, each func(db.Scan) error, args ...any) error {
	w.note(text, args)
	return w.Database.Query(ctx, text, each, args...)
}

func (w *watched) Snapshot(ctx context.Context, do func(db.Querier) error) error {
	return w.Database.Snapshot(ctx, func(db.Querier) error { return do(w) })
}

func (w *watched) Begin(ctx context.Context) (db.Tx, error) {
	tx, err := w.Database.Begin(ctx)
	return &watchedTx{tx, w}, err
}

type watchedTx struct {
	db.Tx
	w *watched
}

func (x *watchedTx) Query(ctx context.Context, text string, each func(db.Scan) error, args ...any) error {
	x.w.note(text, args)
	return x.Tx.Query(ctx, text, each, args...)
}

func (x *watchedTx) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	if text != fence { // a lock has no plan
		x.w.note(text, args)
	}
	return x.Tx.Exec(ctx, text, args...)
}

// dialect is how a database tells its plan, and which lines of it read a table or an index whole.
type dialect struct {
	name    string
	open    func(t *testing.T) db.Database
	explain string
	columns int // of the plan; the text is the last
	whole   func(plan []string) (names []string)
}

var dialects = []dialect{
	{
		name: "SQLite", explain: "EXPLAIN QUERY PLAN ", columns: 4, whole: wholeInSQLite,
		open: func(t *testing.T) db.Database {
			c, err := Options{}.config("sqlite")
			must(t, err)
			d, err := db.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "tolom.db"), c)
			must(t, err)
			return d
		},
	},
	{
		name: "PostgreSQL", explain: "EXPLAIN ", columns: 1, whole: wholeInPostgres,
		open: func(t *testing.T) db.Database {
			c, err := Options{}.config("postgres")
			must(t, err)
			d, err := db.OpenPostgres(t.Context(), pgtest.New(t), c)
			must(t, err)
			return d
		},
	},
}

// small are indexes that may be read whole: they hold only what waits.
var small = []string{"live_overdue", "batch_pending"}

var sqliteScan = regexp.MustCompile(`^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?`)

// wholeInSQLite finds the lines that say SCAN. json_each is a list that came as an argument.
func wholeInSQLite(plan []string) (names []string) {
	for _, line := range plan {
		if found := sqliteScan.FindStringSubmatch(line); found != nil && found[1] != "json_each" && !slices.Contains(small, found[2]) {
			names = append(names, line)
		}
	}
	return names
}

var (
	postgresSeq   = regexp.MustCompile(`Seq Scan on (\w+)`)
	postgresIndex = regexp.MustCompile(`Index (?:Only )?Scan (?:Backward )?(?:using|on) (\w+)`)
)

// wholeInPostgres finds tables that are read whole, and indexes that are read
// without a condition, which is the same thing in disguise.
func wholeInPostgres(plan []string) (names []string) {
	open := ""
	for _, line := range append(plan, "->") {
		if strings.Contains(line, "Index Cond:") {
			open = ""
		}
		if !strings.Contains(line, "->") && open != "" {
			continue
		}
		if open != "" && !slices.Contains(small, open) {
			names = append(names, open)
		}
		open = ""
		if found := postgresSeq.FindStringSubmatch(line); found != nil {
			names = append(names, found[1])
		}
		if found := postgresIndex.FindStringSubmatch(line); found != nil {
			open = found[1]
		}
	}
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryQuestionIsAnsweredByAnIndex(t *testing.T) {
	for _, dialect := range dialects {
		t.Run(dialect.name, func(t *testing.T) {
			d := dialect.open(t)
			defer d.Close()
			w := &watched{d, map[string][]any{}}
			s := &sqlStore{w}
			town := newTown(t, s)
			must(t, db.Do(t.Context(), d, func(tx db.Tx) error { _, err := tx.Exec(t.Context(), "ANALYZE"); return err }))
			clear(w.asked)
			town.askEverything()
			if len(w.asked) < 40 {
				t.Errorf("only %d questions were asked", len(w.asked))
			}
			for text, args := range w.asked {
				dialect.check(t, d, text, args)
			}
		})
	}
}

func (x dialect) check(t *testing.T, d db.Database, text string, args []any) {
	t.Helper()
	var plan []string
	parts := make([]string, x.columns)
	dest := make([]any, x.columns)
	for i := range parts {
		dest[i] = &parts[i]
	}
	err := d.Query(t.Context(), x.explain+text, func(scan db.Scan) error {
		err := scan(dest...)
		plan = append(plan, strings.TrimSpace(parts[x.columns-1]))
		return err
	}, args...)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	if names := x.whole(plan); len(names) > 0 {
		t.Errorf("%s\nreads %v whole:\n%s", text, names, strings.Join(plan, "\n"))
	}
}
