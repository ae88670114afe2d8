package qrimage

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Sticker is what is printed around the code on an A6 card for a counter or a till. Empty lines are left out. Characters
// that the typeface lacks (it has Latin and Cyrillic) print as a question mark.
type Sticker struct {
	Merchant string // Merchant is the name of the seller.
	Store    string // Store is the name or address of the place.
	Till     string // Till is the name of the cash desk.
	Amount   string // Amount is as it should be read, such as "1 250,00 сом"; when empty the payer is asked to enter one.
	Level    Level  // Level is the error correction; empty means the highest of Q, M and L that holds the text.
}

// The texts on a sticker, in Kyrgyz, Russian and English.
var (
	callLines  = [3]string{"Төлөө үчүн сканерлеңиз", "Отсканируйте для оплаты", "Scan to pay"}
	enterLines = [3]string{"Сумманы жазыңыз", "Введите сумму", "Enter the amount"}
)

// The layout of a sticker in millimetres.
const (
	pageWidth    = 105.0 // A6 upright
	pageHeight   = 148.0
	pageMargin   = 8.0
	bandHeight   = 28.0
	codeWidth    = 84.0 // with the quiet zone
	codeTop      = bandHeight + 0.3
	pointsPerMM  = 72 / 25.4
	lineOfHeight = 1.2 // line distance as a share of the letter size
)

// PDF draws the text as a sticker of one A6 page, the code as vectors and the letters with their font, so that it prints at
// any resolution. Equal input gives equal bytes. It returns the errors of Modules.
func PDF(text string, s Sticker) ([]byte, error) {
	m, err := stickerModules(text, s.Level)
	if err != nil {
		return nil, err
	}
	for _, line := range []*string{&s.Merchant, &s.Store, &s.Till, &s.Amount} {
		if *line, err = printable(*line); err != nil {
			return nil, err
		}
	}
	p := newPage(s.Merchant)
	p.call()
	p.code(m)
	p.names(s)
	p.amount(s.Amount)
	return p.bytes()
}

// stickerModules takes the strongest level that holds the text, because a sticker gets scratched and stained.
func stickerModules(text string, level Level) (Matrix, error) {
	if level != "" {
		return Modules(text, level)
	}
	for _, l := range []Level{LevelQ, LevelM} {
		if m, err := Modules(text, l); !errors.Is(err, ErrTooLong) {
			return m, err
		}
	}
	return Modules(text, LevelL)
}

// page is a sticker being drawn. Heights are of base lines, in millimetres from the top.
type page struct{ pdf *fpdf.Fpdf }

func newPage(title string) page {
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: pageWidth, Ht: pageHeight}})
	// The library would take the time of the clock, and the order of a map: both would make every copy different.
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.SetCatalogSort(true)
	pdf.AddUTF8FontFromBytes("noto", "", regularFont)
	pdf.AddUTF8FontFromBytes("noto", "B", boldFont)
	if title == "" {
		title = "QR"
	}
	pdf.SetTitle(title, true)
	pdf.SetLang("ky")
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddPage()
	return page{pdf}
}

// call asks the passer-by to scan, in a dark band across the top.
func (p page) call() {
	p.pdf.SetFillColor(17, 24, 39)
	p.pdf.Rect(0, 0, pageWidth, bandHeight, "F")
	p.pdf.SetTextColor(255, 255, 255)
	p.line(callLines[0], "B", 19, 13)
	p.line(callLines[1]+"  ·  "+callLines[2], "", 10.5, 21.5)
	p.pdf.SetTextColor(0, 0, 0)
}

// code fills the outlines of the dark areas with black.
func (p page) code(m Matrix) {
	unit := codeWidth / float64(m.Size()+2*DefaultQuiet)
	left, top := (pageWidth-codeWidth)/2+DefaultQuiet*unit, codeTop+DefaultQuiet*unit
	at := func(c corner) (float64, float64) { return left + float64(c.x)*unit, top + float64(c.y)*unit }
	p.pdf.SetFillColor(0, 0, 0)
	for _, loop := range outlines(m) {
		p.pdf.MoveTo(at(loop[0]))
		for _, c := range loop[1:] {
			p.pdf.LineTo(at(c))
		}
		p.pdf.ClosePath()
	}
	p.pdf.DrawPath("f")
}

// names prints the merchant over at most two lines, and store and till on one each.
func (p page) names(s Sticker) {
	y := p.paragraph(s.Merchant, "B", 13, codeTop+codeWidth+3.2, 2)
	y = p.paragraph(s.Store, "", 9.5, y, 1)
	p.paragraph(s.Till, "", 9.5, y, 1)
}

// amount prints what is to be paid, or asks for it, at the foot of the page. A long amount gets smaller letters: a cut one
// would be another amount.
func (p page) amount(amount string) {
	p.pdf.SetDrawColor(160, 160, 160)
	p.pdf.SetLineWidth(0.2)
	p.pdf.Line(pageMargin, 133.3, pageWidth-pageMargin, 133.3)
	if amount != "" {
		p.pdf.SetFont("noto", "B", 19)
		p.line(amount, "B", 19*min(1, (pageWidth-2*pageMargin)/p.pdf.GetStringWidth(amount)), 141.5)
		return
	}
	p.line(enterLines[0], "B", 12, 139)
	p.line(enterLines[1]+"  ·  "+enterLines[2], "", 8.5, 143.7)
}

// paragraph prints centred lines from y on, cut to the page, and returns where the next line goes.
func (p page) paragraph(text, style string, points, y float64, lines int) float64 {
	p.pdf.SetFont("noto", style, points)
	for _, l := range wrapped(text, pageWidth-2*pageMargin, lines, p.pdf.GetStringWidth) {
		p.line(l, style, points, y)
		y += points / pointsPerMM * lineOfHeight
	}
	return y
}

// line prints one centred line.
func (p page) line(text, style string, points, y float64) {
	p.pdf.SetFont("noto", style, points)
	p.pdf.Text((pageWidth-p.pdf.GetStringWidth(text))/2, y, text)
}

func (p page) bytes() ([]byte, error) {
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("qrimage: pdf: %w", err)
	}
	return out.Bytes(), nil
}
