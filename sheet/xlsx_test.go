package sheet_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"tolom/money"
	"tolom/sheet"
)

// opened has another program's reader open a workbook; it gives the name of its only sheet too.
func opened(t testing.TB, body []byte) (*excelize.File, string) {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	if names := book.GetSheetList(); len(names) != 1 {
		t.Fatalf("the workbook has the sheets %q", names)
	}
	return book, book.GetSheetList()[0]
}

func TestAnotherReaderFindsEveryCellOfAWorkbook(t *testing.T) {
	book, name := opened(t, written(t, sheet.XLSX, small()))
	got, err := book.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Көчүрмө"},
		{"Соодагер", "Ала-Тоо"}, {"Башы", "2026-11-24 12:00:00"}, {"Орду", "17"},
		nil,
		{"Убактысы", "Эмне", "Төлөм", "Сумма, сом", "Саны"},
		{"2026-11-24 12:00:00", "Ысык-Көл «Ашкана», өң үң", "pay_1", "123,456.78", "1"},
		{"2026-11-24 12:00:01", "a,\"b\"\nc", "", "-0.05"},
		{"", "", "", "0.00", "2"},
		nil,
		{"Баары", "123,456.73"},
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("the reader has\n%q, want\n%q", got, want)
	}
	for cell, kind := range map[string]excelize.CellType{"A7": excelize.CellTypeUnset, "B7": excelize.CellTypeInlineString, "D7": excelize.CellTypeUnset} {
		if got, err := book.GetCellType(name, cell); err != nil || got != kind {
			t.Errorf("%s is of kind %v, want %v, %v", cell, got, kind, err)
		}
	}
	if raw, err := book.GetCellValue(name, "D7", excelize.Options{RawCellValue: true}); err != nil || raw != "123456.78" {
		t.Errorf("the sum is kept as %q, %v", raw, err)
	}
	if panes, err := book.GetPanes(name); err != nil || !panes.Freeze || panes.YSplit != 6 || panes.TopLeftCell != "A7" {
		t.Errorf("the header does not stay in sight: %+v, %v", panes, err)
	}
	if props, err := book.GetDocProps(); err != nil || props.Title != "Көчүрмө" || props.Language != "ky" {
		t.Errorf("the book says of itself %+v, %v", props, err)
	}
}

// drawText draws texts with all that is hard: letters of Kyrgyz, marks of XML, line ends, characters above 16 bits, and
// what looks like a character's number.
var drawText = rapid.StringOfN(rapid.RuneFrom([]rune("аөүңАӨҮҢ <>&\"'_x0D1\r\n\t=+-@\u00a0\U0001F600")), 1, 40, -1)

// TestWhateverIsWrittenIsReadBack holds any texts, sums, counts and moments to what another reader makes of them.
func TestWhateverIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { // each example opens a workbook
		text := rapid.OneOf(drawText, rapid.Just("_x000D__x005F_"), rapid.String()).Draw(rt, "text")
		sum := money.Amount(rapid.Int64Range(-1_000_000_000_000_000, 1_000_000_000_000_000).Draw(rt, "sum"))
		count := rapid.Int64().Draw(rt, "count")
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(rt, "time"), 0)
		s := small()
		s.Head, s.Rows = nil, all([]sheet.Row{{Cells: []any{at, text, nil, sum, count}, Strong: rapid.Bool().Draw(rt, "strong")}})
		book, name := opened(t, written(t, sheet.XLSX, s))
		for cell, want := range map[string]string{"A4": at.In(bishkek).Format("2006-01-02 15:04:05"), "B4": safe(text), "C4": "", "E4": fmt.Sprint(count)} {
			if got, err := book.GetCellValue(name, cell); err != nil || got != want {
				rt.Fatalf("%s is read as %q, %v; it was %q", cell, got, err, want)
			}
		}
		if got, err := book.GetCellValue(name, "D4", excelize.Options{RawCellValue: true}); err != nil || got != sum.Plain() {
			rt.Fatalf("the sum is read as %q, %v; it was %s", got, err, sum.Plain())
		}
		if formula, err := book.GetCellFormula(name, "B4"); err != nil || formula != "" {
			rt.Fatalf("%q became the formula %q, %v", text, formula, err)
		}
	})
}

// safe is a text as a cell has it: with an apostrophe where it could be run, and boxes for what XML has no place for.
func safe(text string) string {
	if strings.ContainsAny(text[:min(len(text), 1)], "=+-@\t\r\n") || strings.HasPrefix(text, "＝") || strings.HasPrefix(text, "＋") || strings.HasPrefix(text, "－") || strings.HasPrefix(text, "＠") {
		text = "'" + text
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text)
}

func TestATextThatACellCannotHoldIsCut(t *testing.T) {
	for _, letter := range []string{"ү", "a", "\U0001F600"} {
		s := small()
		s.Rows = all([]sheet.Row{{Cells: []any{noon, strings.Repeat(letter, 40_000), "", money.Amount(1), int64(1)}}})
		book, name := opened(t, written(t, sheet.XLSX, s))
		got, err := book.GetCellValue(name, "B7")
		if units := len(utf16.Encode([]rune(got))); err != nil || units > 32_767 || units < 32_766 || strings.Trim(got, letter) != "" {
			t.Errorf("of 40,000 %q the cell has %d code units, %v", letter, units, err)
		}
	}
}

func TestAWideTableHasAllItsColumns(t *testing.T) {
	s, row := small(), sheet.Row{}
	s.Columns = nil
	for n := range 800 {
		s.Columns = append(s.Columns, sheet.Column{Key: fmt.Sprint("c", n), Title: fmt.Sprint("c", n), Kind: sheet.Count})
		row.Cells = append(row.Cells, int64(n))
	}
	s.Rows = all([]sheet.Row{row})
	book, name := opened(t, written(t, sheet.XLSX, s))
	for _, n := range []int{1, 26, 27, 52, 53, 702, 703, 800} {
		cell, err := excelize.CoordinatesToCellName(n, 7)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := book.GetCellValue(name, cell); err != nil || got != fmt.Sprint(n-1) {
			t.Errorf("%s has %q, %v", cell, got, err)
		}
	}
}

// counter counts bytes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// TestAWorkbookIsWrittenInOnePass sees that what came is gone to the reader, and that nothing is put aside in a file.
func TestAWorkbookIsWrittenInOnePass(t *testing.T) {
	t.Setenv("TMPDIR", "/nowhere")
	var gone counter
	s, atLast := many(60_000), counter(0)
	inner := s.Rows
	s.Rows = func(yield func(sheet.Row, error) bool) {
		for row, err := range inner {
			atLast = gone
			if !yield(row, err) {
				return
			}
		}
	}
	if err := sheet.Write(&gone, sheet.XLSX, s); err != nil {
		t.Fatal(err)
	}
	if waited := gone - atLast; waited > 300<<10 {
		t.Errorf("at the last row %d bytes of %d had not gone to the reader", waited, gone)
	}
}
