package elqr

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFieldTable shows the field tables as a person would read them, so that a
// change of a rule is seen in review.
func TestFieldTable(t *testing.T) {
	var out strings.Builder
	out.WriteString("national payload, in written order\n")
	for _, r := range national {
		fmt.Fprintf(&out, "%-6s %-18s %s  write %-8s %-47s read %-8s %s\n",
			r.tag, r.name, r.presence, r.write, r.writeAs.name, r.read, r.readAs.name)
	}
	out.WriteString("\nEMVCo, read only\n")
	for _, r := range foreign {
		fmt.Fprintf(&out, "%-6s %-22s %s  read %-8s %s\n", r.tag, r.name, r.presence, r.read, r.readAs.name)
	}
	golden(t, "testdata/table.golden", out.String())
}

// TestProblemsOfVectors shows what is wrong with codes that read well.
func TestProblemsOfVectors(t *testing.T) {
	var out strings.Builder
	for _, name := range []string{"testdata/elqr.jsonl", "testdata/emvco.jsonl"} {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			writeProblems(t, &out, lines.Bytes())
		}
	}
	golden(t, "testdata/problems.golden", out.String())
}

func writeProblems(t *testing.T, out *strings.Builder, line []byte) {
	t.Helper()
	var v struct{ ID, Payload, Why string }
	if err := json.Unmarshal(line, &v); err != nil {
		t.Fatal(err)
	}
	code, err := Read(v.Payload)
	if err != nil {
		return
	}
	fmt.Fprintf(out, "%s: %s\n", v.ID, v.Why)
	for _, p := range code.Problems() {
		fmt.Fprintf(out, "    %s %s: %s\n", p.Tag, p.Rule, p.Message)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it with go test ./elqr -update and git diff\ngot:\n%s", name, got)
	}
}
