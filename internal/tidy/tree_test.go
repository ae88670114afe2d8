package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// file is one file of the repository. syntax is nil for what is not Go.
type file struct {
	path   string // from the root, with slashes
	text   string
	lines  *token.FileSet
	syntax *ast.File
}

// at names a place in a file as editors understand it.
func (f file) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path, f.lines.Position(node.Pos()).Line)
}

func (f file) folder() string { return path.Dir(f.path) }

// room is the top folder, which owns the rules that apply.
func (f file) room() string {
	first, _, nested := strings.Cut(f.path, "/")
	if !nested {
		return "."
	}
	return first
}

// isTest also holds for packages that serve tests only, such as a conformance suite in store/storetest.
func (f file) isTest() bool {
	return strings.HasSuffix(f.path, "_test.go") || strings.HasSuffix(path.Base(f.folder()), "test")
}

func (f file) isGenerated() bool { return f.syntax != nil && ast.IsGenerated(f.syntax) }

func (f file) isTestdata() bool { return strings.Contains("/"+f.path, "/testdata/") }

// code keeps what people write by hand and ships: no tests, nothing generated, no test data.
func code(files []file) []file {
	return slices.DeleteFunc(handwritten(files), file.isTest)
}

// handwritten keeps Go files that people wrote, tests included.
func handwritten(files []file) []file {
	return slices.DeleteFunc(slices.Clone(files), func(f file) bool {
		return f.syntax == nil || f.isGenerated() || f.isTestdata()
	})
}

// repository reads every file that is or could be committed. What is no text counts as there, and empty.
var repository = sync.OnceValues(func() ([]file, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w: the checks read what git knows, so run them in a clone", err)
	}
	var files []file
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // Deleted, and the deletion not yet committed.
		}
		if err != nil {
			return nil, err
		}
		if bytes.IndexByte(text, 0) >= 0 {
			text = nil
		}
		f, err := parse(name, string(text))
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
})

func parse(name, text string) (file, error) {
	f := file{path: name, text: text, lines: token.NewFileSet()}
	if !strings.HasSuffix(name, ".go") || f.isTestdata() {
		return f, nil
	}
	var err error
	f.syntax, err = parser.ParseFile(f.lines, name, text, parser.ParseComments)
	return f, err
}

// check is a rule: it returns a line for each problem, with the place first and then what to do.
type check func(files []file) []string

// holds runs a check over the repository.
func holds(t *testing.T, c check) {
	t.Helper()
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range c(files) {
		t.Error(problem)
	}
}

// plant is a set of files by path, made up to break a rule.
type plant map[string]string

// catches runs a check over planted files and wants exactly one problem that holds the given words.
func catches(t *testing.T, c check, planted plant, words string) {
	t.Helper()
	problems := c(parseAll(t, planted))
	if len(problems) != 1 || !strings.Contains(problems[0], words) {
		t.Errorf("planted %v\n gave %q,\nwant one problem with %q", planted, problems, words)
	}
}

// passes runs a check over planted files that keep the rule.
func passes(t *testing.T, c check, planted plant) {
	t.Helper()
	if problems := c(parseAll(t, planted)); len(problems) > 0 {
		t.Errorf("planted %v\n gave %q, want no problem", planted, problems)
	}
}

func parseAll(t *testing.T, planted plant) []file {
	t.Helper()
	var files []file
	for name, text := range planted {
		f, err := parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}
