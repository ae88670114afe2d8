package sheet_test

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tolom/money"
	"tolom/sheet"
)

// longFiles gives the paths of a workbook and of a CSV of the same rows: those that the environment names, which
// `make report-million` does, or short ones.
func longFiles(t *testing.T) (workbook, table string) {
	t.Helper()
	if workbook, table = os.Getenv("TOLOM_WORKBOOK"), os.Getenv("TOLOM_TABLE"); workbook != "" && table != "" {
		return workbook, table
	}
	folder := t.TempDir()
	for f, path := range map[sheet.Format]*string{sheet.XLSX: &workbook, sheet.CSV: &table} {
		*path = filepath.Join(folder, "rows."+f.Ending())
		if err := os.WriteFile(*path, written(t, f, many(5_000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return workbook, table
}

// TestAnotherReaderCountsTheSameAsTheTable reads a workbook with another program's reader, row by row, and holds its
// sums to those of the CSV: each row's, to the tyiyn.
func TestAnotherReaderCountsTheSameAsTheTable(t *testing.T) {
	workbook, path := longFiles(t)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table := csv.NewReader(file)
	keys, err := table.Read()
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, workbook, len(keys))
	count, sum := 0, money.Amount(0)
	for {
		want, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got := rows()
		for i, key := range keys {
			if !strings.HasSuffix(key, "_som") {
				continue
			}
			if cell := tyiyn(t, got[i]); cell != tyiyn(t, want[i]) {
				t.Fatalf("row %d, %s: the workbook has %q, the CSV %q", count+1, key, got[i], want[i])
			}
			sum += tyiyn(t, want[i])
		}
		count++
	}
	if after := rows(); strings.Join(after, "") != "" {
		t.Errorf("after the rows of the CSV the workbook goes on with %q", after)
	}
	if count == 0 || sum == 0 {
		t.Errorf("%d rows that sum to %d", count, sum)
	}
	t.Logf("%d rows of %d columns are the same in both; their sums come to %s som", count, len(keys), sum.Plain())
}

// rowsOf gives the rows behind the header one by one, each with its raw cells.
func rowsOf(t *testing.T, path string, columns int) func() []string {
	t.Helper()
	book, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	rows, err := book.Rows(book.GetSheetList()[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	next := func() []string {
		if !rows.Next() {
			t.Fatal("the workbook has ended")
		}
		cells, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return append(cells, make([]string, columns)...)
	}
	for len(strings.Join(next(), "")) > 0 { // title and head, up to the empty row
	}
	next() // the header
	return next
}

func tyiyn(t *testing.T, text string) money.Amount {
	t.Helper()
	whole, part, _ := strings.Cut(text, ".")
	if whole == "" {
		return 0
	}
	var sum money.Amount
	for _, digit := range strings.TrimPrefix(whole, "-") + (part + "00")[:2] {
		if digit < '0' || digit > '9' || len(part) > 2 {
			t.Fatalf("%q is no sum", text)
		}
		sum = sum*10 + money.Amount(digit-'0')
	}
	if strings.HasPrefix(whole, "-") {
		return -sum
	}
	return sum
}
