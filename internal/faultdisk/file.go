package faultdisk

import (
	"bytes"
	"unsafe"

	"modernc.org/libc"
	sqlite "modernc.org/sqlite/lib"
)

func xClose(tls *libc.TLS, file uintptr) int32 {
	h := handleOf(file)
	rc := called[closeFunc](h.t.theirs.FxClose)(tls, file)
	layer.mu.Lock()
	defer layer.mu.Unlock()
	delete(layer.files, file)
	return rc
}

func xRead(tls *libc.TLS, file, buffer uintptr, count int32, offset int64) int32 {
	h := handleOf(file)
	if h.disk.refuses(Read, h.name) != nil {
		return sqlite.SQLITE_IOERR_READ
	}
	return called[readFunc](h.t.theirs.FxRead)(tls, file, buffer, count, offset)
}

// xWrite refuses as a full disk does, with half of the bytes written, or as a broken one.
func xWrite(tls *libc.TLS, file, buffer uintptr, count int32, offset int64) int32 {
	h, write := handleOf(file), called[readFunc](handleOf(file).t.theirs.FxWrite)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	err := h.disk.refusal(Write, h.name)
	if err != nil {
		count /= 2
	}
	if count > 0 {
		if rc := write(tls, file, buffer, count, offset); rc != sqlite.SQLITE_OK {
			return rc
		}
		data := unsafe.Slice(at[byte](buffer), count)
		h.disk.note(event{kind: wrote, node: h.node, at: offset, data: bytes.Clone(data)})
	}
	switch err {
	case nil:
		return sqlite.SQLITE_OK
	case ErrFull:
		return sqlite.SQLITE_FULL
	}
	return sqlite.SQLITE_IOERR_WRITE
}

func xTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	h := handleOf(file)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.refusal(Write, h.name) != nil {
		return sqlite.SQLITE_IOERR_TRUNCATE
	}
	rc := called[truncateFunc](h.t.theirs.FxTruncate)(tls, file, size)
	if rc == sqlite.SQLITE_OK {
		h.disk.note(event{kind: sized, node: h.node, at: size})
	}
	return rc
}

func xSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	h := handleOf(file)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.refusal(Sync, h.name) != nil {
		h.disk.note(event{kind: syncFailed, node: h.node})
		return sqlite.SQLITE_IOERR_FSYNC
	}
	h.disk.led = false
	rc := called[syncFunc](h.t.theirs.FxSync)(tls, file, flags)
	if rc == sqlite.SQLITE_OK {
		h.disk.syncDone(h.node)
	}
	return rc
}
