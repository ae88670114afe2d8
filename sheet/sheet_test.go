package sheet_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tolom/money"
	"tolom/sheet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// noon is a moment of these sheets.
var noon = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// formats are all there are.
var formats = []sheet.Format{sheet.CSV, sheet.BOM, sheet.JSON, sheet.XLSX, sheet.PDF}

// small is a sheet with a row of each kind there is.
func small() sheet.Sheet {
	rows := []sheet.Row{
		{Cells: []any{noon, "Ысык-Көл «Ашкана», өң үң", "pay_1", money.Amount(123_456_78), int64(1)}},
		{Cells: []any{noon.Add(time.Second), "a,\"b\"\nc", "", money.Amount(-5), nil}},
		{Cells: []any{time.Time{}, "", nil, money.Amount(0), int64(2)}, Strong: true},
	}
	return sheet.Sheet{
		Title: "Көчүрмө", Language: "ky", Zone: bishkek, Page: "Бет",
		Head: []sheet.Pair{{Key: "merchant", Title: "Соодагер", Value: "Ала-Тоо"}, {Key: "from", Title: "Башы", Value: noon}, {Key: "position", Title: "Орду", Value: int64(17)}},
		Columns: []sheet.Column{
			{Key: "time", Title: "Убактысы", Kind: sheet.Moment, Width: 3}, {Key: "what", Title: "Эмне", Kind: sheet.Words, Width: 5},
			{Key: "payment_id", Title: "Төлөм", Kind: sheet.Words}, {Key: "amount", Title: "Сумма, сом", Kind: sheet.Money, Width: 2},
			{Key: "count", Title: "Саны", Kind: sheet.Count, Width: 1},
		},
		Rows: all(rows),
		Foot: func() []sheet.Pair {
			return []sheet.Pair{{Key: "sum", Title: "Баары", Value: money.Amount(123_456_73)}}
		},
	}
}

func all(rows []sheet.Row) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func written(t *testing.T, f sheet.Format, s sheet.Sheet) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.Write(&b, f, s); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return b.Bytes()
}

func TestEveryFormatIsWrittenAsItWas(t *testing.T) {
	for _, f := range formats {
		t.Run(string(f), func(t *testing.T) {
			golden(t, "small."+string(f), written(t, f, small()))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is another file now (%d bytes, it has %d): look at it, then run with -update", path, len(got), len(want))
	}
}

func TestEqualRowsGiveEqualBytes(t *testing.T) {
	for _, f := range formats {
		first := written(t, f, small())
		for range 5 {
			if !bytes.Equal(first, written(t, f, small())) {
				t.Fatalf("%s: equal rows gave other bytes", f)
			}
		}
	}
}

func TestAFailureAmongTheRowsIsTheFailureOfTheFile(t *testing.T) {
	broken := errors.New("the database went away")
	for _, f := range formats {
		s := small()
		s.Rows = func(yield func(sheet.Row, error) bool) {
			if yield(sheet.Row{Cells: []any{noon, "x", "y", money.Amount(1), int64(1)}}, nil) {
				yield(sheet.Row{}, broken)
			}
		}
		if err := sheet.Write(io.Discard, f, s); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", f, err)
		}
		if err := sheet.Write(full{}, f, small()); !errors.Is(err, errFull) {
			t.Errorf("%s: on a full disk: error %v", f, err)
		}
	}
	if err := sheet.Write(io.Discard, "doc", small()); !errors.Is(err, sheet.ErrFormat) {
		t.Errorf("an unknown format: error %v", err)
	}
}

var errFull = errors.New("the disk is full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// many gives n rows, and what they cost.
func many(n int) sheet.Sheet {
	s := small()
	s.Rows = func(yield func(sheet.Row, error) bool) {
		for i := range n {
			at := noon.Add(time.Duration(i) * time.Second)
			if !yield(sheet.Row{Cells: []any{at, "Төлөм", "pay_01kar9gfc0c4r5s6t7v8w9xyzb", money.Amount(i), int64(i)}}, nil) {
				return
			}
		}
	}
	return s
}

func TestAFormatSaysWhenItIsFull(t *testing.T) {
	if err := sheet.Write(io.Discard, sheet.PDF, many(sheet.MostOnPDF+1)); !errors.Is(err, sheet.ErrTooLong) {
		t.Errorf("error %v", err)
	}
}

// live is the memory in use after a collection.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	const rows = 60_000
	for _, f := range []sheet.Format{sheet.CSV, sheet.JSON, sheet.XLSX} {
		s, before, most := many(rows), live(), int64(0)
		inner := s.Rows
		s.Rows = func(yield func(sheet.Row, error) bool) {
			n := 0
			for row, err := range inner {
				if n++; n%20_000 == 0 {
					most = max(most, live())
				}
				if !yield(row, err) {
					return
				}
			}
		}
		if err := sheet.Write(io.Discard, f, s); err != nil {
			t.Fatal(err)
		}
		if grown := most - before; grown > 4<<20 {
			t.Errorf("%s: %d KiB more after %d rows", f, grown>>10, rows)
		}
	}
}

func TestNumbersArePrintedWhole(t *testing.T) {
	s := small()
	s.Rows = all([]sheet.Row{{Cells: []any{noon, strings.Repeat("узун ", 100), "", money.Amount(9_007_199_254_740_991), int64(9_007_199_254_740_991)}}})
	if got := written(t, sheet.CSV, s); !bytes.Contains(got, []byte("90071992547409.91")) {
		t.Errorf("%s", got)
	}
	if got := written(t, sheet.JSON, s); !bytes.Contains(got, []byte(`"amount":9007199254740991`)) {
		t.Errorf("%s", got)
	}
	if got := cells(t, written(t, sheet.XLSX, s)); !strings.Contains(got, "90071992547409.91") {
		t.Errorf("%s", got)
	}
	written(t, sheet.PDF, s)
}
