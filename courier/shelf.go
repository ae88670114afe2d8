package courier

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Shelf is a place for files in memory, for simulations: boxes opened on it behave as
// those of a folder, and whoever is on the other side reads and lays files there. It is
// used by one goroutine at a time, and its files have no times.
type Shelf struct {
	// Fault, when set, is asked before each call that a box makes; its error is the
	// outcome. It may panic, which stands for the death of the process.
	Fault func() error
	files map[string][]byte
}

// NewShelf gives an empty shelf.
func NewShelf() *Shelf { return &Shelf{files: map[string][]byte{}} }

// Box opens two folders of the shelf, as Folder does those of a machine.
func (s *Shelf) Box(out, in string) *Box {
	return &Box{tree: shelved{s}, out: path.Clean(out), in: path.Clean(in), where: "shelf:"}
}

// Read gives what lies under a path; nil when nothing does. It is not to be changed.
func (s *Shelf) Read(path string) []byte { return s.files[path] }

// Lay puts a file under a path, over whatever lies there.
func (s *Shelf) Lay(path string, content []byte) { s.files[path] = bytes.Clone(content) }

// Names lists the files of a folder, without those of folders in it.
func (s *Shelf) Names(folder string) (names []string) {
	for name := range s.files {
		if dir, file := path.Split(name); dir == folder+"/" {
			names = append(names, file)
		}
	}
	slices.Sort(names)
	return names
}

// shelved is a shelf as boxes use it.
type shelved struct{ s *Shelf }

func (t shelved) strike() error {
	if t.s.Fault == nil {
		return nil
	}
	return t.s.Fault()
}

// found gives a file, unless a fault strikes first.
func (t shelved) found(op, path string) ([]byte, error) {
	if err := t.strike(); err != nil {
		return nil, err
	}
	content, there := t.s.files[path]
	if !there {
		return nil, &fs.PathError{Op: op, Path: path, Err: fs.ErrNotExist}
	}
	return content, nil
}

func (t shelved) Stat(path string) (fs.FileInfo, error) {
	content, err := t.found("stat", path)
	return shelvedInfo{path, len(content)}, err
}

func (t shelved) Open(path string) (io.ReadCloser, error) {
	content, err := t.found("open", path)
	return io.NopCloser(bytes.NewReader(content)), err
}

func (t shelved) Append(path string, at int64) (sink, error) {
	if err := t.strike(); err != nil {
		return nil, err
	}
	begun := t.s.files[path]
	t.s.files[path] = append(make([]byte, 0, at), begun[:min(at, int64(len(begun)))]...)
	return shelvedSink{t, path}, nil
}

func (t shelved) Rename(from, to string) error {
	content, err := t.found("rename", from)
	if err != nil {
		return err
	}
	delete(t.s.files, from)
	t.s.files[to] = content
	return nil
}

func (t shelved) Remove(path string) error {
	_, err := t.found("remove", path)
	if err == nil {
		delete(t.s.files, path)
	}
	return err
}

func (t shelved) List(folder string) (out []fs.FileInfo, err error) {
	if err := t.strike(); err != nil {
		return nil, err
	}
	for _, name := range t.s.Names(folder) {
		name = folder + "/" + name
		out = append(out, shelvedInfo{name, len(t.s.files[name])})
	}
	return out, nil
}

func (t shelved) Make(string) error       { return t.strike() } // folders are there with their first file
func (t shelved) SyncFolder(string) error { return t.strike() }
func (t shelved) Close() error            { return nil }

// shelvedSink adds to a file, a piece at a time: what was added before a death lies there.
type shelvedSink struct {
	t    shelved
	path string
}

func (k shelvedSink) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if err := k.t.strike(); err != nil {
			return n, err
		}
		piece := p[n:min(len(p), n+1<<10)]
		k.t.s.files[k.path] = append(k.t.s.files[k.path], piece...)
		n += len(piece)
	}
	return n, nil
}

func (k shelvedSink) Sync() error  { return k.t.strike() }
func (k shelvedSink) Close() error { return nil }

// shelvedInfo describes a file of a shelf.
type shelvedInfo struct {
	path string
	size int
}

func (i shelvedInfo) Name() string     { return i.path[strings.LastIndexByte(i.path, '/')+1:] }
func (i shelvedInfo) Size() int64      { return int64(i.size) }
func (shelvedInfo) Mode() fs.FileMode  { return 0o640 }
func (shelvedInfo) ModTime() time.Time { return time.Time{} }
func (shelvedInfo) IsDir() bool        { return false }
func (shelvedInfo) Sys() any           { return nil }
