package archive

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"tolom/store"
)

// backupFormat is what the first line of a backup says.
const backupFormat = "tolom backup 1"

// backupHead is the first line.
type backupHead struct {
	Format string    `json:"format"`
	Schema int64     `json:"schema"` // the last migration
	MadeAt time.Time `json:"made_at"`
	Note   string    `json:"note"`
}

// tableLine announces a table; its rows follow, each a list of the values of the columns.
type tableLine struct {
	Table   string         `json:"table"`
	Columns []backupColumn `json:"columns"`
}

// backupColumn is a column; values of bytes are base64.
type backupColumn struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Made is what was written or read.
type Made struct {
	Digest string // SHA-256 of the lines
	Schema int64
	MadeAt time.Time
	Rows   map[string]int64 // by table
	Bytes  int64            // of the file
}

// All is how many rows there are in all.
func (m Made) All() (n int64) {
	for _, rows := range m.Rows {
		n += rows
	}
	return n
}

// Backup writes everything that a database keeps at one moment, beside whatever is
// going on, into a new file. Secrets stay encrypted as they are kept.
func Backup(ctx context.Context, from store.Copier, path string, now time.Time) (Made, error) {
	made := Made{Schema: store.Version, MadeAt: now.UTC().Truncate(time.Millisecond), Rows: map[string]int64{}}
	err := whole(path, func(to io.Writer) error {
		w := newWriter(to)
		head := backupHead{backupFormat, made.Schema, made.MadeAt, "lines of JSON: a table, then its rows; the last line has the digest of those before"}
		if err := w.line(head); err != nil {
			return err
		}
		sink := &backupSink{ctx: ctx, w: w, rows: made.Rows}
		if err := from.Dump(ctx, sink); err != nil {
			return err
		}
		var err error
		made.Digest, err = w.end()
		return err
	})
	if err != nil {
		return Made{}, fmt.Errorf("archive: backup: %w", err)
	}
	about, err := os.Stat(path)
	if err == nil {
		made.Bytes = about.Size()
	}
	return made, err
}

type backupSink struct {
	ctx   context.Context
	w     *writer
	table string
	rows  map[string]int64
}

func (s *backupSink) Table(t store.CopiedTable) error {
	s.table, s.rows[t.Name] = t.Name, 0
	line := tableLine{Table: t.Name}
	for _, c := range t.Columns {
		line.Columns = append(line.Columns, backupColumn{c.Name, c.Kind})
	}
	return s.w.line(line)
}

func (s *backupSink) Row(values []any) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	for _, value := range values {
		if text, ok := value.(string); ok && !utf8.ValidString(text) {
			return fmt.Errorf("a row of %s has a text that is not UTF-8 and could not be read back as it is", s.table)
		}
	}
	s.rows[s.table]++
	return s.w.line(values) // encoding/json writes bytes as base64.
}

// Inspect reads a backup whole and says what is in it. ErrDamaged.
func Inspect(path string) (Made, error) {
	made := Made{Rows: map[string]int64{}}
	err := readBackup(path, &made, func(table string, _ []backupColumn, rows [][]any) error {
		made.Rows[table] += int64(len(rows))
		return nil
	})
	return made, err
}

// Restore puts a backup into an empty database of either dialect, all of it or nothing.
// The file is read and checked to its end before anything is written. ErrDamaged,
// store.ErrNotEmpty, ErrNewer.
func Restore(ctx context.Context, to store.Copier, path string) (Made, error) {
	made, err := Inspect(path)
	if err != nil {
		return Made{}, err
	}
	if made.Schema > store.Version {
		return Made{}, fmt.Errorf("%w: its schema is %d, this program knows %d", ErrNewer, made.Schema, store.Version)
	}
	digest := made.Digest
	err = to.PutBack(ctx, func(insert store.InsertRows) error {
		again := Made{}
		err := readBackup(path, &again, func(table string, columns []backupColumn, rows [][]any) error {
			names := make([]string, len(columns))
			for i, c := range columns {
				names[i] = c.Name
			}
			return insert(table, names, rows)
		})
		if err == nil && again.Digest != digest {
			err = fmt.Errorf("%w: it was changed while it was read", ErrDamaged)
		}
		return err
	})
	if err != nil {
		return Made{}, fmt.Errorf("archive: restore: %w", err)
	}
	return made, nil
}

// ErrNewer says that a backup was made by a newer program.
var ErrNewer = errors.New("archive: the backup is newer than this program")

// block is how many rows are handed on at a time.
const block = 200

// readBackup reads a backup, and hands its rows on in blocks.
func readBackup(path string, made *Made, each func(table string, columns []backupColumn, rows [][]any) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := backupReader{made: made, each: each}
	if made.Digest, err = read(file, r.line); err != nil {
		return err
	}
	if made.Schema == 0 {
		return fmt.Errorf("%w: it is no backup", ErrDamaged)
	}
	return r.flush()
}

type backupReader struct {
	made  *Made
	each  func(table string, columns []backupColumn, rows [][]any) error
	table tableLine
	rows  [][]any
}

func (r *backupReader) line(line []byte) error {
	if r.made.Schema == 0 {
		var head backupHead
		if err := json.Unmarshal(line, &head); err != nil || head.Format != backupFormat || head.Schema <= 0 {
			return fmt.Errorf("%w: it does not begin as a backup does", ErrDamaged)
		}
		r.made.Schema, r.made.MadeAt = head.Schema, head.MadeAt
		return nil
	}
	if line[0] != '[' {
		if err := r.flush(); err != nil {
			return err
		}
		r.table = tableLine{}
		if err := json.Unmarshal(line, &r.table); err != nil || r.table.Table == "" || len(r.table.Columns) == 0 {
			return fmt.Errorf("%w: a line is neither a table nor a row", ErrDamaged)
		}
		return nil
	}
	row, err := r.row(line)
	if err != nil {
		return err
	}
	if r.rows = append(r.rows, row); len(r.rows) < block {
		return nil
	}
	return r.flush()
}

// row reads the values by what the columns say they are.
func (r *backupReader) row(line []byte) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var row []any
	if err := d.Decode(&row); err != nil || len(row) != len(r.table.Columns) {
		return nil, fmt.Errorf("%w: a row of %q has %d values for %d columns", ErrDamaged, r.table.Table, len(row), len(r.table.Columns))
	}
	for i, c := range r.table.Columns {
		value, err := valueOf(row[i], c.Kind)
		if err != nil {
			return nil, fmt.Errorf("%w: %s.%s: %w", ErrDamaged, r.table.Table, c.Name, err)
		}
		row[i] = value
	}
	return row, nil
}

func valueOf(value any, kind string) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case json.Number:
		if kind == "whole" {
			return v.Int64()
		}
	case string:
		switch kind {
		case "text":
			return v, nil
		case "bytes":
			return base64.StdEncoding.DecodeString(v)
		}
	}
	return nil, fmt.Errorf("a value is no %s", kind)
}

func (r *backupReader) flush() error {
	rows := r.rows
	if r.rows = nil; len(rows) == 0 {
		return nil
	}
	return r.each(r.table.Table, r.table.Columns, rows)
}
