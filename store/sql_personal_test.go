package store

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// classes reads testdata/columns.txt.
func classes(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/columns.txt")
	must(t, err)
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		if len(fields) != 2 || !slices.Contains([]string{"-", "payer", "brief", "business", "staff", "secret"}, fields[1]) {
			t.Errorf("testdata/columns.txt: %q is no column and its class", strings.TrimSpace(line))
			continue
		}
		out[fields[0]] = fields[1]
	}
	return out
}

// TestEveryColumnSaysWhosePersonalDataItHolds: nothing is added to the schema without a word on that.
func TestEveryColumnSaysWhosePersonalDataItHolds(t *testing.T) {
	s, err := OpenSQLite(t.Context(), ":memory:", Options{})
	must(t, err)
	defer s.Close()
	own := s.(*sqlStore)
	tables, err := own.tablesOf(t.Context(), own.d)
	must(t, err)
	said := classes(t)
	for _, table := range tables {
		for _, c := range table.Columns {
			name := table.Name + "." + c.Name
			if _, known := said[name]; !known {
				t.Errorf("testdata/columns.txt does not say whose personal data %s may hold", name)
			}
			delete(said, name)
		}
	}
	for name := range said {
		t.Errorf("testdata/columns.txt speaks of %s, which is not there", name)
	}
}

// TestFactsAndBooksHoldNoPersonalData, so that erasing it breaks neither the ledger nor the log.
func TestFactsAndBooksHoldNoPersonalData(t *testing.T) {
	for name, class := range classes(t) {
		table, _, _ := strings.Cut(name, ".")
		if slices.Contains([]string{"fact", "entry", "balance", "feed", "batch", "trail_tile", "trail_checkpoint", "day_total"}, table) && class != "-" {
			t.Errorf("%s is %s", name, class)
		}
	}
}

// TestWhatIsPersonalOfPayersIsErased names the same columns in the list and in the statements that erase.
func TestWhatIsPersonalOfPayersIsErased(t *testing.T) {
	want := []string{}
	for name, class := range classes(t) {
		if class == "payer" {
			want = append(want, name)
		}
	}
	got := []string{}
	for what, e := range erasures {
		for _, set := range e.sets {
			column, _, _ := strings.Cut(set, " ")
			got = append(got, string(what)+"."+column)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("the list calls %v personal of payers, %v is erased", want, got)
	}
}
