package nodes

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"tolom/internal/browsertest"
)

// patience bounds each wait for a node: to be ready, to stop.
const patience = time.Minute

// node is one `tolom serve` on an address that it keeps over restarts.
type node struct {
	address string
	log     string
	args    []string
	binary  string

	mu      sync.Mutex
	running *exec.Cmd
}

// startNodes starts nodes on one database, which all say that they are reached at base.
func startNodes(t *testing.T, count int, dsn, base string) []*node {
	t.Helper()
	folder, nodes := t.TempDir(), make([]*node, count)
	for i := range nodes {
		n := &node{address: freeAddress(t), log: filepath.Join(folder, fmt.Sprint("node", i)), binary: browsertest.Binary(t)}
		n.args = []string{"serve", "--db", dsn, "--listen", n.address, "--base-url", base, "--private-webhooks", "--log-level", "warn"}
		must(t, n.start())
		t.Cleanup(func() {
			if err := n.stop(); err != nil {
				t.Error(err)
			}
			if printed, err := os.ReadFile(n.log); t.Failed() && err == nil {
				t.Logf("%s printed:\n%.4000s", n.address, printed)
			}
		})
		nodes[i] = n
	}
	return nodes
}

func (n *node) url() string { return "http://" + n.address }

// start starts the process and waits until it is ready.
func (n *node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(n.binary, n.args...)
	cmd.Stdout, cmd.Stderr = log, log
	// The kernel ends the node if the tests are killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := browsertest.StartPinned(cmd); err != nil {
		return err
	}
	n.running = cmd
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		response, err := client.Get(n.url() + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s was not ready within %v", n.address, patience)
}

// kill ends the process at once, as kill -9 does.
func (n *node) kill() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	err := n.running.Process.Kill()
	_ = n.running.Wait() // reports the kill that was asked for
	n.running = nil
	return err
}

// stop interrupts the process and reports it if it does not end by itself with code 0.
func (n *node) stop() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.running == nil {
		return nil
	}
	cmd := n.running
	n.running = nil
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return errors.Join(err, cmd.Wait())
	}
	stuck := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s did not stop cleanly: %w", n.address, err)
	}
	return nil
}

// freeAddress asks the kernel for a loopback port that nobody uses at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
