package tidy

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// threats is the table of attacks.
const threats = "docs/threats.md"

func TestEveryThreatHasItsTest(t *testing.T) {
	holds(t, threatRows)
	table := "| attack | defence | test |\n|---|---|---|\n"
	catches(t, threatRows, plant{threats: table + "| a | b | `TestThreatA` |"}, "TestThreatA is no test")
	catches(t, threatRows, plant{threats: table + "| a | b | later |"}, "docs/threats.md:3: the row names no test")
	catches(t, threatRows, plant{threats: table + "| a | b `TestThreatA` |", "seal/s_test.go": "package seal\nfunc TestThreatA() {}"}, "three cells")
	catches(t, threatRows, plant{"money/m.go": "package money"}, "docs/threats.md is missing")
	passes(t, threatRows, plant{threats: "Text.\n\n" + table + "| a | b | `TestThreatA`, `TestThreatB` |\n", "seal/s_test.go": "package seal\nfunc TestThreatA() {}\nfunc TestThreatB() {}"})
}

var threatTest = regexp.MustCompile("`(TestThreat[A-Za-z0-9]*)`")

// threatRows holds each row to attack, defence, and tests that are there.
func threatRows(files []file) (problems []string) {
	page, found := find(files, threats)
	if !found {
		return []string{threats + " is missing: it says what is attacked and which test defends it"}
	}
	there := threatTests(files)
	inTable := false
	for i, line := range strings.Split(page.text, "\n") {
		at := fmt.Sprintf("%s:%d: ", threats, i+1)
		row := strings.HasPrefix(line, "|")
		if strings.HasPrefix(line, "|---") {
			inTable = true
			continue
		}
		if inTable = inTable && row; !inTable {
			continue
		}
		if strings.Count(line, "|") != 4 {
			problems = append(problems, at+"a row has three cells: attack, defence, test")
		}
		tests := threatTest.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 {
			problems = append(problems, at+"the row names no test TestThreat…")
		}
		for _, test := range tests {
			if !there[test[1]] {
				problems = append(problems, at+test[1]+" is no test")
			}
		}
	}
	return problems
}

// threatTests are the tests of attacks that there are.
func threatTests(files []file) map[string]bool {
	there := map[string]bool{}
	for _, f := range handwritten(files) {
		if !f.isTest() {
			continue
		}
		for _, function := range functions(f) {
			if strings.HasPrefix(function.Name.Name, "TestThreat") {
				there[function.Name.Name] = true
			}
		}
	}
	return there
}
