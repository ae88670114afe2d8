package sheet_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"tolom/money"
	"tolom/sheet"
)

// textOf has another program (pdftotext of poppler-utils, which `make tools` installs) read what stands on the pages.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	reader := exec.Command("pdftotext", "-layout", "-", "-")
	reader.Stdin = bytes.NewReader(pdf)
	var complaints bytes.Buffer
	reader.Stderr = &complaints
	text, err := reader.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("pdftotext: %v\n%s", err, complaints.String())
	}
	return string(text)
}

// alphabets are the letters of the three languages, as words that fit into a column.
var alphabets = []string{
	"АБВГДЕЁЖЗИЙКЛМНҢО", "ӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ", "абвгдеёжзийклмнңо", "өпрстуүфхцчшщъыьэюя",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "«Ысык-Көл» № 7 – 50 %",
}

func TestAnotherReaderFindsEveryLetterOnThePages(t *testing.T) {
	s, rows := small(), []sheet.Row{}
	for _, letters := range alphabets {
		rows = append(rows, sheet.Row{Cells: []any{noon, letters, "", money.Amount(123_456_78), int64(7)}}, sheet.Row{Cells: []any{noon, letters, "", money.Amount(-5), nil}, Strong: true})
	}
	s.Rows = all(rows)
	text := textOf(t, written(t, sheet.PDF, s))
	for _, letters := range alphabets {
		if n := strings.Count(text, letters); n != 2 {
			t.Errorf("%q is found %d times, it was written once in each weight", letters, n)
		}
	}
	for _, what := range []string{"Көчүрмө", "Соодагер", "Ала-Тоо", "2026-11-24 12:00:00", "Сумма, сом", "123\u00a0456,78", "–0,05", "Бет 1"} {
		if !strings.Contains(text, what) && !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), strings.ReplaceAll(what, "\u00a0", " ")) {
			t.Errorf("%q is not found in\n%s", what, text)
		}
	}
}

func TestEveryPageHasItsNumberAndItsHeader(t *testing.T) {
	text := textOf(t, written(t, sheet.PDF, many(200)))
	pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
	if len(pages) < 5 {
		t.Fatalf("200 rows are on %d pages", len(pages))
	}
	rows := 0
	for n, page := range pages {
		if want := "Бет " + string(rune('1'+n)); !strings.Contains(page, want) || !strings.Contains(page, "Убактысы") && strings.Contains(page, "Төлөм ") {
			t.Errorf("page %d has no %q, or no header:\n%s", n+1, want, page)
		}
		rows += strings.Count(page, "2026-11-24 12:")
	}
	if rows != 200+1 { // the head names the moment too
		t.Errorf("%d rows are found on the pages", rows)
	}
}
