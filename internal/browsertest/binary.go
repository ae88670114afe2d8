package browsertest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Root is the folder of the repository.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Binary builds bin/tolom and returns its path. It is built once per test process; what is up to date costs the
// go command well under a second.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(Root(), "bin", "tolom")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/tolom")
	cmd.Dir = Root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("browsertest: go build ./cmd/tolom: %w\n%s", err, out)
	}
	return path, nil
})
