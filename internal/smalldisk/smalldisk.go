// Package smalldisk gives a test a file system so small that it can be filled: a
// tmpfs, which answers as any full disk does (ENOSPC). Mounting one takes root; a test
// that runs as somebody else runs itself again in a namespace of its own, where it may.
package smalldisk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// inside is set in a test that runs itself again.
const inside = "TOLOM_SMALLDISK_INSIDE"

// Disk is a small file system.
type Disk struct {
	Folder string // where it is mounted; everybody may write to it
}

// New mounts a disk of so many megabytes until the test ends. It gives nil when the
// test has been run in a namespace instead: then its result is known already, and it
// only has to return.
func New(t *testing.T, megabytes int) *Disk {
	t.Helper()
	folder, err := os.MkdirTemp("", "tolom-small-")
	if err != nil {
		t.Fatal(err)
	}
	err = syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=777", megabytes))
	if errors.Is(err, syscall.EPERM) && os.Getenv(inside) == "" {
		runInside(t, os.Remove(folder))
		return nil
	}
	if err != nil {
		t.Fatalf("smalldisk: mount a tmpfs: %v", errors.Join(err, os.Remove(folder)))
	}
	t.Cleanup(func() {
		// Whoever still has a file open keeps it without a name.
		if err := errors.Join(syscall.Unmount(folder, syscall.MNT_DETACH), os.Remove(folder)); err != nil {
			t.Error(err)
		}
	})
	return &Disk{Folder: folder}
}

// runInside runs the test again where it may mount, as the same user.
func runInside(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	pattern := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	cmd := exec.Command("unshare", "--user", "--map-current-user", "--keep-caps", "--mount", "--", os.Args[0], "-test.run", pattern, "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("run again in a namespace of its own, where it may mount a disk:\n%s", out)
	if err != nil {
		t.Fatalf("run as root, or allow user namespaces: %v", err)
	}
}

// Fill leaves no byte of room.
func (d *Disk) Fill() error {
	file, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	defer file.Close()
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				return err
			}
			size /= 2
		}
	}
	return nil
}

// Free makes room again.
func (d *Disk) Free() error { return os.Remove(d.filler()) }

func (d *Disk) filler() string { return filepath.Join(d.Folder, "filler") }
