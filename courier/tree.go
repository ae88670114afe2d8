package courier

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// tree is what deliveries need of a place that holds files. Paths use slashes.
type tree interface {
	Stat(path string) (fs.FileInfo, error)
	Open(path string) (io.ReadCloser, error)
	// Append opens a file for writing from a position on; what lies behind it is cut
	// off. The file is made when it is missing.
	Append(path string, at int64) (sink, error)
	// Rename moves a file in one step, over whatever lies there.
	Rename(from, to string) error
	Remove(path string) error
	List(path string) ([]fs.FileInfo, error)
	Make(path string) error
	// SyncFolder makes names last that were made in a folder.
	SyncFolder(path string) error
	Close() error
}

// sink is a file that is being written.
type sink interface {
	io.Writer
	Sync() error
	Close() error
}

// local is a folder of this machine. os.Root keeps every path below it, links too.
type local struct{ root *os.Root }

// openLocal opens the folder, which is made when it is missing.
func openLocal(path string) (*local, error) {
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	return &local{root}, err
}

func (l *local) Stat(path string) (fs.FileInfo, error) { return l.root.Lstat(filepath.FromSlash(path)) }
func (l *local) Open(path string) (io.ReadCloser, error) {
	return l.root.Open(filepath.FromSlash(path))
}
func (l *local) Remove(path string) error { return l.root.Remove(filepath.FromSlash(path)) }
func (l *local) Close() error             { return l.root.Close() }
func (l *local) Make(path string) error {
	return l.root.MkdirAll(filepath.FromSlash(path), 0o750)
}
func (l *local) Rename(from, to string) error {
	return l.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

func (l *local) Append(path string, at int64) (sink, error) {
	f, err := l.root.OpenFile(filepath.FromSlash(path), os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	return f, errors.Join(at0(f, at))
}

// at0 cuts a file at a position and goes there.
func at0(f interface {
	Truncate(int64) error
	Seek(int64, int) (int64, error)
	Close() error
}, at int64) error {
	err := f.Truncate(at)
	if err == nil {
		_, err = f.Seek(at, io.SeekStart)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return nil
}

func (l *local) List(path string) (out []fs.FileInfo, err error) {
	entries, err := fs.ReadDir(l.root.FS(), filepath.ToSlash(filepath.Clean(path)))
	for _, e := range entries {
		info, gone := e.Info()
		if gone == nil {
			out = append(out, info)
		}
	}
	return out, err
}

func (l *local) SyncFolder(path string) error {
	f, err := l.root.Open(filepath.FromSlash(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
