package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"tolom/money"
	"tolom/sheet"
)

// hostile are texts that a spreadsheet would run.
var hostile = []string{
	`=HYPERLINK("http://evil.example","x")`, "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1", "－1", "＠A1",
	"=cmd|' /C calc'!A0",
}

// TestThreatFormulaInATextOfAReport gives every column of words a text that a spreadsheet would run as a formula. In no
// format does a cell begin with it.
func TestThreatFormulaInATextOfAReport(t *testing.T) {
	for _, text := range hostile {
		s := small()
		s.Title, s.Head[0].Value = text, text
		s.Rows = all([]sheet.Row{{Cells: []any{noon, text, text, money.Amount(-150), nil}}})
		for _, f := range []sheet.Format{sheet.CSV, sheet.BOM} {
			body := bytes.TrimPrefix(written(t, f, s), []byte("\ufeff"))
			rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
			if err != nil {
				t.Fatalf("%q in %s: %v", text, f, err)
			}
			for _, cell := range rows[1][1:3] {
				if !strings.HasPrefix(cell, "'") || strings.ReplaceAll(cell[1:], "\r\n", "\n") != strings.ReplaceAll(text, "\r\n", "\n") {
					t.Errorf("%q became %q in %s", text, cell, f)
				}
			}
			if rows[1][3] != "-1.50" {
				t.Errorf("a sum became %q", rows[1][3])
			}
		}
		xml := cells(t, written(t, sheet.XLSX, s))
		if strings.Contains(xml, "<f>") || strings.Contains(xml, "<f ") {
			t.Errorf("%q became a formula: %s", text, xml)
		}
		for _, open := range []string{"<t>", `<t xml:space="preserve">`} {
			for _, part := range strings.Split(xml, open)[1:] {
				if strings.ContainsAny(part[:1], "=+-@\t\r\n") {
					t.Errorf("%q begins a cell: %.40s", text, part)
				}
			}
		}
	}
}

// cells gives the XML of the only sheet of a workbook.
func cells(t *testing.T, book []byte) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := archive.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
