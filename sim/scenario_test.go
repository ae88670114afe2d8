package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The scenarios are texts that a banker can read. A line beginning with "# " after a
// blank line names a scenario, further such lines say what it is about. Every other
// line is a step, with what must come of it after a colon. After the last step the
// world is left alone until it has come to rest, and then judged like any other.

// scenario is one of them.
type scenario struct {
	file, name string
	steps      []line
}

// line is a step as written.
type line struct {
	number     int
	text, want string
}

func scenarios(t *testing.T) (out []scenario) {
	t.Helper()
	files, err := filepath.Glob("scenarios/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parse(filepath.Base(file), string(text))...)
	}
	return out
}

func parse(file, text string) (out []scenario) {
	named := false
	for i, written := range strings.Split(text, "\n") {
		written = strings.TrimSpace(written)
		name, remark := strings.CutPrefix(written, "# ")
		switch {
		case written == "":
			named = false
		case remark && !named:
			out, named = append(out, scenario{file: file, name: name}), true
		case remark:
		default:
			text, want, _ := strings.Cut(written, ": ")
			s := &out[len(out)-1]
			s.steps = append(s.steps, line{i + 1, text, want})
		}
	}
	return out
}

func TestScenarios(t *testing.T) {
	all := scenarios(t)
	if len(all) < 25 {
		t.Fatalf("only %d scenarios were found", len(all))
	}
	c := castFor(t)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) { perform(t, s, c) })
	}
}

// perform plays a scenario on a world in which only that goes wrong which it says.
func perform(t *testing.T, s scenario, c *cast) {
	w, err := newWorld(1, Calm(), 0, false, c)
	if err != nil {
		t.Fatal(err)
	}
	st := &stageplay{t: t, World: w, codes: map[string]asked{}, purchases: map[string]bought{}}
	w.open()
	st.pass("1s")
	for _, l := range s.steps {
		got := st.step(s, l)
		for _, v := range w.violations {
			t.Fatalf("scenarios/%s:%d: %s: %v", s.file, l.number, l.text, v)
		}
		if got != l.want && l.want != "" {
			t.Fatalf("scenarios/%s:%d: %s\nwant %s\ngot  %s", s.file, l.number, l.text, l.want, got)
		}
	}
	w.settle()
	w.judge()
	w.close()
	for _, v := range w.violations {
		t.Error(v)
	}
}

// step finds the verb of a line and does it.
func (st *stageplay) step(s scenario, l line) string {
	for _, v := range slices.Concat(verbs, verbsOfDays) {
		if part := regexp.MustCompile("^" + v.pattern + "$").FindStringSubmatch(l.text); part != nil {
			return v.do(st, part[1:])
		}
	}
	st.t.Fatalf("scenarios/%s:%d: no step is written like this: %s", s.file, l.number, l.text)
	return ""
}

func TestAScenarioIsReadAsItIsWritten(t *testing.T) {
	got := fmt.Sprint(parse("f", "# A\n# about it\nshop 1 asks\nit is: so\n\n# B\n1m pass\n"))
	if want := "[{f A [{3 shop 1 asks } {4 it is so}]} {f B [{7 1m pass }]}]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
