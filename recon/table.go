package recon

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The bounds of a file.
const (
	MaxFileBytes = 8 << 20
	MaxFileRows  = 100_000
)

// FileError says where a file is wrong. Nothing of such a file is taken.
type FileError struct {
	Row   int    // as a text editor counts lines; 0: the file as a whole
	Field string // the column or field; empty when it is the row
	Why   string
}

// Error names the row and what to do.
func (e *FileError) Error() string {
	switch {
	case e.Row == 0:
		return "recon: the file: " + e.Why
	case e.Field == "":
		return fmt.Sprintf("recon: row %d of the file: %s", e.Row, e.Why)
	}
	return fmt.Sprintf("recon: row %d of the file, %s: %s", e.Row, e.Field, e.Why)
}

func wrong(row int, field, format string, args ...any) error {
	return &FileError{row, field, fmt.Sprintf(format, args...)}
}

// row is a line of a table with its place in the file.
type row struct {
	line  int
	cells []string
}

// readTable reads CSV with commas, semicolons or tabs, in UTF-8 or windows-1251, as
// spreadsheets and bank programs write it.
func readTable(raw []byte) ([]row, error) {
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = comma(text)
	reader.FieldsPerRecord = -1 // bank programs write a heading above the table
	reader.LazyQuotes = true    // and quotation marks within names
	var rows []row
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		line, _ := reader.FieldPos(0)
		if err != nil {
			return nil, wrong(max(line, 1), "", "it is no CSV: %v", err)
		}
		if len(rows) == MaxFileRows {
			return nil, wrong(0, "", "it has more than %d rows; send it in parts", MaxFileRows)
		}
		for i := range cells {
			cells[i] = strings.TrimFunc(cells[i], blank)
		}
		rows = append(rows, row{line, cells})
	}
}

func blank(r rune) bool {
	return r == ' ' || r == '\t' || r == '\u00a0' || r == '\u202f' || r == '\r' || r == '\n'
}

// decode gives the text of a file. What is no UTF-8 is read as windows-1251, which
// gives every byte a letter.
func decode(raw []byte) (string, error) {
	if len(raw) > MaxFileBytes {
		return "", wrong(0, "", "it is larger than %d MiB; send it in parts", MaxFileBytes>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		text, err := charmap.Windows1251.NewDecoder().Bytes(raw)
		if err != nil {
			return "", wrong(0, "", "it is neither UTF-8 nor windows-1251: %v", err)
		}
		raw = text
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", wrong(0, "", "it is no text: it holds bytes of value 0")
	}
	return string(raw), nil
}

// comma finds what separates cells: whatever of the three occurs most in the first rows.
func comma(text string) rune {
	head := text[:min(len(text), 4096)]
	best, most := ',', 0
	for _, c := range []rune{';', '\t', ','} {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}
