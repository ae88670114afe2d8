package smalldisk

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAFilledDiskHasNoRoomUntilItIsFreed(t *testing.T) {
	d := New(t, 2)
	if d == nil {
		return
	}
	if err := d.Fill(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.Folder, "one")
	if err := os.WriteFile(path, []byte("x"), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("writing to a full disk gave %v", err)
	}
	if err := errors.Join(d.Free(), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
		t.Error(err)
	}
}
