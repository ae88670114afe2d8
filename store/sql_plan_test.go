package store

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tolom/internal/pgtest"
	"tolom/store/internal/db"
)

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
		open: func(t *testing.T) db.Database { return openServer(t, pgtest.New(t)) },
	},
}

func openServer(t *testing.T, dsn string) db.Database {
	t.Helper()
	c, err := Options{}.config("postgres")
	must(t, err)
	d, err := db.OpenPostgres(t.Context(), dsn, c)
	must(t, err)
	return d
}

// small are tables and indexes that may be read whole: they hold only what waits, or
// the few holidays that are no weekend.
var small = []string{"recon_case_open", "live", "live_overdue", "live_pkey", "batch_pending", "report_open", "report_untold", "report_waiting",
	"day_unfinished", "merchant_unpayable", "holiday_pkey", "sqlite_autoindex_holiday_1"}

var sqliteScan = regexp.MustCompile(`^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?`)

// wholeInSQLite finds the lines that say SCAN. json_each is a list that came as
// an argument, and a co-routine is rows that were chosen before.
func wholeInSQLite(plan []string) (names []string) {
	chosen := []string{"json_each"}
	for _, line := range plan {
		if name, found := strings.CutPrefix(line, "CO-ROUTINE "); found {
			chosen = append(chosen, name)
		}
		if found := sqliteScan.FindStringSubmatch(line); found != nil && !slices.Contains(chosen, found[1]) && !slices.Contains(small, found[1]) && !slices.Contains(small, found[2]) {
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
		if found := postgresSeq.FindStringSubmatch(line); found != nil && !slices.Contains(small, found[1]) {
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
			w := watch(d)
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
			if db.Server(d) {
				town.readLittle(w)
			}
		})
	}
}

func (x dialect) check(t *testing.T, d db.Database, text string, args []any) {
	t.Helper()
	if strings.HasPrefix(text, "LOCK TABLE") {
		return // no question
	}
	x.judge(t, text, x.plan(t, d, text, args...))
}

// argument is how a statement names one of its arguments.
var argument = regexp.MustCompile(`\$\d+`)

// checkKept judges the plans that do not know their arguments, by which the statements of a
// batch are run: they are made for arguments that are never looked at.
func (x dialect) checkKept(t *testing.T, d db.Database, texts map[string]bool) {
	t.Helper()
	if len(texts) < 15 {
		t.Errorf("only %d statements of batches were noted", len(texts))
	}
	for text := range texts {
		err := db.Do(t.Context(), d, func(tx db.Tx) error {
			for _, before := range []string{"SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE kept AS " + text} {
				if _, err := tx.Exec(t.Context(), before); err != nil {
					return err
				}
			}
			arguments := ""
			if used := argument.FindAllString(text, -1); len(used) > 0 {
				arguments = "(NULL" + strings.Repeat(", NULL", len(slices.Compact(slices.Sorted(slices.Values(used))))-1) + ")"
			}
			x.judge(t, text, x.plan(t, tx, "EXECUTE kept"+arguments))
			_, err := tx.Exec(t.Context(), "DEALLOCATE kept")
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// plan is how the database would answer a question.
func (x dialect) plan(t *testing.T, q db.Querier, text string, args ...any) (plan []string) {
	t.Helper()
	parts := make([]string, x.columns)
	dest := make([]any, x.columns)
	for i := range parts {
		dest[i] = &parts[i]
	}
	err := q.Query(t.Context(), x.explain+text, func(scan db.Scan) error {
		err := scan(dest...)
		plan = append(plan, strings.TrimSpace(parts[x.columns-1]))
		return err
	}, args...)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return plan
}

func (x dialect) judge(t *testing.T, text string, plan []string) {
	t.Helper()
	if names := x.whole(plan); len(names) > 0 {
		t.Errorf("%s\nreads %v whole:\n%s", text, names, strings.Join(plan, "\n"))
	}
}
