package tidy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asvs is the map of the chapters of OWASP ASVS 5.0.
const asvs = "docs/asvs.md"

// asvsChapters is how many chapters version 5.0 has: V1 to V17.
const asvsChapters = 17

func TestTheChaptersOfASVSAreMapped(t *testing.T) {
	holds(t, asvsRows)
	table := "| chapter | what stands | tests or reason |\n|---|---|---|\n"
	var rows []string
	for n := range asvsChapters {
		rows = append(rows, fmt.Sprintf("| V%d Name | what | not applicable |", n+1))
	}
	passes(t, asvsRows, plant{asvs: table + strings.Join(rows, "\n")})
	catches(t, asvsRows, plant{asvs: table + strings.Join(slices.Delete(slices.Clone(rows), 4, 5), "\n")}, "V5 is missing")
	named := slices.Clone(rows)
	named[1] = "| V2 Name | what | `TestThatWasRenamed` |"
	catches(t, asvsRows, plant{asvs: table + strings.Join(named, "\n")}, "TestThatWasRenamed is no test")
	named[1] = "| V2 Name | what |  |"
	catches(t, asvsRows, plant{asvs: table + strings.Join(named, "\n")}, "V2 has neither a test nor a reason")
	catches(t, asvsRows, plant{"money/m.go": "package money"}, "docs/asvs.md is missing")
}

var (
	asvsRow  = regexp.MustCompile(`(?m)^\| (V\d+) [^|]+\|[^|]+\|([^|]*)\|$`)
	anyTest  = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]*)`")
	testDecl = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]*)\(`)
)

// asvsRows holds each chapter to tests that are there, or a reason in words.
func asvsRows(files []file) (problems []string) {
	page, found := find(files, asvs)
	if !found {
		return []string{asvs + " is missing: it maps the chapters of OWASP ASVS 5.0 to tests or reasons"}
	}
	there := map[string]bool{}
	for _, f := range files {
		for _, name := range testDecl.FindAllStringSubmatch(f.text, -1) {
			there[name[1]] = true
		}
	}
	mapped := map[string]string{}
	for _, row := range asvsRow.FindAllStringSubmatch(page.text, -1) {
		mapped[row[1]] = strings.TrimSpace(row[2])
	}
	for n := range asvsChapters {
		chapter := fmt.Sprintf("V%d", n+1)
		proof, found := mapped[chapter]
		switch {
		case !found:
			problems = append(problems, asvs+": "+chapter+" is missing")
		case proof == "":
			problems = append(problems, asvs+": "+chapter+" has neither a test nor a reason")
		}
		for _, test := range anyTest.FindAllStringSubmatch(proof, -1) {
			if !there[test[1]] {
				problems = append(problems, asvs+": "+chapter+": "+test[1]+" is no test")
			}
		}
	}
	return problems
}

// leastThreats is how many attacks the table has to have.
const leastThreats = 40

// TestThereAreEnoughThreats: forty rows at least, and every test of an attack is told of in the table.
func TestThereAreEnoughThreats(t *testing.T) {
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	page, _ := find(files, threats)
	rows := 0
	for line := range strings.SplitSeq(page.text, "\n") {
		if strings.HasPrefix(line, "| ") && threatTest.MatchString(line) {
			rows++
		}
	}
	if rows < leastThreats {
		t.Errorf("%d attacks are in the table", rows)
	}
	for name := range threatTests(files) {
		if !strings.Contains(page.text, "`"+name+"`") {
			t.Errorf("%s is in no row of %s", name, threats)
		}
	}
	t.Logf("%d rows, %d tests", rows, len(threatTests(files)))
}
