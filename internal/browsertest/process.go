package browsertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Patience bounds each wait for a process: to be ready, to stop.
const Patience = time.Minute

// Process is a server of the binary on an address that it keeps over restarts. Its methods may be called from any
// goroutine.
type Process struct {
	Binary  string
	Args    []string
	Address string // where /readyz answers
	Log     string // file that gets what it prints

	mu      sync.Mutex
	running *exec.Cmd
}

// URL is where the process answers, without a slash at the end.
func (p *Process) URL() string { return "http://" + p.Address }

// Start starts a process that is not running, and waits until /readyz answers 200.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return fmt.Errorf("browsertest: %s runs already", p.URL())
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.Binary, p.Args...)
	cmd.Env = append([]string{"TOLOM_MODE=test"}, os.Environ()...) // PSPs may come with keys, unless the environment says otherwise.
	cmd.Stdout, cmd.Stderr = log, log
	// The kernel ends the process if the tests are killed; one left over would keep its port and its files.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := StartPinned(cmd); err != nil {
		return fmt.Errorf("browsertest: start %s: %w", p.URL(), err)
	}
	p.running = cmd
	return p.ready()
}

// ready polls until the process answers.
func (p *Process) ready() error {
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		response, err := client.Get(p.URL() + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("browsertest: %s/readyz did not answer 200 within %v; it printed:\n%s", p.URL(), Patience, p.Printed())
}

// Kill ends the process at once, as a crash does (SIGKILL).
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return fmt.Errorf("browsertest: %s does not run", p.URL())
	}
	err := p.running.Process.Kill()
	// Wait reports the kill that was asked for.
	_ = p.running.Wait()
	p.running = nil
	return err
}

// Stop interrupts the process as Ctrl-C does, and reports it if it does not end by itself or not with code 0.
func (p *Process) Stop() error { return p.end(os.Interrupt) }

// Terminate ends the process as a supervisor does (SIGTERM), and reports like Stop.
func (p *Process) Terminate() error { return p.end(syscall.SIGTERM) }

func (p *Process) end(by os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return nil
	}
	cmd := p.running
	p.running = nil
	if err := cmd.Process.Signal(by); err != nil {
		return fmt.Errorf("browsertest: stop %s: %w", p.URL(), errors.Join(err, cmd.Wait()))
	}
	stuck := time.AfterFunc(Patience, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("browsertest: %s did not stop cleanly after %v: %w", p.URL(), by, err)
	}
	return nil
}

// Printed is what the process has printed so far, or why that cannot be read.
func (p *Process) Printed() string {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// FreeAddress finds a loopback port that nobody uses at the moment. It is below those that the kernel gives to
// connections and to listeners who do not care, so that none of these takes it before the process is started.
func FreeAddress() (string, error) {
	const lowest, highest = 10_000, 32_000
	var taken error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(highest-lowest))
		listener, err := net.Listen("tcp", address)
		if err == nil {
			return address, listener.Close()
		}
		taken = err
	}
	return "", fmt.Errorf("browsertest: no free port: %w", taken)
}
