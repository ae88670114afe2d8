package soak

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"tolom/internal/browsertest"
)

// version is how the store says which schema it works with.
var version = regexp.MustCompile(`const Version = (\d+)`)

// further are migrations as a next version could bring: columns, a table, and an
// index on a table that is written to. %s stands for what the dialects differ in.
var further = map[string][]string{
	"postgres": {
		"-- +goose Up\nALTER TABLE request ADD COLUMN next_note text NOT NULL DEFAULT '';\nALTER TABLE payment ADD COLUMN next_count bigint NOT NULL DEFAULT 0;\n" +
			"CREATE TABLE next_thing (id text PRIMARY KEY, payment text NOT NULL);\n",
		"-- +goose NO TRANSACTION\n-- +goose Up\nDROP INDEX CONCURRENTLY IF EXISTS payment_next;\nCREATE INDEX CONCURRENTLY payment_next ON payment (next_count) WHERE next_count > 0;\n",
	},
	"sqlite": {
		"-- +goose Up\nALTER TABLE request ADD COLUMN next_note TEXT NOT NULL DEFAULT '';\nALTER TABLE payment ADD COLUMN next_count INTEGER NOT NULL DEFAULT 0;\n" +
			"CREATE TABLE next_thing (id TEXT PRIMARY KEY, payment TEXT NOT NULL) STRICT;\n",
		"-- +goose Up\nCREATE INDEX payment_next ON payment (next_count) WHERE next_count > 0;\n",
	},
}

// nextVersion builds the binary of a version that comes after this one: the same
// code with further migrations, laid over the tree without touching it.
func nextVersion(t *testing.T) (binary string, schema int) {
	t.Helper()
	root, folder := browsertest.Root(), t.TempDir()
	over := map[string]string{}
	lay := func(path, text string) {
		copied := filepath.Join(folder, fmt.Sprint(len(over)))
		must(t, os.WriteFile(copied, []byte(text), 0o600))
		over[filepath.Join(root, path)] = copied
	}
	text, err := os.ReadFile(filepath.Join(root, "store", "sql.go"))
	must(t, err)
	is := version.FindSubmatch(text)
	if is == nil {
		t.Fatal("store/sql.go does not say its version")
	}
	now, err := strconv.Atoi(string(is[1]))
	must(t, err)
	for dialect, migrations := range further {
		for i, migration := range migrations {
			lay(filepath.Join("store", "migrations", dialect, fmt.Sprintf("%04d_next.sql", now+1+i)), migration)
		}
		schema = now + len(migrations)
	}
	lay(filepath.Join("store", "sql.go"), version.ReplaceAllString(string(text), fmt.Sprintf("const Version = %d", schema)))
	list, err := json.Marshal(map[string]any{"Replace": over})
	must(t, err)
	overlay := filepath.Join(folder, "overlay.json")
	must(t, os.WriteFile(overlay, list, 0o600))
	binary = filepath.Join(folder, "tolom-next")
	run(t, root, nil, "go", "build", "-overlay", overlay, "-o", binary, "./cmd/tolom")
	return binary, schema
}

// earlier builds the binary of a commit of this repository.
func earlier(t *testing.T, commit string) string {
	t.Helper()
	folder := t.TempDir()
	archive := filepath.Join(folder, "tree.tar")
	run(t, browsertest.Root(), nil, "git", "archive", "--output", archive, commit)
	tree := filepath.Join(folder, "tree")
	must(t, os.Mkdir(tree, 0o700))
	run(t, tree, nil, "tar", "xf", archive)
	binary := filepath.Join(folder, "tolom-earlier")
	run(t, tree, nil, "go", "build", "-o", binary, "./cmd/tolom")
	return binary
}

// run runs a program to its end and gives what it printed.
func run(t *testing.T, folder string, input []byte, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdin = folder, bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}
