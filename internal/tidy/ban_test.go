package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// panics are the files whose functions may panic, with the reason. Everywhere else an error is returned: a process
// that serves payments does not end because of one of them. Values of package variables may panic too, because
// they are made of what is built in, before anything is served.
var panics = map[string]string{
	"api/gate/gate.go":  "an answer that has begun can only be broken off, and http.ErrAbortHandler is how a handler says so",
	"flow/proposal.go":  "a kind of action that is registered twice or cannot be carried out is a mistake of the program, made before it serves",
	"qrimage/search.go": "the search for a code cannot be told to stop in another way; the same file recovers",
	"sim/scheduler.go":  "a task whose process dies is unwound, so that what it deferred is done; the same file recovers",
	"world/clock.go":    "Manual.Advance with a step that the clock cannot make is a mistake in the test that calls it",
	"world/id.go":       "without randomness an id may not be unique, and must not leave the process",
}

func TestOnlyTheWorldReadsTheClock(t *testing.T) {
	holds(t, clockReaders)
	for _, call := range []string{"Now()", "Since(t)", "Until(t)"} {
		catches(t, clockReaders, plant{"flow/f.go": "package flow\nimport \"time\"\nvar t time.Time\nvar x = time." + call}, "flow/f.go:4")
	}
	for _, call := range []string{"Sleep(1)", "After(1)", "NewTimer(1)", "NewTicker(1)", "Tick(1)", "AfterFunc(1, nil)"} {
		catches(t, clockReaders, plant{"money/m.go": "package money\nimport \"time\"\nfunc f() { time." + call + " }"}, "money/m.go:3")
	}
	catches(t, clockReaders, plant{"flow/f.go": "package flow\nimport watch \"time\"\nvar x = watch.Now()"}, "flow/f.go:3")
	passes(t, clockReaders, plant{
		"world/w.go":     "package world\nimport \"time\"\nvar x = time.Now()",
		"cmd/tolom/m.go": "package main\nimport \"time\"\nvar x = time.Now()",
		"flow/f_test.go": "package flow\nimport \"time\"\nvar x = time.Now()",
		"flow/f.go":      "package flow\nimport \"time\"\nfunc f() { time.Sleep(time.Second) }",
	})
}

func TestLibrariesDoNotPanic(t *testing.T) {
	holds(t, panicking)
	catches(t, panicking, plant{"money/m.go": "package money\nfunc f() { panic(1) }"}, "money/m.go:2")
	passes(t, panicking, plant{
		"money/m_test.go": "package money\nfunc f() { panic(1) }",
		"money/m.go":      "package money\n// panic(1)\nvar a = func() int { panic(1) }()",
	})
}

func TestListedPanicsAreStillThere(t *testing.T) {
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	for name := range panics {
		if f, found := find(files, name); !found || len(panicsOf(f)) == 0 {
			t.Errorf("%s panics no more: take it off the list", name)
		}
	}
}

func TestLibrariesDoNotPrint(t *testing.T) {
	holds(t, printing)
	catches(t, printing, plant{"money/m.go": "package money\nimport \"fmt\"\nfunc f() { fmt.Println(1) }"}, "money/m.go:3")
	catches(t, printing, plant{"money/m.go": "package money\nfunc f() { println(1) }"}, "money/m.go:2")
	catches(t, printing, plant{"api/a.go": "package api\nimport \"log\"\nfunc f() { log.Fatal(1) }"}, "api/a.go:3")
	catches(t, printing, plant{"api/a.go": "package api\nimport \"os\"\nfunc f() { os.Exit(1) }"}, "api/a.go:3")
	passes(t, printing, plant{
		"cmd/tolom/m.go": "package main\nimport \"fmt\"\nfunc f() { fmt.Println(1) }",
		"money/m.go":     "package money\nimport \"fmt\"\nvar x = fmt.Sprint(1)",
	})
}

