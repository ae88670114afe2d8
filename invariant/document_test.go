package invariant_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"tolom/invariant"
)

// TestTheDocumentNamesEveryRule, in its words, and the tests that break it are there.
func TestTheDocumentNamesEveryRule(t *testing.T) {
	text, err := os.ReadFile("../docs/invariants.md")
	must(t, err)
	for _, rule := range slices.Concat(invariant.Audited, invariant.Witnessed) {
		if n := strings.Count(string(text), "\n| "+string(rule)+" |"); n != 1 {
			t.Errorf("docs/invariants.md has %d rows for %q", n, rule)
		}
	}
	for _, name := range []string{"breakages", "offers", "waitings", "feeds", "untruths", "lines", "dayLies"} {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/invariants.md says nothing of the table %s", name)
		}
	}
}

// TestEveryRuleOfAnAuditIsBroken on purpose by some line of the tables.
func TestEveryRuleOfAnAuditIsBroken(t *testing.T) {
	broken := map[invariant.Rule]bool{invariant.Waits: true, invariant.Numbering: true, invariant.Counted: true, invariant.Capped: true}
	for _, b := range breakages {
		broken[b.rule] = true
	}
	for _, o := range offers {
		broken[o.rule] = true
	}
	for _, l := range dayLies {
		broken[l.rule] = true
	}
	for _, rule := range invariant.Audited {
		if !broken[rule] {
			t.Errorf("no test breaks %q", rule)
		}
	}
}
