package invariant_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"tolom/invariant"
	"tolom/seal"
	"tolom/store"
)

// tampered are the tables that the log is made of.
var tampered = []string{"fact", "feed", "trail_tile", "trail_checkpoint"}

// TestThreatDatabaseFileEdited changes values of any column of the log's tables in a file of SQLite by SQL, or takes
// rows away, as somebody who has the database may. Each edit is detected.
func TestThreatDatabaseFileEdited(t *testing.T) {
	path := t.TempDir() + "/tolom.db"
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
	must(t, err)
	sealed(t, s, 132)
	must(t, s.Close())
	original, err := os.ReadFile(path)
	must(t, err)
	r := rand.New(rand.NewPCG(7, 8))
	const want = 80
	for n := range want {
		must(t, os.WriteFile(path, original, 0o600))
		said := tamper(t, path, tampered[n%len(tampered)], r)
		report := checkFile(t, path)
		if report.Sound() {
			t.Fatalf("edit %d was not detected: %s", n, said)
		}
	}
	must(t, os.WriteFile(path, original, 0o600))
	if report := checkFile(t, path); !report.Sound() || report.Lines != 264 {
		t.Errorf("the file as it was sealed: %+v", report)
	}
	t.Logf("%d random edits of a file by SQL, 0 not detected", want)
}

func checkFile(t *testing.T, path string) invariant.TrailReport {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{MaxConns: 1})
	must(t, err)
	defer s.Close()
	report, err := invariant.CheckTrail(t.Context(), s, invariant.TrailOptions{Keys: []seal.PublicKey{platformKey.Public()}})
	if err != nil { // what cannot be read any more is no longer as it was sealed
		report.Problems = append(report.Problems, invariant.TrailProblem{Text: err.Error()})
	}
	return report
}

// tamper makes one edit and says which.
func tamper(t *testing.T, path, table string, r *rand.Rand) string {
	t.Helper()
	d, err := sql.Open("sqlite", path)
	must(t, err)
	defer d.Close()
	for {
		text, args := statement(t, d, table, r)
		done, err := d.ExecContext(context.Background(), text, args...)
		if err != nil {
			continue // the key of another row
		}
		rows, err := done.RowsAffected()
		must(t, err)
		if rows != 1 {
			t.Fatalf("%s changed %d rows", text, rows)
		}
		return fmt.Sprint(text, args)
	}
}

// statement changes a random column of a random row, or now and then takes the row away.
func statement(t *testing.T, d *sql.DB, table string, r *rand.Rand) (string, []any) {
	t.Helper()
	rows, err := d.Query("SELECT * FROM " + table)
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		must(t, rows.Scan(into...))
		all = append(all, row)
	}
	row, column := all[r.IntN(len(all))], r.IntN(len(names))
	where := " WHERE " + names[0] + " = ? AND " + names[1] + " = ?"
	if r.IntN(8) == 0 {
		return "DELETE FROM " + table + where, []any{row[0], row[1]}
	}
	return "UPDATE " + table + " SET " + names[column] + " = ?" + where, []any{changedValue(row[column], r), row[0], row[1]}
}

func changedValue(value any, r *rand.Rand) any {
	switch v := value.(type) {
	case int64:
		return v + 1 + r.Int64N(5)
	case string:
		letters := []rune(v + "x")
		letters[r.IntN(len(letters))] += 1
		return string(letters)
	case []byte:
		out := append([]byte(nil), v...)
		out[r.IntN(len(out))] ^= byte(1 + r.IntN(255))
		return out
	}
	panic(fmt.Sprintf("a value of type %T", value))
}