func TestNamesSayWhatThingsAre(t *testing.T) {
	holds(t, emptyNames)
	for _, word := range emptyWords {
		catches(t, emptyNames, plant{"money/m.go": "package money\ntype Money" + word + " struct{}"}, "money/m.go:2")
	}
	catches(t, emptyNames, plant{"money/m.go": "package money\nfunc utilFor() {}"}, "utilFor")
	catches(t, emptyNames, plant{"money/helper.go": "package money"}, "money/helper.go")
	catches(t, emptyNames, plant{"money/utils/m.go": "package utils"}, "money/utils/m.go")
	passes(t, emptyNames, plant{"money/implied.go": "package money\nvar Implied, utility, unmanaged int"})
}

func TestNoTestIsSkipped(t *testing.T) {
	holds(t, skipping)
	for _, call := range []string{"Skip()", "Skipf(``)", "SkipNow()"} {
		catches(t, skipping, plant{"money/m_test.go": "package money\nimport \"testing\"\nfunc f(t *testing.T) { t." + call + " }"}, "money/m_test.go:3")
	}
	passes(t, skipping, plant{"money/m_test.go": "package money\nfunc f(r reader) { r.Discard() }"})
}

func TestNothingIsLeftForLater(t *testing.T) {
	holds(t, leftovers)
	for _, word := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"} {
		catches(t, leftovers, plant{"money/m.go": "package money\n\n// " + word + ": more."}, "money/m.go:3")
	}
	passes(t, leftovers, plant{"README.md": "XXXL and mastodons\n"})
}

func TestNothingPointsAtOneMachine(t *testing.T) {
	holds(t, machines)
	for _, text := range []string{"/wo" + "rk/main", "/ro" + "ot/.cache", "/ho" + "me/somebody/x", "https://registry" + ".npmjs.org/a", "proxy" + ".golang.org"} {
		catches(t, machines, plant{"README.md": "one\ntwo " + text}, "README.md:2")
	}
	passes(t, machines, plant{"README.md": "a/work/of art, /roo" + "ted, https://example.com/work, /etc/passwd"})
}

func TestOnlyTheStoreSpeaksSQL(t *testing.T) {
	holds(t, sqlElsewhere)
	for _, statement := range []string{"SELECT id FROM payment", "INSERT INTO payment", "UPDATE payment SET x = 1", "DELETE FROM payment", "\\n\\tselect id\\n\\tfrom payment"} {
		catches(t, sqlElsewhere, plant{"flow/f.go": "package flow\nvar s = \"" + statement + "\""}, "flow/f.go:2")
	}
	passes(t, sqlElsewhere, plant{
		"store/s.go":     "package store\nvar s = \"SELECT 1 FROM payment\"",
		"flow/f_test.go": "package flow\nvar s = \"SELECT 1 FROM payment\"",
		"flow/f.go":      "package flow\nvar s = \"select the QR code and update the set\"",
	})
}

// timers wait or measure. Outside the ground, doors may wait for the network.
var timers = []string{"Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func clockReaders(files []file) (problems []string) {
	for _, f := range code(files) {
		if slices.Contains([]string{"world", "cmd", "internal", "e2e"}, f.room()) {
			continue
		}
		banned := []string{"Now", "Since", "Until"}
		if slices.Contains(ground, f.room()) {
			banned = slices.Concat(banned, timers)
		}
		for _, use := range uses(f, "time", banned...) {
			problems = append(problems, use+": take the time from a world.Clock, or as a parameter")
		}
	}
	return problems
}

func panicking(files []file) (problems []string) {
	for _, f := range code(files) {
		if panics[f.path] != "" || f.room() == "internal" {
			continue
		}
		for _, call := range panicsOf(f) {
			problems = append(problems, call+": return an error, or list the file in panics of internal/tidy with a reason")
		}
	}
	return problems
}

func panicsOf(f file) (found []string) {
	for _, function := range functions(f) {
		found = append(found, builtins(f, function, "panic")...)
	}
	return found
}

