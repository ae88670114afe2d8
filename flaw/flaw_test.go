package flaw_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tolom/flaw"
)

// planted finds where a flaw is asked for: its constant, by the room.
var planted = regexp.MustCompile(`flaw\.Has\(flaw\.(\w+)\)`)

// named finds the constants and their names.
var named = regexp.MustCompile(`(?m)^\t(\w+)\s+Name = "([^"]+)"$`)

func TestEveryFlawIsPlantedInItsRoom(t *testing.T) {
	table, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	room := map[string]string{} // of a constant
	for _, m := range named.FindAllStringSubmatch(string(table), -1) {
		f, found := flaw.Find(flaw.Name(m[2]))
		if !found || f.Breaks == "" {
			t.Errorf("%s has no line in the table, or one that says nothing", m[1])
		}
		if _, twice := room[m[1]]; twice {
			t.Errorf("%s is there twice", m[1])
		}
		room[m[1]] = f.Room
	}
	if len(room) != len(flaw.Table) || len(room) < 40 {
		t.Fatalf("there are %d constants and %d lines in the table", len(room), len(flaw.Table))
	}
	found := places(t)
	for constant, room := range room {
		if found[constant] != room {
			t.Errorf("%s is planted in %q, the table says %q", constant, found[constant], room)
		}
	}
}

// places gives the room of each planted flaw.
func places(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("..", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range planted.FindAllStringSubmatch(string(text), -1) {
			found[m[1]], _, _ = strings.Cut(strings.TrimPrefix(filepath.ToSlash(path), "../"), "/")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNamesAreFound(t *testing.T) {
	if f, found := flaw.Find(flaw.NoTombstone); !found || f.Name != flaw.NoTombstone || f.Room != "flow" {
		t.Errorf("found %+v, %v", f, found)
	}
	if _, found := flaw.Find("no such flaw"); found {
		t.Error("a flaw was found that is not there")
	}
}
