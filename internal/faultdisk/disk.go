package faultdisk

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Op is a kind of call that a disk may refuse.
type Op int

// The calls that may be refused.
const (
	Read Op = iota
	Write
	Sync
)

// The refusals.
var (
	// ErrFull says that there is no room (ENOSPC).
	ErrFull = errors.New("faultdisk: no space is left")
	// ErrBroken says that the device failed (EIO). After a Sync that failed, what was
	// not on disk before it never gets there by a later one.
	ErrBroken = errors.New("faultdisk: the device has failed")
)

// Disk is a folder whose files are watched.
type Disk struct {
	folder string

	mu     sync.Mutex // held over each call that changes something, so that events have one order
	events []event
	nodes  int            // how many files there have been
	names  map[string]int // of the files that are there
	start  map[int][]byte // the files that were there at first
	first  map[string]int
	led    bool // SQLite has synced the folder within the call under way
	refuse func(op Op, name string) error
	lies   bool
}

// kind is what happened.
type kind int

const (
	made kind = iota
	removed
	wrote
	sized
	synced
	syncFailed
	folderSynced
)

// event is one thing that happened on a disk.
type event struct {
	kind kind
	node int
	name string
	at   int64 // where was written, or the new size
	data []byte
}

// Watch begins to remember what happens to files in a folder. What is there already
// counts as being on disk. Nothing may be open in it.
func Watch(folder string) (*Disk, error) {
	if err := install(); err != nil {
		return nil, err
	}
	d := &Disk{folder: filepath.Clean(folder), names: map[string]int{}, start: map[int][]byte{}}
	list, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range list {
		data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		d.nodes++
		d.names[entry.Name()], d.start[d.nodes] = d.nodes, data
	}
	d.first = maps.Clone(d.names)
	layer.mu.Lock()
	defer layer.mu.Unlock()
	layer.watching = append(layer.watching, d)
	return d, nil
}

// Close forgets the folder. All files in it must be closed.
func (d *Disk) Close() {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	layer.watching = slices.DeleteFunc(layer.watching, func(x *Disk) bool { return x == d })
}

// Now is how many things have happened so far.
func (d *Disk) Now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.events)
}

// Refuse has f decide about each call from now on; nil ends it. f is called while the
// disk is locked and must not call it.
func (d *Disk) Refuse(f func(op Op, name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = f
}

// Lie makes it a disk that says of every sync that it is done and does none, as one
// with a write cache that it hides, or a database that was told not to sync.
func (d *Disk) Lie() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lies = true
}

func (d *Disk) holds(path string) bool { return filepath.Dir(path) == d.folder }

func (d *Disk) note(e event) { d.events = append(d.events, e) }

// opened tells which file it is, and notes one that was just made.
func (d *Disk) opened(name string, isNew bool) int {
	if node, known := d.names[name]; known && !isNew {
		return node
	}
	d.nodes++
	d.names[name] = d.nodes
	d.note(event{kind: made, node: d.nodes, name: name})
	return d.nodes
}

func (d *Disk) deleted(name string) {
	d.note(event{kind: removed, name: name})
	delete(d.names, name)
	d.noteFolder()
}

func (d *Disk) syncDone(node int) {
	if !d.lies {
		d.note(event{kind: synced, node: node})
	}
	d.noteFolder()
}

// noteFolder notes that SQLite has synced the folder too.
func (d *Disk) noteFolder() {
	if d.led && !d.lies {
		d.note(event{kind: folderSynced})
	}
	d.led = false
}

func (d *Disk) refuses(op Op, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refusal(op, name)
}

func (d *Disk) refusal(op Op, name string) error {
	if d.refuse == nil {
		return nil
	}
	return d.refuse(op, name)
}

// Folder is the folder that is watched.
func (d *Disk) Folder() string { return d.folder }
