package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tolom/access"
	"tolom/flow"
	"tolom/store"
	"tolom/world"
)

// TestKeysAreEncryptedByTheCommand that were made before there was a master key, and under the next one after it.
func TestKeysAreEncryptedByTheCommand(t *testing.T) {
	folder := t.TempDir()
	file, w := filepath.Join(folder, "tolom.db"), world.System()
	s, err := store.Open(t.Context(), "sqlite:"+file, store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := flow.NewRegistry(s, access.New(s, w.Clock), w).FirstPlatformKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	run := func(command interface{ Run(*stdio) error }) string {
		var out strings.Builder
		if err := command.Run(&stdio{Out: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	encrypt := func(lines string) (string, error) {
		at := filepath.Join(folder, "master.key")
		if err := os.WriteFile(at, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		c := keysEncryptCmd{DB: "sqlite:" + file, master: master{at}}
		err := c.Run(t.Context(), &stdio{Out: &out})
		return out.String(), err
	}
	plain := func() bool {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(raw), "PRIVATE KEY")
	}
	if !plain() {
		t.Fatal("the key is not kept plain to begin with")
	}
	old, next := run(&keysNewCmd{}), run(&keysNewCmd{})
	for _, c := range []struct{ lines, says string }{
		{old, "1 secrets can be read; 1 rows"}, {old, "1 secrets can be read; 0 rows"}, {next + old, "; 1 rows"}, {next, "; 0 rows"},
	} {
		if out, err := encrypt(c.lines); err != nil || !strings.Contains(out, c.says) {
			t.Errorf("got %q, %v; want %q", out, err, c.says)
		}
	}
	if out, err := encrypt(old); err == nil {
		t.Errorf("with the old key alone: %q", out)
	}
}
