package bench

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestALineOfTheKernelIsRead(t *testing.T) {
	const line = "71 (a) b (c) S 7 71 71 0 -1 4194560 1 2 3 4 150 50 20 5 20 0 1 0 99 1 2 3"
	p, err := parseProcess([]byte(line))
	if err != nil || p.pid != 71 || p.parent != 7 || p.name != "a) b (c" || p.used != 2250*time.Millisecond {
		t.Errorf("%+v, %v", p, err)
	}
	for _, broken := range []string{"", "71", "71 (x) S", "71 (x", strings.ReplaceAll(line, "150", "many"), strings.ReplaceAll(line, "71 (", "a ("), strings.ReplaceAll(line, "S 7", "S b")} {
		if _, err := parseProcess([]byte(broken)); err == nil {
			t.Errorf("%q was read", broken)
		}
	}
}

// TestOnlyAServerOfThisMachineIsMeasured: what another machine's process is called here is no server.
func TestOnlyAServerOfThisMachineIsMeasured(t *testing.T) {
	if used, ok := ServerTime(os.Getpid()); ok {
		t.Errorf("the test's own process was taken for a server that has used %v", used)
	}
	// A process by the server's name, whose parent is this one.
	path := t.TempDir() + "/postgres"
	program, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, path); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), path, "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	spin(100 * time.Millisecond)
	used, ok := ServerTime(child.Process.Pid)
	if own := ProgramTime(); !ok || used < 50*time.Millisecond || used > own+time.Second {
		t.Errorf("%v, %v; this process has used %v", used, ok, own)
	}
}

// spin keeps a core busy until this process has used so much more of it.
func spin(d time.Duration) {
	for end := ProgramTime() + d; ProgramTime() < end; {
	}
}

// counting is a meter that counts a payment's cost by the calls of Pay.
type counting struct{ paid chan struct{} }

func (c counting) Pay(context.Context, int, int64) error {
	time.Sleep(time.Millisecond)
	c.paid <- struct{}{}
	return nil
}

func (c counting) Read() Usage {
	n := int64(len(c.paid))
	return Usage{Program: time.Duration(n) * 100 * time.Microsecond, Server: time.Duration(n) * 200 * time.Microsecond, Commits: n, Commands: 2 * n}
}

func TestAResultSharesOutWhatWasUsed(t *testing.T) {
	c := counting{make(chan struct{}, 10_000)}
	r := Load{Clients: 4, Warm: 20 * time.Millisecond, For: 200 * time.Millisecond, Meter: c}.Run(t.Context(), "counted", c)
	near := func(got, want float64) bool { return got > 0.8*want && got < 1.2*want }
	if !near(r.ProgramUS, 100) || !near(r.ServerUS, 200) || r.Commands != 2 || !near(r.Commits, r.Payments) {
		t.Errorf("%+v", r)
	}
}
