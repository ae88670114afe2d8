package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Usage is what has been used since the start of the processes: time on a core
// counts the same however busy the machine is, unlike payments a second.
type Usage struct {
	Program time.Duration // of this process, the bench's clients included
	Server  time.Duration // of the database server with all its processes; 0 when it cannot be read
	// What the engines wrote.
	Commits, Commands int64
}

// Meter reads what has been used so far.
type Meter interface{ Read() Usage }

// minus is what was used between two readings.
func (u Usage) minus(before Usage) Usage {
	return Usage{
		Program: u.Program - before.Program, Server: u.Server - before.Server,
		Commits: u.Commits - before.Commits, Commands: u.Commands - before.Commands,
	}
}

// ProgramTime is the time on a core that this process has used.
func ProgramTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// tick is the unit of times in /proc, which the kernel fixes for all programs.
const tick = time.Second / 100

// process is a line of /proc/PID/stat.
type process struct {
	pid, parent int
	name        string
	used        time.Duration // with those of its children that have ended
}

// ServerTime is the time on a core that a PostgreSQL server has used: of the
// process that all its others come from, found by one of them, and of these.
// false when that process is not one of this machine's PostgreSQL.
func ServerTime(backend int) (total time.Duration, ok bool) {
	own, err := readProcess(backend)
	if err != nil || own.name != "postgres" {
		return 0, false
	}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, false
	}
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		// Those that end meanwhile are counted with their parent the next time.
		if p, err := readProcess(pid); err == nil && (p.pid == own.parent || p.parent == own.parent) {
			total += p.used
		}
	}
	return total, true
}

func readProcess(pid int) (process, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	return parseProcess(text)
}

// parseProcess reads a line: the pid, the name in parentheses, which may hold
// anything, then the state, the parent, and from the twelfth on the times.
func parseProcess(line []byte) (p process, err error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return p, fmt.Errorf("bench: a process without a name: %q", line)
	}
	fields := strings.Fields(string(line[end+1:]))
	if len(fields) < 15 {
		return p, fmt.Errorf("bench: a process with %d fields: %q", len(fields), line)
	}
	p.name = string(line[open+1 : end])
	if p.pid, err = strconv.Atoi(strings.TrimSpace(string(line[:open]))); err != nil {
		return p, err
	}
	if p.parent, err = strconv.Atoi(fields[1]); err != nil {
		return p, err
	}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return p, err
		}
		p.used += time.Duration(ticks) * tick
	}
	return p, nil
}
