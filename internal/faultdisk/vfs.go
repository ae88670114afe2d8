package faultdisk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite "modernc.org/sqlite/lib"
)

// The layer is a copy of SQLite's own layer for Unix in which a few functions are
// ours. Each of ours does its part and calls the one that it stands for. What it
// does not stand for, such as locks and the shared memory of the write-ahead log,
// is SQLite's own.
var layer struct {
	once     sync.Once
	failed   error
	unix     *sqlite.Tsqlite3_vfs
	tls      *libc.TLS // kept, as the layer is
	openDir  uintptr   // of SQLite's own; it is called to sync a folder
	mu       sync.Mutex
	tables   map[uintptr]*table // by the address of SQLite's own table of methods
	files    map[uintptr]*handle
	watching []*Disk
}

// table is SQLite's methods for a kind of file, and the address of ours in their place.
type table struct {
	theirs sqlite.Tsqlite3_io_methods
	ours   uintptr
}

// handle is an open file of a watched folder.
type handle struct {
	disk *Disk
	node int // which file it is, whatever its name is now
	name string
	t    *table
}

// at gives what is kept at an address of SQLite's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// placed copies a value to where SQLite may keep its address: to memory of its own kind.
func placed[T any](value T) (address uintptr, err error) {
	address = libc.Xmalloc(layer.tls, types.Size_t(unsafe.Sizeof(value)))
	if address == 0 {
		return 0, errors.New("faultdisk: no memory")
	}
	*at[T](address) = value
	return address, nil
}

// called gives the function whose address is kept in a table.
func called[F any](pointer uintptr) F { return *(*F)(unsafe.Pointer(&pointer)) }

// pointer is the address by which a table names a function of ours, which must be a
// function of this package and no closure: nobody else keeps it.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

type (
	openFunc     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, name uintptr, syncFolder int32) int32
	closeFunc    = func(tls *libc.TLS, file uintptr) int32
	readFunc     = func(tls *libc.TLS, file, buffer uintptr, count int32, offset int64) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
	folderFunc   = func(tls *libc.TLS, name, out uintptr) int32
	callFunc     = func(tls *libc.TLS, vfs, name uintptr) uintptr
	setCallFunc  = func(tls *libc.TLS, vfs, name, function uintptr) int32
)

// install makes the layer the default one.
func install() error {
	layer.once.Do(func() { layer.failed = installOnce() })
	return layer.failed
}

func installOnce() error {
	layer.tls = libc.NewTLS()
	layer.tables, layer.files = map[uintptr]*table{}, map[uintptr]*handle{}
	unix, err := libc.CString("unix")
	if err != nil {
		return err
	}
	name, err := libc.CString("faultdisk")
	if err != nil {
		return err
	}
	found := sqlite.Xsqlite3_vfs_find(layer.tls, unix)
	if found == 0 {
		return fmt.Errorf("faultdisk: SQLite has no layer for Unix here")
	}
	layer.unix = at[sqlite.Tsqlite3_vfs](found)
	own := *layer.unix
	own.FpNext, own.FzName = 0, name
	own.FxOpen, own.FxDelete = pointer(openFunc(xOpen)), pointer(deleteFunc(xDelete))
	address, err := placed(own)
	if err != nil {
		return err
	}
	call, err := libc.CString("openDirectory")
	if err != nil {
		return err
	}
	layer.openDir = called[callFunc](layer.unix.FxGetSystemCall)(layer.tls, found, call)
	if rc := called[setCallFunc](layer.unix.FxSetSystemCall)(layer.tls, found, call, pointer(folderFunc(openDirectory))); layer.openDir == 0 || rc != sqlite.SQLITE_OK {
		return fmt.Errorf("faultdisk: SQLite does not tell when it syncs a folder (%d)", rc)
	}
	if rc := sqlite.Xsqlite3_vfs_register(layer.tls, address, 1); rc != sqlite.SQLITE_OK {
		return fmt.Errorf("faultdisk: SQLite does not take the layer: %d", rc)
	}
	return nil
}

// diskOf finds the watched folder that a path lies in.
func diskOf(path string) *Disk {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	for _, d := range layer.watching {
		if d.holds(path) {
			return d
		}
	}
	return nil
}

func handleOf(file uintptr) *handle {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	return layer.files[file]
}

func xOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	open := called[openFunc](layer.unix.FxOpen)
	if name == 0 {
		return open(tls, vfs, name, file, flags, out)
	}
	path := libc.GoString(name)
	d := diskOf(path)
	if d == nil {
		return open(tls, vfs, name, file, flags, out)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := os.Stat(path)
	isNew := os.IsNotExist(err)
	if rc := open(tls, vfs, name, file, flags, out); rc != sqlite.SQLITE_OK {
		return rc
	}
	layer.mu.Lock()
	defer layer.mu.Unlock()
	methods := at[uintptr](file)
	t := tableOf(*methods)
	if t == nil {
		return sqlite.SQLITE_NOMEM
	}
	layer.files[file] = &handle{disk: d, node: d.opened(filepath.Base(path), isNew), name: filepath.Base(path), t: t}
	*methods = t.ours
	return sqlite.SQLITE_OK
}

// tableOf gives the table that stands for one of SQLite's; nil when there is no memory for it.
func tableOf(theirs uintptr) *table {
	if t := layer.tables[theirs]; t != nil {
		return t
	}
	t := &table{theirs: *at[sqlite.Tsqlite3_io_methods](theirs)}
	own := t.theirs
	own.FxClose = pointer(closeFunc(xClose))
	own.FxRead = pointer(readFunc(xRead))
	own.FxWrite = pointer(readFunc(xWrite))
	own.FxTruncate = pointer(truncateFunc(xTruncate))
	own.FxSync = pointer(syncFunc(xSync))
	var err error
	if t.ours, err = placed(own); err != nil {
		return nil
	}
	layer.tables[theirs] = t
	return t
}

func xDelete(tls *libc.TLS, vfs, name uintptr, syncFolder int32) int32 {
	remove := called[deleteFunc](layer.unix.FxDelete)
	path := libc.GoString(name)
	d := diskOf(path)
	if d == nil {
		return remove(tls, vfs, name, syncFolder)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.led = false
	rc := remove(tls, vfs, name, syncFolder)
	if rc == sqlite.SQLITE_OK {
		d.deleted(filepath.Base(path))
	}
	return rc
}

// openDirectory is called by SQLite's own functions when they sync a folder, which
// happens only within xSync and xDelete: the disk is locked by them.
func openDirectory(tls *libc.TLS, name, out uintptr) int32 {
	if d := diskOf(libc.GoString(name)); d != nil {
		d.led = true
	}
	return called[folderFunc](layer.openDir)(tls, name, out)
}
