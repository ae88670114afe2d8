package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a child that is reaped as soon as it ends. PostgreSQL takes a dead process that nobody reaped for
// a living server, so the server must be our own child and not an orphan.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

// launch starts a child whose output goes to the end of a log file.
func launch(cmd *exec.Cmd, log string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("pgtest: start %s: %w", cmd.Path, err)
	}
	p := &process{cmd: cmd, gone: make(chan struct{})}
	go func() {
		// How it ended is no news: tests kill it on purpose, and its log tells the rest.
		_ = cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("pgtest: send %v to the server: %w", s, err)
	}
	return nil
}

func (p *process) wait() error {
	select {
	case <-p.gone:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("pgtest: the server %d did not end in %v", p.pid(), patience)
	}
}

// children lists the direct children of a process as the kernel tells them.
func children(pid int) []int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, field := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// waitGone waits until no process of the list runs. A server that starts while an old worker still holds the
// shared memory would refuse to.
func waitGone(pids []int) error {
	deadline := time.Now().Add(patience)
	for _, pid := range pids {
		for alive(pid) {
			if time.Now().After(deadline) {
				return fmt.Errorf("pgtest: process %d survived SIGKILL", pid)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return nil
}

// waitHalted waits until a process that was sent SIGSTOP runs no more.
func waitHalted(pid int) error {
	for deadline := time.Now().Add(patience); state(pid) != 'T'; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("pgtest: process %d goes on after SIGSTOP", pid)
		}
	}
	return nil
}

// alive is false for a zombie too: it holds nothing any more, and who reaps it is not our business.
func alive(pid int) bool {
	s := state(pid)
	return s != 0 && s != 'Z'
}

// state is the letter by which the kernel tells what a process does; 0 when there is none.
func state(pid int) byte {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, found := strings.Cut(string(text), ") ")
	if !found || rest == "" {
		return 0
	}
	return rest[0]
}

// freePort asks the kernel for a loopback port that nobody uses at the moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func appendFile(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// tail returns the last lines of a log for an error message.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
