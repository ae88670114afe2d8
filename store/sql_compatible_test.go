package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tolom/store"
)

// TestANewerSchemaOfTheSameGenerationIsFine is what lets nodes of two versions
// serve one database: migrations only add, so a program goes with what is newer,
// and leaves it as it is.
func TestANewerSchemaOfTheSameGenerationIsFine(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			setUp(t, p.dsn)
			p.do(t, "ALTER TABLE request ADD COLUMN later integer NOT NULL DEFAULT 0")
			p.do(t, "INSERT INTO tolom_schema (version_id, is_applied) VALUES (999, true)")
			for _, migrate := range []bool{false, true} {
				s := open(t, p.dsn, store.Options{Migrate: migrate})
				if err := s.Ping(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// breaking are statements that a program of before could not live with, in a
// migration that is applied while it runs.
var breaking = []struct {
	what string
	is   *regexp.Regexp
}{
	{"takes something away", regexp.MustCompile(`\bDROP\b`)},
	{"renames", regexp.MustCompile(`\bRENAME\b`)},
	{"changes a type", regexp.MustCompile(`\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b|\bALTER TYPE\b`)},
	{"wants a value where none was needed", regexp.MustCompile(`\bSET NOT NULL\b|\bDROP DEFAULT\b`)},
	{"adds a rule to a table that is written", regexp.MustCompile(`\bADD (CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN)\b|\bCREATE RULE\b`)},
	{"changes or deletes rows", regexp.MustCompile(`^\s*(UPDATE|DELETE|TRUNCATE)\b`)},
}

var (
	comment   = regexp.MustCompile(`--[^\n]*`)
	made      = regexp.MustCompile(`\bCREATE TABLE (IF NOT EXISTS )?(\w+)`)
	added     = regexp.MustCompile(`\bADD (COLUMN )?\w+`)
	indexed   = regexp.MustCompile(`\bCREATE (UNIQUE )?INDEX (CONCURRENTLY )?(IF NOT EXISTS )?\w+ ON (\w+)`)
	triggered = regexp.MustCompile(`\bCREATE (?:CONSTRAINT )?TRIGGER \w+ .*? ON (\w+)`)
	oneByOne  = regexp.MustCompile(`^\s*DROP INDEX CONCURRENTLY IF EXISTS \w+\s*$`)
	separator = regexp.MustCompile(`;`)
)

// breaks says what of a migration a running program could not live with.
func breaks(text, dialect string) (found []string) {
	text = comment.ReplaceAllString(text, "")
	var own []string
	for _, m := range made.FindAllStringSubmatch(text, -1) {
		own = append(own, m[2])
	}
	for _, s := range separator.Split(text, -1) {
		line := strings.Join(strings.Fields(s), " ")
		// An index that could not be finished is made anew.
		if oneByOne.MatchString(line) {
			continue
		}
		for _, b := range breaking {
			if b.is.MatchString(line) {
				found = append(found, b.what+": "+line)
			}
		}
		if m := triggered.FindStringSubmatch(line); m != nil && !slices.Contains(own, m[1]) {
			found = append(found, "adds a rule to a table that is written: "+line)
		}
		if strings.HasPrefix(line, "ALTER TABLE") && added.MatchString(line) && strings.Contains(line, "NOT NULL") && !strings.Contains(line, "DEFAULT") {
			found = append(found, "adds a column that the program of before does not fill: "+line)
		}
		if m := indexed.FindStringSubmatch(line); m != nil && !slices.Contains(own, m[4]) {
			if m[1] != "" {
				found = append(found, "forbids what the program of before may write: "+line)
			}
			if m[2] == "" && dialect == "postgres" {
				found = append(found, "holds up all who write while the index is made; make it CONCURRENTLY, in a migration of its own with NO TRANSACTION: "+line)
			}
		}
	}
	return found
}

// TestMigrationsOnlyAdd holds every migration but the first, and those that begin a
// new generation (1001, 2001, …), to the rule of docs/upgrade.md.
func TestMigrationsOnlyAdd(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		files, err := filepath.Glob(filepath.Join("migrations", dialect, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has %d migrations, %v", dialect, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if name := filepath.Base(file); strings.HasPrefix(name, "0001_") || name[0] != '0' {
				continue
			}
			for _, b := range breaks(string(text), dialect) {
				t.Errorf("%s %s", file, b)
			}
		}
	}
}

// TestTheRuleOfMigrationsBites shows what it refuses, and what not.
func TestTheRuleOfMigrationsBites(t *testing.T) {
	for _, c := range []struct {
		text string
		bad  bool
	}{
		{"DROP TABLE payment", true},
		{"ALTER TABLE payment DROP COLUMN fee", true},
		{"ALTER TABLE payment RENAME COLUMN fee TO cost", true},
		{"ALTER TABLE payment ALTER COLUMN fee TYPE integer", true},
		{"ALTER TABLE payment ALTER fee SET NOT NULL", true},
		{"ALTER TABLE payment ADD COLUMN tip bigint NOT NULL", true},
		{"ALTER TABLE payment ADD CONSTRAINT small CHECK (amount < 10)", true},
		{"CREATE UNIQUE INDEX CONCURRENTLY payment_fee ON payment (fee)", true},
		{"CREATE INDEX payment_fee ON payment (fee)", true},
		{"UPDATE payment SET fee = 0", true},
		{"ALTER TABLE payment ADD COLUMN tip bigint NOT NULL DEFAULT 0; -- and never DROP it", false},
		{"ALTER TABLE payment ADD COLUMN tip bigint", false},
		{"CREATE TABLE tip (id text PRIMARY KEY, drop_box text NOT NULL); CREATE UNIQUE INDEX tip_box ON tip (drop_box)", false},
		{"DROP INDEX CONCURRENTLY IF EXISTS payment_fee; CREATE INDEX CONCURRENTLY payment_fee ON payment (fee)", false},
		{"CREATE TRIGGER small BEFORE INSERT ON payment EXECUTE FUNCTION f()", true},
		{"CREATE TABLE tip (id text PRIMARY KEY); CREATE TRIGGER small BEFORE UPDATE OR DELETE ON tip EXECUTE FUNCTION f()", false},
		{"INSERT INTO feed_head (reader) VALUES ('')", false},
		{"CREATE TYPE cells AS (a text)", false},
	} {
		if got := breaks(c.text, "postgres"); (len(got) > 0) != c.bad {
			t.Errorf("%s: %q", c.text, got)
		}
	}
}
