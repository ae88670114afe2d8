package sheet

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tolom/money"
)

// The bounds of a cell. A spreadsheet counts in floating point with fifteen digits, so a greater sum is written as text
// rather than rounded, and it refuses a file with a longer text.
const (
	mostExact     = 1_000_000_000_000_000 // in units of the last digit that is shown
	longestInCell = 32_767                // code units of UTF-16
)

// book is a workbook being written. It is one pass: a row goes into the compressor when it comes, and what is compressed
// goes on to the reader. Nothing of it is kept, in memory or in a file.
type book struct {
	cells
	row int
}

func writeXLSX(w io.Writer, s Sheet) error {
	archive := zip.NewWriter(w)
	if err := writeParts(archive, s); err != nil {
		return fmt.Errorf("sheet: xlsx: %w", err)
	}
	part, err := archive.Create(sheetPart) // without a time: a clock would make every copy different
	if err != nil {
		return fmt.Errorf("sheet: xlsx: %w", err)
	}
	b := &book{cells: cells{w: bufio.NewWriterSize(part, 1<<16), zone: s.Zone}}
	if err := b.all(s); err != nil {
		return err
	}
	if err := b.w.Flush(); err != nil {
		return fmt.Errorf("sheet: xlsx: %w", err)
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("sheet: xlsx: %w", err)
	}
	return nil
}

// all writes the sheet's own part. The writer keeps its first error and tells it at the next flush.
func (b *book) all(s Sheet) error {
	b.head(s)
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if b.row >= MostInXLSX {
			return ErrTooLong
		}
		if err := b.put(row.Cells, row.Strong); err != nil {
			return fmt.Errorf("sheet: xlsx: %w", err)
		}
	}
	b.row++
	if err := b.pairs(s.foot()); err != nil {
		return fmt.Errorf("sheet: xlsx: %w", err)
	}
	b.text(`</sheetData>` + closing(sheetElement))
	return nil
}

// head writes what the sheet is of and the header of the rows, which stays in sight.
func (b *book) head(s Sheet) {
	header := len(s.Head) + 3
	b.text(xmlHead + `<` + sheetElement + ` xmlns="` + mainSpace + `"><sheetViews><sheetView workbookViewId="0"><pane ySplit="` + strconv.Itoa(header) +
		`" topLeftCell="A` + strconv.Itoa(header+1) + `" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	if len(s.Columns) > 0 {
		b.text(`<cols>`)
		for i, c := range s.Columns {
			at := strconv.Itoa(i + 1)
			b.text(`<col min="` + at + `" max="` + at + `" width="` + strconv.Itoa(widthOf(c)) + `" customWidth="1"/>`)
		}
		b.text(`</cols>`)
	}
	b.text(`<sheetData>`)
	b.put([]any{s.Title}, true) // its error is that of the writer, which is told at the end
	b.pairs(s.Head)
	b.row = header - 1
	b.begin()
	for i, c := range s.Columns {
		b.words(i, b.row, styleHeader, c.Title)
	}
	b.text(`</row>`)
}

// widthOf is a column's width in characters.
func widthOf(c Column) int {
	switch c.Kind {
	case Money, Count:
		return 15
	case Moment:
		return 20
	}
	if c.Width == 0 {
		return 33 // an id
	}
	return 22
}

func (b *book) pairs(pairs []Pair) (err error) {
	for _, p := range pairs {
		err = b.put([]any{p.Title, p.Value}, false)
	}
	return err
}

func (b *book) begin() {
	b.row++
	b.text(`<row r="` + strconv.Itoa(b.row) + `">`)
}

// put writes one row of cells. Its error is that of everything that was written so far.
func (b *book) put(values []any, strong bool) error {
	b.begin()
	for i, v := range values {
		b.cell(i, b.row, v, strong)
	}
	_, err := b.w.WriteString(`</row>`)
	return err
}

// cells writes cells as the format has them.
type cells struct {
	w    *bufio.Writer
	zone *time.Location
}

func (c cells) text(text string) { c.w.WriteString(text) }

func (c cells) cell(column, row int, value any, strong bool) {
	words, sums := styleWords, styleMoney
	if strong {
		words, sums = styleBold, styleStrongMoney
	}
	switch v := value.(type) {
	case nil:
	case Term:
		c.words(column, row, words, v.Text)
	case string:
		c.words(column, row, words, v)
	case money.Amount:
		if v > mostExact || v < -mostExact {
			c.inline(column, row, words, v.Plain())
			return
		}
		c.number(column, row, sums, v.Plain())
	case int64:
		if v >= mostExact || v <= -mostExact {
			c.inline(column, row, words, strconv.FormatInt(v, 10))
			return
		}
		c.number(column, row, 0, strconv.FormatInt(v, 10))
	case time.Time:
		if !v.IsZero() {
			c.number(column, row, styleMoment, serial(v.In(c.zone)))
		}
	default:
		c.words(column, row, words, fmt.Sprint(v))
	}
}

// serial is a moment as spreadsheets count it: days since the end of 1899 by the clock on the wall, whole seconds.
func serial(local time.Time) string {
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	days := float64(wall.Unix()-time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()) / (24 * 60 * 60)
	return strconv.FormatFloat(days, 'f', -1, 64)
}

// number writes a cell with a number; style 0 is the usual one.
func (c cells) number(column, row, style int, number string) {
	c.open(column, row, style)
	c.text(`><v>` + number + `</v></c>`)
}

// words writes a cell with a text, which no program takes for a formula: the format says what it is, and the apostrophe
// is for those who save the sheet as CSV.
func (c cells) words(column, row, style int, text string) {
	if text != "" {
		c.inline(column, row, style, shortened(harmless(text)))
	}
}

func (c cells) inline(column, row, style int, text string) {
	c.open(column, row, style)
	c.text(` t="inlineStr"><is><t xml:space="preserve">`)
	c.text(escaped(text))
	c.text(`</t></is></c>`)
}

func (c cells) open(column, row, style int) {
	c.text(`<c r="` + columnName(column) + strconv.Itoa(row) + `"`)
	if style > 0 {
		c.text(` s="` + strconv.Itoa(style) + `"`)
	}
}

// columnName is A for 0, Z for 25, AA for 26.
func columnName(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return columnName(n/26-1) + string(rune('A'+n%26))
}

// shortened keeps as much of a text as a cell may hold.
func shortened(text string) string {
	if len(text) <= longestInCell { // no text has more code units than bytes
		return text
	}
	units := 0
	for i, r := range text {
		if units++; r > 0xFFFF {
			units++
		}
		if units > longestInCell {
			return text[:i]
		}
	}
	return text
}

// escaped is a text within XML. What XML has no place for becomes a question mark in a box, and an underscore that a
// spreadsheet would read as the beginning of a character's number is written as the number of an underscore.
func escaped(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\r':
			b.WriteString("_x000D_") // a reader of XML would make a line end of it
		case r == '_' && isCharacterNumber(text[i:]):
			b.WriteString("_x005F_")
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isCharacterNumber says that a text begins as _x000D_ does.
func isCharacterNumber(text string) bool {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return false
	}
	return strings.Trim(text[2:6], "0123456789abcdefABCDEF") == ""
}
