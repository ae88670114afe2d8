package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tolom/money"
	"tolom/qrimage"
)

// The layout of a page in millimetres: A4, lying.
const (
	pageWidth  = 297.0
	pageHeight = 210.0
	margin     = 12.0
	lineHeight = 5.0
	bodySize   = 7.5 // points
	lastLine   = pageHeight - margin - 6
)

// paper is a document being laid out. Columns without a width are not on it.
type paper struct {
	pdf    *fpdf.Fpdf
	sheet  Sheet
	shown  []int // columns
	widths []float64
	y      float64
}

func writePDF(w io.Writer, s Sheet) error {
	p := newPaper(s)
	p.open()
	rows := 0
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if rows++; rows > MostOnPDF {
			return ErrTooLong
		}
		p.row(row)
	}
	p.close()
	if err := p.pdf.Output(w); err != nil {
		return fmt.Errorf("sheet: pdf: %w", err)
	}
	return nil
}

func newPaper(s Sheet) *paper {
	pdf := fpdf.New("L", "mm", "A4", "")
	// The library would take the time of the clock, and the order of a map: both would make every copy different.
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.SetCatalogSort(true)
	regular, bold := qrimage.Typefaces()
	pdf.AddUTF8FontFromBytes("noto", "", regular)
	pdf.AddUTF8FontFromBytes("noto", "B", bold)
	pdf.SetTitle(qrimage.Printable(s.Title), true)
	pdf.SetLang(s.Language)
	pdf.SetAutoPageBreak(false, 0)
	p := &paper{pdf: pdf, sheet: s}
	p.measure()
	return p
}

// measure shares the width of the page out among the columns.
func (p *paper) measure() {
	var sum float64
	for i, c := range p.sheet.Columns {
		if c.Width > 0 {
			p.shown = append(p.shown, i)
			sum += c.Width
		}
	}
	for _, i := range p.shown {
		p.widths = append(p.widths, p.sheet.Columns[i].Width/sum*(pageWidth-2*margin))
	}
}

// open begins the first page with what the sheet is of.
func (p *paper) open() {
	p.pdf.AddPage()
	p.y = margin + 5
	p.pdf.SetFont("noto", "B", 15)
	p.pdf.Text(margin, p.y, p.cut(qrimage.Printable(p.sheet.Title), pageWidth-2*margin))
	p.y += 7
	p.pairs(p.sheet.Head)
	p.y += 2
	p.header()
}

// pairs writes lines of a title and its value.
func (p *paper) pairs(pairs []Pair) {
	for _, pair := range pairs {
		p.room(lineHeight)
		p.pdf.SetFont("noto", "", 8.5)
		p.pdf.SetTextColor(90, 90, 90)
		p.pdf.Text(margin, p.y, p.cut(qrimage.Printable(pair.Title), 68))
		p.pdf.SetTextColor(0, 0, 0)
		p.pdf.SetFont("noto", "B", 8.5)
		p.pdf.Text(margin+70, p.y, p.cut(p.text(pair.Value), pageWidth-2*margin-70))
		p.y += lineHeight
	}
}

// room begins another page where a line would not fit any more; it tells whether it did.
func (p *paper) room(height float64) bool {
	if p.y+height <= lastLine {
		return false
	}
	p.number()
	p.pdf.AddPage()
	p.y = margin + 5
	return true
}

// number writes the number of the page at its foot.
func (p *paper) number() {
	p.pdf.SetFont("noto", "", 7)
	p.pdf.SetTextColor(90, 90, 90)
	text := p.sheet.Page + " " + strconv.Itoa(p.pdf.PageNo())
	p.pdf.Text(pageWidth-margin-p.pdf.GetStringWidth(text), pageHeight-margin+2, text)
	p.pdf.Text(margin, pageHeight-margin+2, p.cut(qrimage.Printable(p.sheet.Title), 180))
	p.pdf.SetTextColor(0, 0, 0)
}

// header writes the titles of the columns, over up to two lines each.
func (p *paper) header() {
	if len(p.shown) == 0 {
		return
	}
	const height = 9.0
	p.pdf.SetFillColor(229, 231, 235)
	p.pdf.Rect(margin, p.y-3.6, pageWidth-2*margin, height, "F")
	p.pdf.SetFont("noto", "B", bodySize)
	x := margin
	for n, i := range p.shown {
		c := p.sheet.Columns[i]
		lines := p.pdf.SplitText(qrimage.Printable(c.Title), p.widths[n]-2)
		for at, line := range lines[:min(len(lines), 2)] {
			p.at(x, p.y+float64(at)*3.6, p.widths[n], p.cut(line, p.widths[n]-2), c.Kind)
		}
		x += p.widths[n]
	}
	p.y += height + 1
}

func (p *paper) row(r Row) {
	if p.room(lineHeight) {
		p.header()
	}
	style := ""
	if r.Strong {
		style = "B"
		p.pdf.SetFillColor(243, 244, 246)
		p.pdf.Rect(margin, p.y-3.5, pageWidth-2*margin, lineHeight, "F")
	}
	p.pdf.SetFont("noto", style, bodySize)
	x := margin
	for n, i := range p.shown {
		p.cell(x, p.widths[n], style, r.Cells[i], p.sheet.Columns[i].Kind)
		x += p.widths[n]
	}
	p.pdf.SetDrawColor(225, 225, 225)
	p.pdf.SetLineWidth(0.1)
	p.pdf.Line(margin, p.y+1.5, pageWidth-margin, p.y+1.5)
	p.y += lineHeight
}

// cell writes a text cut to its column, and a number with smaller letters where it is too wide: a cut one would be
// another number.
func (p *paper) cell(x, width float64, style string, cell any, k Kind) {
	text := p.text(cell)
	if k != Money && k != Count {
		p.at(x, p.y, width, p.cut(text, width-2), k)
		return
	}
	if wide := p.pdf.GetStringWidth(text); wide > width-2 {
		p.pdf.SetFont("noto", style, bodySize*(width-2)/wide)
		defer p.pdf.SetFont("noto", style, bodySize)
	}
	p.at(x, p.y, width, text, k)
}

// at writes into a column: numbers to its right edge, all else to its left.
func (p *paper) at(x, y, width float64, text string, k Kind) {
	if k == Money || k == Count {
		p.pdf.Text(x+width-1-p.pdf.GetStringWidth(text), y, text)
		return
	}
	p.pdf.Text(x+1, y, text)
}

// text is a cell for people.
func (p *paper) text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return qrimage.Printable(v)
	case Term:
		return qrimage.Printable(v.Text)
	case money.Amount:
		return strings.ReplaceAll(v.String(), "−", "–") // The typeface has no other minus.
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.In(p.sheet.Zone).Format("2006-01-02 15:04:05")
	}
	return qrimage.Printable(fmt.Sprint(cell))
}

// cut shortens a text until it fits.
func (p *paper) cut(text string, width float64) string {
	if p.pdf.GetStringWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes) // the longest beginning that fits with an ellipsis
	for low < high {
		middle := (low + high + 1) / 2
		if p.pdf.GetStringWidth(string(runes[:middle])+"…") <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low]) + "…"
}

// close writes what the rows sum to.
func (p *paper) close() {
	p.y += 3
	p.pairs(p.sheet.foot())
	p.number()
}
