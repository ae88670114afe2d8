package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"tolom/money"
)

// mostExact is the greatest sum that a spreadsheet, which counts in floating point with fifteen digits, shows to the
// tyiyn. A greater one is written as text rather than rounded.
const mostExact = 1_000_000_000_000_000

// book is a workbook being written. Rows go to a stream that spills to a file beyond sixteen megabytes, and from there
// into the archive, so that the memory does not grow with the rows.
type book struct {
	file   *excelize.File
	stream *excelize.StreamWriter
	zone   *time.Location
	row    int
	styles styles
}

// styles are numbers of styles in the workbook.
type styles struct{ bold, header, money, moment, words, strongMoney int }

func writeXLSX(w io.Writer, s Sheet) (err error) {
	b, err := newBook(s)
	if err != nil {
		return fmt.Errorf("sheet: xlsx: %w", err)
	}
	defer func() {
		if closed := b.file.Close(); err == nil {
			err = closed
		}
	}()
	if err := b.head(s); err != nil {
		return err
	}
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if b.row >= MostInXLSX {
			return ErrTooLong
		}
		if err := b.put(row.Cells, row.Strong); err != nil {
			return err
		}
	}
	b.row++
	if err := b.pairs(s.foot()); err != nil {
		return err
	}
	if err := b.stream.Flush(); err != nil {
		return err
	}
	return b.save(w)
}

// sheetName is that of the only sheet; a title may hold what such a name must not.
const sheetName = "Tölöm"

func newBook(s Sheet) (*book, error) {
	b := &book{file: excelize.NewFile(), zone: s.Zone}
	if err := b.file.SetSheetName("Sheet1", sheetName); err != nil {
		return nil, err
	}
	// The library's times: a fixed one, as the clock would make every copy different.
	err := b.file.SetDocProps(&excelize.DocProperties{Title: s.Title, Creator: sheetName, Language: s.Language,
		Created: "2026-01-01T00:00:00Z", Modified: "2026-01-01T00:00:00Z"})
	if err != nil {
		return nil, err
	}
	if err := b.style(); err != nil {
		return nil, err
	}
	b.stream, err = b.file.NewStreamWriter(sheetName)
	return b, err
}

func (b *book) style() error {
	sum, moment, text := "#,##0.00", "yyyy-mm-dd hh:mm:ss", "@"
	bold := &excelize.Font{Bold: true}
	for _, s := range []struct {
		number *int
		style  excelize.Style
	}{
		{&b.styles.bold, excelize.Style{Font: bold}},
		{&b.styles.header, excelize.Style{Font: bold, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E5E7EB"}},
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&b.styles.money, excelize.Style{CustomNumFmt: &sum}},
		{&b.styles.strongMoney, excelize.Style{CustomNumFmt: &sum, Font: bold}},
		{&b.styles.moment, excelize.Style{CustomNumFmt: &moment}},
		{&b.styles.words, excelize.Style{CustomNumFmt: &text}},
	} {
		number, err := b.file.NewStyle(&s.style)
		if err != nil {
			return err
		}
		*s.number = number
	}
	return nil
}

// head writes what the sheet is of and the header of the rows, which stays in sight.
func (b *book) head(s Sheet) error {
	for i, c := range s.Columns {
		if err := b.stream.SetColWidth(i+1, i+1, widthOf(c)); err != nil {
			return err
		}
	}
	header := len(s.Head) + 3
	corner, err := excelize.CoordinatesToCellName(1, header+1)
	if err != nil {
		return err
	}
	if err := b.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: header, TopLeftCell: corner, ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := b.put([]any{s.Title}, true); err != nil {
		return err
	}
	if err := b.pairs(s.Head); err != nil {
		return err
	}
	b.row = header - 1
	titles := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		titles[i] = excelize.Cell{StyleID: b.styles.header, Value: harmless(c.Title)}
	}
	return b.write(titles)
}

// widthOf is a column's width in characters.
func widthOf(c Column) float64 {
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

func (b *book) pairs(pairs []Pair) error {
	for _, p := range pairs {
		if err := b.put([]any{p.Title, p.Value}, false); err != nil {
			return err
		}
	}
	return nil
}

// put writes one row of cells.
func (b *book) put(cells []any, strong bool) error {
	values := make([]any, len(cells))
	for i, cell := range cells {
		values[i] = b.cell(cell, strong)
	}
	return b.write(values)
}

func (b *book) write(values []any) error {
	b.row++
	at, err := excelize.CoordinatesToCellName(1, b.row)
	if err != nil {
		return err
	}
	return b.stream.SetRow(at, values)
}

// cell is a cell as the library takes it. Texts are stored as texts, never as formulas; the apostrophe is for those who
// save the sheet as CSV.
func (b *book) cell(cell any, strong bool) any {
	pick := func(usual, bold int) int {
		if strong {
			return bold
		}
		return usual
	}
	switch v := cell.(type) {
	case Term:
		return b.cell(v.Text, strong)
	case string:
		if v == "" {
			return nil
		}
		return excelize.Cell{StyleID: pick(b.styles.words, b.styles.bold), Value: harmless(v)}
	case money.Amount:
		if v > mostExact || v < -mostExact {
			return excelize.Cell{StyleID: pick(b.styles.words, b.styles.bold), Value: v.Plain()}
		}
		return excelize.Cell{StyleID: pick(b.styles.money, b.styles.strongMoney), Value: float64(v) / 100}
	case time.Time:
		if v.IsZero() {
			return nil
		}
		local := v.In(b.zone)
		wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
		return excelize.Cell{StyleID: b.styles.moment, Value: wall}
	}
	return cell
}

// save writes the archive straight to w: the library's own way would hold all of it in memory first.
func (b *book) save(w io.Writer) error {
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	_, err := b.file.WriteTo(io.Discard)
	return err
}
