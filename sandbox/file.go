package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// File is a journal in a file, a line a record: eight hexadecimal digits of CRC-32, a space, the record as JSON. A
// record is on disk (fsync) before Append returns.
type File struct {
	mu   sync.Mutex
	path string
	file *os.File
}

// ErrDamaged says that a journal is not what the bank wrote.
var ErrDamaged = errors.New("sandbox: the journal is damaged")

// OpenFile opens a journal, or begins one. What a crash left of a last record that was never confirmed is cut off;
// damage anywhere else is refused with the number of the line, and the file stays as it is.
func OpenFile(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sandbox: open the journal: %w", err)
	}
	j := &File{path: path, file: file}
	whole, err := j.scan(func([]byte) error { return nil })
	if err == nil {
		err = j.cut(whole)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return j, nil
}

// cut shortens the file to its whole records and makes that, and the file's name, durable.
func (j *File) cut(whole int64) error {
	if err := j.file.Truncate(whole); err != nil {
		return fmt.Errorf("sandbox: cut the journal: %w", err)
	}
	if _, err := j.file.Seek(whole, io.SeekStart); err != nil {
		return fmt.Errorf("sandbox: cut the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sandbox: cut the journal: %w", err)
	}
	folder, err := os.Open(filepath.Dir(j.path))
	if err != nil {
		return fmt.Errorf("sandbox: open the journal's folder: %w", err)
	}
	defer folder.Close()
	// Some file systems cannot sync a folder; they keep the name anyway.
	_ = folder.Sync()
	return nil
}

// scan reads the whole records and returns how many bytes they take.
func (j *File) scan(each func(record []byte) error) (whole int64, err error) {
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("sandbox: read the journal: %w", err)
	}
	reader := bufio.NewReader(j.file)
	for line := 1; ; line++ {
		text, err := reader.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("sandbox: read the journal: %w", err)
		}
		record, good := unpacked(text)
		if !good {
			return whole, j.torn(line, reader)
		}
		if err := each(record); err != nil {
			return 0, err
		}
		whole += int64(len(text))
	}
}

// torn accepts a bad record only where a crash can leave one: at the very end.
func (j *File) torn(line int, rest *bufio.Reader) error {
	if _, err := rest.Peek(1); errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("%w: %s, line %d is not a record, and more follows; restore the file from a copy", ErrDamaged, j.path, line)
}

// packed makes the line of a record.
func packed(record []byte) []byte {
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(record), record)
}

// unpacked reads a line; good is false unless it is whole, newline included.
func unpacked(line []byte) (record []byte, good bool) {
	sum, record, found := bytes.Cut(line, []byte(" "))
	if !found || len(sum) != 8 || !bytes.HasSuffix(record, []byte("\n")) {
		return nil, false
	}
	record = record[:len(record)-1]
	want, err := strconv.ParseUint(string(sum), 16, 32)
	return record, err == nil && uint32(want) == crc32.ChecksumIEEE(record) && json.Valid(record)
}

// Replay hands over all records.
func (j *File) Replay(each func(record []byte) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	whole, err := j.scan(each)
	if err != nil {
		return err
	}
	_, err = j.file.Seek(whole, io.SeekStart)
	return err
}

// Append writes a record and waits until it is on disk. A record holds no line break: JSON escapes them.
func (j *File) Append(record []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(packed(record)); err != nil {
		return fmt.Errorf("sandbox: write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sandbox: write the journal: %w", err)
	}
	return nil
}

// Close closes the file.
func (j *File) Close() error { return j.file.Close() }
