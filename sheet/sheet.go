// Package sheet writes a table, row by row, as CSV, JSON, XLSX or PDF. It knows
// nothing of money but how it is written, keeps no row longer than it takes to
// write it, and gives equal bytes for equal rows: no clock, no chance and no order
// of a map is in any of the formats. Texts come translated.
package sheet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what the cells of a column are.
type Kind string

// The kinds, with the Go type of their cells. Any cell may be nil, which is empty.
const (
	Words  Kind = "words"  // string or Term
	Money  Kind = "money"  // money.Amount, tyiyn
	Count  Kind = "count"  // int64
	Moment Kind = "moment" // time.Time, shown by the clock of the sheet's Zone
)

// Column is one column of a table.
type Column struct {
	Key   string // what programs call it: in the header of CSV and in JSON
	Title string // what people call it, in their language
	Kind  Kind
	// Width is the share of a page that the column takes on paper; 0 leaves it out there, for ids and the like.
	Width float64
}

// Term is a cell of a column of words that is one of a few: programs get its code, which stays, people its text.
type Term struct{ Code, Text string }

// Row is one row; it has a cell for each column.
type Row struct {
	Cells  []any
	Strong bool // a heading or a sum among the rows
}

// Pair is a fact about the whole table: the head says what it is of, the foot what it sums to.
type Pair struct {
	Key, Title string
	Value      any // as a cell
}

// Sheet is a table with what stands before and after it.
type Sheet struct {
	Title    string
	Language string // "ky", "ru" or "en"
	Head     []Pair
	Columns  []Column
	Rows     iter.Seq2[Row, error] // an error ends the writing and is returned
	Foot     func() []Pair         // asked after the last row
	Zone     *time.Location
	// Page is the word before the number of a page.
	Page string
}

// Format is a kind of file.
type Format string

// The formats. BOM is CSV with a byte order mark, without which some spreadsheets take the letters for another alphabet.
const (
	CSV  Format = "csv"
	BOM  Format = "csv-bom"
	JSON Format = "json"
	XLSX Format = "xlsx"
	PDF  Format = "pdf"
)

// MediaType is what a server calls the format.
func (f Format) MediaType() string {
	switch f {
	case CSV, BOM:
		return "text/csv; charset=utf-8; header=present"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case PDF:
		return "application/pdf"
	}
	return "application/json"
}

// Ending is what the name of a file of the format ends with.
func (f Format) Ending() string {
	if f == BOM {
		return "csv"
	}
	return string(f)
}

// The limits of formats. Whoever meets one chooses another format or a shorter time.
const (
	MostInXLSX = 1_048_000 // rows; a sheet of a spreadsheet holds 1,048,576
	MostOnPDF  = 20_000    // rows; some six hundred pages, kept in memory while they are laid out
)

var (
	// ErrTooLong says that there are more rows than the format holds.
	ErrTooLong = errors.New("sheet: more rows than the format holds: take CSV or JSON, or a shorter time")
	// ErrFormat says that there is no such format.
	ErrFormat = errors.New("sheet: the formats are csv, csv-bom, json, xlsx and pdf")
)

// Write writes the sheet in a format.
func Write(w io.Writer, f Format, s Sheet) error {
	switch f {
	case CSV:
		return writeCSV(w, s, false)
	case BOM:
		return writeCSV(w, s, true)
	case JSON:
		return writeJSON(w, s)
	case XLSX:
		return writeXLSX(w, s)
	case PDF:
		return writePDF(w, s)
	}
	return fmt.Errorf("%w, not %q", ErrFormat, f)
}

// Known says whether there is such a format.
func (f Format) Known() bool {
	switch f {
	case CSV, BOM, JSON, XLSX, PDF:
		return true
	}
	return false
}

// harmless keeps a spreadsheet that opens the file from running a text as a formula: one that begins with a character
// that may start a formula gets an apostrophe before it. So does one that begins with a line end or a tab, which
// some programs drop before they look, and one with the wide form of such a character, which some read as the narrow one.
func harmless(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// foot asks for what stands behind the rows.
func (s Sheet) foot() []Pair {
	if s.Foot == nil {
		return nil
	}
	return s.Foot()
}
