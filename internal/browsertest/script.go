package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// scriptTime bounds one script; a browser that hangs must not hang the whole run.
const scriptTime = 8 * time.Minute

// Run plays one script of e2e in Chromium against a demo and fails the test with what the script printed.
// The script finds in its environment TOLOM_BASE_URL, TOLOM_DEMO (the path of demo.json), TOLOM_CONTROL,
// TOLOM_CHROMIUM and TOLOM_SCREENSHOTS (a folder for pictures); e2e/browser.mjs reads them.
func Run(t testing.TB, d *Demo, script string) {
	t.Helper()
	environment := []string{
		"TOLOM_BASE_URL=" + d.URL(),
		"TOLOM_DEMO=" + filepath.Join(d.Data(), "demo.json"),
		"TOLOM_CONTROL=" + control(t, d),
		"TOLOM_SCREENSHOTS=" + screenshots(t),
	}
	out, err := play(t.Context(), filepath.Join(Root(), "e2e", script), environment)
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	t.Logf("%s\n%s", script, out)
}

// Walk plays one script against pages that are served at a base address, without a demo: only TOLOM_BASE_URL,
// TOLOM_CHROMIUM and TOLOM_SCREENSHOTS are there.
func Walk(t testing.TB, base, script string) {
	t.Helper()
	out, err := play(t.Context(), filepath.Join(Root(), "e2e", script), []string{"TOLOM_BASE_URL=" + base, "TOLOM_SCREENSHOTS=" + screenshots(t)})
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	t.Logf("%s\n%s", script, out)
}

// screenshots is the folder that the environment names, or one that goes with the test.
func screenshots(t testing.TB) string {
	if folder := os.Getenv("TOLOM_SCREENSHOTS"); folder != "" {
		return folder
	}
	return t.TempDir()
}

// play runs one script under Node's own test runner.
func play(ctx context.Context, script string, environment []string) (string, error) {
	chromium, err := browser()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, scriptTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=spec", script)
	cmd.Env = append(append(os.Environ(), environment...), "TOLOM_CHROMIUM="+chromium)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = errors.Join(err, fmt.Errorf("stopped after %v at the latest", scriptTime))
	}
	return string(out), err
}

// browser finds Chromium, and says what to do if it or what drives it is missing.
func browser() (string, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return "", errors.New("browsertest: Node.js is missing: run make tools")
	}
	if _, err := os.Stat(filepath.Join(Root(), "e2e", "node_modules", "playwright-core")); err != nil {
		return "", errors.New("browsertest: playwright-core is missing: run make tools")
	}
	if named := os.Getenv("TOLOM_CHROMIUM"); named != "" {
		return named, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("browsertest: Chromium is missing: run make tools")
}
