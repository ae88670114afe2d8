package qrimage

import "strings"

// Terminal draws the text with half blocks, two rows of modules a line, quiet zone included, each line ended by a newline.
// It is plain text: blocks take the colour of letters, so the light modules are drawn for terminals with light letters
// on a dark ground, and o.Inverse draws the dark ones for the other kind. Size and Label do not matter here.
// It returns the errors of Modules.
func Terminal(text string, o Options) (string, error) {
	m, o, err := drawing(text, o)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for y := -o.Quiet; y < m.Size()+o.Quiet; y += 2 {
		for x := -o.Quiet; x < m.Size()+o.Quiet; x++ {
			lower := y+1 < m.Size()+o.Quiet && m.Dark(x, y+1) == o.Inverse
			b.WriteString(halfBlock(m.Dark(x, y) == o.Inverse, lower))
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// halfBlock is the character whose upper and lower half are filled as asked.
func halfBlock(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
