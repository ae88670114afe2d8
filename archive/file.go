package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrDamaged says that a file is cut off, was changed, or is none of ours. Nothing of it
// was used.
var ErrDamaged = errors.New("archive: the file is damaged or incomplete")

// maxLine bounds a line; the longest row is a request with all of its fields.
const maxLine = 16 << 20

// ending is the last line of every file.
type ending struct {
	End struct {
		Lines  int64  `json:"lines"`  // before this one
		SHA256 string `json:"sha256"` // of these, with their line ends
	} `json:"end"`
}

// writer writes lines and their digest.
type writer struct {
	to    *gzip.Writer
	sum   hash.Hash
	lines int64
}

func newWriter(to io.Writer) *writer {
	z, _ := gzip.NewWriterLevel(to, gzip.BestSpeed) // The level is a known one.
	return &writer{to: z, sum: sha256.New()}
}

func (w *writer) line(value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return err
	}
	w.lines++
	w.sum.Write(b.Bytes())
	_, err := w.to.Write(b.Bytes())
	return err
}

// end writes the last line and gives the digest.
func (w *writer) end() (digest string, err error) {
	var e ending
	e.End.Lines, e.End.SHA256 = w.lines, hex.EncodeToString(w.sum.Sum(nil))
	text, err := json.Marshal(e)
	if err == nil {
		_, err = w.to.Write(append(text, '\n'))
	}
	return e.End.SHA256, errors.Join(err, w.to.Close())
}

// endMark begins the last line, and no other.
var endMark = []byte(`{"end":`)

// read calls each for every line but the last, and checks what the last says: a caller
// that must not act on half a file reads it twice. The line is overwritten by the next.
func read(from io.Reader, each func(line []byte) error) (digest string, err error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(from, 1<<20))
	if err != nil {
		return "", errors.Join(ErrDamaged, err)
	}
	in, sum, lines := bufio.NewReaderSize(z, 1<<20), sha256.New(), int64(0)
	var line []byte
	for {
		if line, err = next(in, line[:0]); err != nil {
			return "", errors.Join(ErrDamaged, err)
		}
		if bytes.HasPrefix(line, endMark) {
			break
		}
		lines++
		sum.Write(line)
		if err := each(line); err != nil {
			return "", err
		}
	}
	var e ending
	digest = hex.EncodeToString(sum.Sum(nil))
	if err := json.Unmarshal(line, &e); err != nil || e.End.Lines != lines || e.End.SHA256 != digest {
		return "", fmt.Errorf("%w: its lines are not those that its end speaks of", ErrDamaged)
	}
	// What follows the end, or is behind a wrong checksum, is no part of a file of ours.
	if n, err := io.Copy(io.Discard, in); n > 0 || err != nil {
		return "", errors.Join(ErrDamaged, err)
	}
	return digest, nil
}

// next reads a line with its end into a buffer.
func next(in *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return line, err
		case len(line) > maxLine:
			return line, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
	}
}

// whole writes a file that is there whole or not at all: what was begun and not ended
// has another name. A file that is there already is not touched.
func whole(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("archive: %s is there already: %w", path, fs.ErrExist)
	}
	part, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, part.Close(), os.Remove(part.Name()))
		}
	}()
	out := bufio.NewWriterSize(part, 1<<20)
	if err := write(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	if err := os.Link(part.Name(), path); err != nil { // Unlike a rename it replaces nothing.
		return err
	}
	if err := os.Remove(part.Name()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
