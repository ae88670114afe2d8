package qrimage

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// SVG draws the text as one path in units of modules, to be shown at o.Size pixels or any other width: it may stand
// alone as a file or inline in a page, needs no style sheet and runs no script. The label, if any, is its title.
// It returns the errors of Modules, and ErrSize for a size out of bounds.
func SVG(text string, o Options) ([]byte, error) {
	m, o, err := drawing(text, o)
	if err != nil {
		return nil, err
	}
	title := o.Label
	if title == "" {
		title = "QR"
	}
	side := m.Size() + 2*o.Quiet
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" shape-rendering="crispEdges">`,
		side, side, o.Size, o.Size)
	fmt.Fprintf(&b, `<title>%s</title><rect width="%d" height="%d" fill="#fff"/><path d="`, escaped(title), side, side)
	b.Write(pathData(m, o.Quiet))
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}

// pathData writes the outlines with relative moves, which keeps the numbers short. After a loop is closed, the pen is back
// at its start, and the next move counts from there.
func pathData(m Matrix, quiet int) []byte {
	var d []byte
	pen := corner{-quiet, -quiet}
	for _, loop := range outlines(m) {
		d = append(d, 'm')
		d = strconv.AppendInt(d, int64(loop[0].x-pen.x), 10)
		d = append(d, ' ')
		d = strconv.AppendInt(d, int64(loop[0].y-pen.y), 10)
		for i := 1; i < len(loop); i++ {
			d = step(d, loop[i-1], loop[i])
		}
		d = append(d, 'z')
		pen = loop[0]
	}
	return d
}

func step(d []byte, from, to corner) []byte {
	if from.y == to.y {
		return strconv.AppendInt(append(d, 'h'), int64(to.x-from.x), 10)
	}
	return strconv.AppendInt(append(d, 'v'), int64(to.y-from.y), 10)
}

// escaped makes a label safe inside XML and HTML. Characters that XML has no way to write become spaces.
func escaped(label string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(label, "�"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(clean)
}
