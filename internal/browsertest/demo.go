package browsertest

import (
	"encoding/json"
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
)

// patience bounds each wait for the demo: to be ready, to stop, to be gone.
const patience = 30 * time.Second

// Demo is one `tolom demo` with a data folder and a port of its own, both kept over restarts, so that pages that
// are open in a browser find it again. Its methods may be called from any goroutine.
type Demo struct {
	binary  string
	address string
	folder  string

	mu      sync.Mutex
	running *exec.Cmd
}

// Start builds the binary, starts a demo and waits until it is ready. The demo is stopped when the test ends, and
// what it printed is shown if the test failed.
func Start(t testing.TB) *Demo {
	t.Helper()
	return start(t, Binary(t))
}

func start(t testing.TB, binary string) *Demo {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	d := &Demo{binary: binary, address: address, folder: t.TempDir()}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the demo printed:\n%s", d.printed())
		}
	})
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	return d
}

// URL is where the demo answers, without a slash at the end.
func (d *Demo) URL() string { return "http://" + d.address }

// Data is the folder of the demo's database.
func (d *Demo) Data() string { return filepath.Join(d.folder, "data") }

// Keys returns demo.json: base_url, merchant_key, psp_id, psp_key and operator, as the demo wrote them.
func (d *Demo) Keys() (map[string]any, error) {
	text, err := os.ReadFile(filepath.Join(d.Data(), "demo.json"))
	if err != nil {
		return nil, err
	}
	var keys map[string]any
	return keys, json.Unmarshal(text, &keys)
}

// Start starts a stopped or killed demo on the data and the port it had, and waits until /readyz answers 200.
func (d *Demo) Start() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running != nil {
		return errors.New("browsertest: the demo runs already")
	}
	log, err := os.OpenFile(d.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(d.binary, "demo", "--listen", d.address, "--data", d.Data())
	cmd.Stdout, cmd.Stderr = log, log
	// The kernel ends the demo if the tests are killed; a demo left over would keep its port and its files.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := StartPinned(cmd); err != nil {
		return fmt.Errorf("browsertest: start the demo: %w", err)
	}
	d.running = cmd
	return d.ready()
}

// ready polls until the demo answers.
func (d *Demo) ready() error {
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		response, err := client.Get(d.URL() + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("browsertest: %s/readyz did not answer 200 within %v; the demo printed:\n%s", d.URL(), patience, d.printed())
}

// Kill ends the demo at once, as a crash does (SIGKILL).
func (d *Demo) Kill() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running == nil {
		return errors.New("browsertest: the demo does not run")
	}
	err := d.running.Process.Kill()
	// Wait reports the kill that was asked for.
	_ = d.running.Wait()
	d.running = nil
	return err
}

// Stop interrupts the demo as Ctrl-C does, and reports it if it does not end by itself or not with code 0.
func (d *Demo) Stop() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running == nil {
		return nil
	}
	cmd := d.running
	d.running = nil
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("browsertest: interrupt the demo: %w", errors.Join(err, cmd.Wait()))
	}
	stuck := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("browsertest: the demo did not stop cleanly after an interrupt: %w", err)
	}
	return nil
}

func (d *Demo) logFile() string { return filepath.Join(d.folder, "log") }

func (d *Demo) printed() string {
	text, err := os.ReadFile(d.logFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// freeAddress asks the kernel for a loopback port that nobody uses at the moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
