// Package sftptest starts Debian's sshd on loopback for a test: an ordinary process without rights, with a
// configuration, host keys and folders of its own. A test that runs as root gives it to the user nobody, so that
// permissions mean something.
package sftptest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const sshd = "/usr/sbin/sshd"

// Server is a running sshd.
type Server struct {
	Address    string // 127.0.0.1:port
	User       string
	HostKey    string // what it shows, as an authorized_keys line
	PrivateKey string // what lets in, PEM
	Folder     string // where a session begins, on this machine's disk

	t      *testing.T
	config string
	owner  *syscall.Credential
	cmd    *exec.Cmd
}

// Start starts a server whose sessions begin in a fresh folder, until the test ends.
func Start(t *testing.T) *Server { return StartIn(t, "") }

// StartIn starts a server for a folder that everybody may write to.
func StartIn(t *testing.T, folder string) *Server {
	t.Helper()
	if _, err := os.Stat(sshd); err != nil {
		t.Fatalf("sftptest: %s is missing: run scripts/tools, it installs Debian's openssh-server", sshd)
	}
	s := &Server{t: t, Folder: folder}
	s.become()
	place, err := os.MkdirTemp("", "tolom-sshd-")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(place) })
	if folder == "" {
		s.Folder = filepath.Join(place, "files")
		must(t, os.Mkdir(s.Folder, 0o755))
	}
	s.configure(place)
	s.own(place)
	must(t, s.Run())
	t.Cleanup(s.said)
	t.Cleanup(s.Stop)
	return s
}

// become picks who runs the server: this user, or nobody for root.
func (s *Server) become() {
	who, err := user.Current()
	must(s.t, err)
	if who.Uid == "0" {
		who, err = user.Lookup("nobody")
		must(s.t, err)
		uid, err := strconv.ParseUint(who.Uid, 10, 32)
		must(s.t, err)
		gid, err := strconv.ParseUint(who.Gid, 10, 32)
		must(s.t, err)
		s.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	s.User = who.Username
}

func (s *Server) own(place string) {
	must(s.t, os.Chmod(place, 0o755))
	if s.owner == nil {
		return
	}
	must(s.t, filepath.Walk(place, func(path string, _ os.FileInfo, err error) error {
		return errors.Join(err, os.Chown(path, int(s.owner.Uid), int(s.owner.Gid)))
	}))
}

func (s *Server) configure(place string) {
	var host, login string
	host, s.HostKey = NewKey(s.t)
	s.PrivateKey, login = NewKey(s.t)
	must(s.t, os.WriteFile(filepath.Join(place, "host"), []byte(host), 0o600))
	must(s.t, os.WriteFile(filepath.Join(place, "keys"), []byte(login+"\n"), 0o600))
	s.Address = freeAddress(s.t)
	_, port, err := net.SplitHostPort(s.Address)
	must(s.t, err)
	s.config = filepath.Join(place, "config")
	// Without PAM sshd takes a user for locked whose shadow line it cannot read.
	lines := []string{
		"ListenAddress 127.0.0.1:" + port, "HostKey " + filepath.Join(place, "host"), "AuthorizedKeysFile " + filepath.Join(place, "keys"),
		"PidFile none", "UsePAM yes", "StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "LogLevel ERROR",
		"Subsystem sftp internal-sftp", "ForceCommand internal-sftp -d " + s.Folder,
	}
	must(s.t, os.WriteFile(s.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// Run starts the server again after Stop, at the same address.
func (s *Server) Run() error {
	s.cmd = exec.Command(sshd, "-D", "-e", "-f", s.config)
	log, err := os.OpenFile(s.config+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd.Stderr = log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner, Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", s.Address); err == nil {
			return c.Close()
		}
	}
	return fmt.Errorf("sftptest: sshd does not listen on %s", s.Address)
}

// Stop ends the server and all its sessions, which are process groups of their own.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	for _, pid := range append(offspring(s.cmd.Process.Pid), s.cmd.Process.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = s.cmd.Wait()
	s.cmd = nil
}

// offspring are the processes that a process has started, and those that they have, by the lines of ps.
func offspring(of int) (out []int) {
	list, err := exec.Command("ps", "-e", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(list)) {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	for next := []int{of}; len(next) > 0; next = next[1:] {
		out = append(out, children[next[0]]...)
		next = append(next, children[next[0]]...)
	}
	return out
}

// said prints what the server said of a test that failed.
func (s *Server) said() {
	if text, err := os.ReadFile(s.config + ".log"); err == nil && s.t.Failed() {
		s.t.Logf("sshd said:\n%s", text)
	}
}

// NewKey makes a key pair: PEM, and the public line.
func NewKey(t testing.TB) (private, public string) {
	t.Helper()
	open, secret, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(secret, "")
	must(t, err)
	key, err := ssh.NewPublicKey(open)
	must(t, err)
	return string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
