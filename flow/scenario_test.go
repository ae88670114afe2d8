package flow_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
)

// The scenarios in testdata are texts that a banker can read. A line beginning
// with # starts a scenario and names it; "(clock)" in the name says that it
// moves the clock, so it cannot be played on PostgreSQL, whose clock is the
// server's. Every other line is a step, with what must come of it after a colon.
// A step that expects nothing must at least not be refused.

// scenario is one of them.
type scenario struct {
	file, name string
	moves      bool // the clock
	steps      []line
}

// line is a step as written.
type line struct {
	number     int
	text, want string
}

func scenarios(t *testing.T) (out []scenario) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parse(t, filepath.Base(file), string(text))...)
	}
	return out
}

func parse(t *testing.T, file, text string) (out []scenario) {
	t.Helper()
	for i, written := range strings.Split(text, "\n") {
		written = strings.TrimSpace(written)
		name, begins := strings.CutPrefix(written, "# ")
		switch {
		case written == "":
		case begins:
			out = append(out, scenario{file: file, name: name, moves: strings.Contains(name, "(clock)")})
		case len(out) == 0:
			t.Fatalf("%s:%d: a step before the first scenario", file, i+1)
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
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			for _, s := range all {
				if p.clock == nil && s.moves {
					continue
				}
				t.Run(s.name, func(t *testing.T) { play(newKit(t, p, false), s) })
			}
		})
	}
}

// scene is a scenario being played: the kit and what the names stand for.
type scene struct {
	*kit
	scenario
	calls    int
	requests map[string]payment.Request
	payments map[string]id.ID
	refunds  map[string]id.ID
}

func play(k *kit, s scenario) {
	c := &scene{kit: k, scenario: s, requests: map[string]payment.Request{}, payments: map[string]id.ID{}, refunds: map[string]id.ID{}}
	for _, l := range s.steps {
		got := c.step(l)
		if got != l.want && (l.want != "" || strings.HasPrefix(got, "refused")) {
			k.t.Fatalf("testdata/%s:%d: %s\nwant %s\ngot  %s", s.file, l.number, l.text, l.want, got)
		}
		k.balanced()
	}
}

// verb is a kind of step. do gets the parts that the pattern caught.
type verb struct {
	pattern string
	do      func(c *scene, part []string) string
}

// step finds the verb of a line and does it.
func (c *scene) step(l line) string {
	for _, v := range verbs {
		if part := regexp.MustCompile("^" + v.pattern + "$").FindStringSubmatch(l.text); part != nil {
			c.calls++
			return v.do(c, part)
		}
	}
	c.t.Fatalf("testdata/%s:%d: no step is written like this: %s", c.file, l.number, l.text)
	return ""
}

// refused writes a refusal, with the payment when one comes with it.
func (c *scene) refused(err error, p payment.Payment) string {
	f := fault.From(err)
	if f.Kind() >= fault.Unavailable {
		c.t.Fatalf("not a refusal: %v", err)
	}
	out := "refused " + string(f.Code)
	if p.PSPPaymentID != "" {
		out += ", the payment is " + standing(p)
	}
	return out
}

// option reads one of the options in brackets after a step, "(key k1, static)".
func option(list, name string) (value string, given bool) {
	for _, o := range strings.Split(strings.Trim(list, " ()"), ", ") {
		if o == name {
			return "", true
		}
		if value, found := strings.CutPrefix(o, name+" "); found {
			return value, true
		}
	}
	return "", false
}

// key names the call of a step: as written, or a name of its own.
func (c *scene) keyOf(options string) string {
	if name, given := option(options, "key"); given {
		return name
	}
	return fmt.Sprintf("step-%d", c.calls)
}

// again marks an answer that was given before.
func again(text string, replayed bool) string {
	if replayed {
		return text + ", as before"
	}
	return text
}