func printing(files []file) (problems []string) {
	for _, f := range code(files) {
		if f.room() == "cmd" || f.room() == "internal" {
			continue
		}
		found := slices.Concat(
			builtins(f, f.syntax, "print", "println"),
			uses(f, "fmt", "Print", "Printf", "Println"),
			uses(f, "log", "Fatal", "Fatalf", "Fatalln", "Print", "Printf", "Println"),
			uses(f, "os", "Exit", "Stdout", "Stderr"),
		)
		for _, use := range found {
			problems = append(problems, use+": only cmd writes to the terminal and ends the process; return the value or the error")
		}
	}
	return problems
}

// emptyWords say nothing about the thing they name.
var emptyWords = []string{"Impl", "Manager", "Helper", "Util"}

var (
	emptyName = regexp.MustCompile(`(` + strings.Join(emptyWords, "|") + `)s?($|[A-Z0-9_])|^(impl|manager|helper|util)s?($|[A-Z0-9_])`)
	emptyPath = regexp.MustCompile(`(^|[/_.-])(impl|manager|helper|util|common|misc|pkg)s?($|[/_.-])`)
)

// testingsOwn is a method of testing.TB, which an interface that stands for it must name.
const testingsOwn = "Helper"

// staffRole is of people: a role of a merchant's staff has this name.
const staffRole = "RoleManager"

func emptyNames(files []file) (problems []string) {
	for _, f := range handwritten(files) {
		if emptyPath.MatchString(f.path) {
			problems = append(problems, f.path+": the name says nothing: name the file or folder after the thing it is about")
		}
		for ident := range declared(f) {
			if emptyName.MatchString(ident.Name) && ident.Name != testingsOwn && ident.Name != staffRole {
				problems = append(problems, fmt.Sprintf("%s: the name %s says nothing: name the thing after what it does", f.at(ident), ident.Name))
			}
		}
	}
	return problems
}

func skipping(files []file) (problems []string) {
	for _, f := range handwritten(files) {
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			call, ok := node.(*ast.SelectorExpr)
			if ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, call.Sel.Name) && f.isTest() {
				problems = append(problems, f.at(call)+": a test that may be skipped proves nothing: make what it needs (make tools), or fail")
			}
			return true
		})
	}
	return problems
}

var (
	laterWords   = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	machineWords = regexp.MustCompile(`(^|[^\w./-])/(work|farm|root|home)(/|\b[^\w-]|$)|registry\.npmjs|proxy\.golang|sum\.golang|deb\.debian|/tmp/bash_`)
)

func leftovers(files []file) []string {
	return linesWith(files, laterWords, "do it now, or say in the documents what the project does not do")
}

func machines(files []file) []string {
	return linesWith(files, machineWords, "this names a folder or a registry of one machine: others have another")
}

// linesWith finds lines in all text that people wrote, whatever the language.
func linesWith(files []file, banned *regexp.Regexp, advice string) (problems []string) {
	for _, f := range files {
		if f.isTestdata() || f.isGenerated() || strings.HasPrefix(f.path, "internal/tidy/") || strings.HasSuffix(f.path, "go.sum") {
			continue
		}
		n := 0
		for line := range strings.Lines(f.text) {
			n++
			if found := banned.FindString(line); found != "" {
				problems = append(problems, fmt.Sprintf("%s:%d: %q: %s", f.path, n, strings.TrimSpace(found), advice))
			}
		}
	}
	return problems
}

// statement recognises SQL by the words that only SQL puts in this order.
var statement = regexp.MustCompile(`\bSELECT\s+\S|\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|\bUPDATE\s+\S+\s+SET\b` +
	`|\bselect\s[^.]*\sfrom\s+\w+|\binsert\s+into\s|\bdelete\s+from\s`)

func sqlElsewhere(files []file) (problems []string) {
	for _, f := range code(files) {
		if f.room() == "store" || f.room() == "internal" {
			continue
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && statement.MatchString(text) {
				problems = append(problems, f.at(literal)+": only store speaks SQL: add a method there")
			}
			return true
		})
	}
	return problems
}
