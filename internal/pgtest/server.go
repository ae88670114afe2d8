package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// errMissing is what a developer sees on a machine without PostgreSQL.
var errMissing = errors.New("pgtest: PostgreSQL's initdb and pg_ctl were found neither in /usr/lib/postgresql/*/bin nor in PATH: run make tools")

// binaries returns the folder that holds initdb and pg_ctl. Debian keeps them out of PATH, one folder per
// major version, so the newest of those is tried first.
func binaries() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	sort.Slice(folders, func(i, j int) bool { return major(folders[i]) > major(folders[j]) })
	for _, folder := range folders {
		if executable(filepath.Join(folder, "initdb")) && executable(filepath.Join(folder, "pg_ctl")) {
			return folder, nil
		}
	}
	path, err := exec.LookPath("pg_ctl")
	if err != nil {
		return "", errMissing
	}
	return filepath.Dir(path), nil
}

// major reads 15 out of /usr/lib/postgresql/15/bin, and 0 out of anything else.
func major(folder string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	if err != nil {
		return 0
	}
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// owner says as whom the server runs. PostgreSQL refuses to run as root, so root hands the work to the
// unprivileged user that the Debian package made; everybody else runs it as himself.
func owner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("pgtest: running as root needs the user postgres to run the server as: run make tools: %w", err)
	}
	uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		return nil, fmt.Errorf("pgtest: the user postgres has no numeric id: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// command prepares one of PostgreSQL's programs to run as the server's owner, in the cluster's own folder:
// the folder where the tests run may be closed to that user.
func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PGOPTIONS=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner, Setpgid: true}
	return cmd
}

// run executes one of PostgreSQL's programs and folds what it printed into the error.
func (c *Cluster) run(program string, args ...string) error {
	out, err := c.command(filepath.Join(c.bin, program), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pgtest: %s: %w\n%s", program, err, strings.TrimSpace(string(out)))
	}
	return nil
}
