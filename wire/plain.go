package wire

import "unicode/utf8"

// maxPlain bounds bodies that are read plainly: what is read shares the memory of
// the whole body, and parts of it may be kept for a while.
const maxPlain = 4096

// plain reads bodies as nearly every program writes them: known names, each once,
// texts without escapes, integers without sign. At anything else it gives up, and
// the caller leaves the body to the readers that know all of JSON and say what is
// wrong. So it never refuses, and what it takes they would read the same.
type plain struct {
	text string
	at   int
	odd  bool // something was not plain
}

func plainly(raw []byte) plain {
	return plain{text: string(raw), odd: len(raw) > maxPlain || !utf8.Valid(raw)}
}

// members walks over an object: field reads the value of the member of a name and
// gives the bit that stands for it, 0 for a name that it does not know.
func (p *plain) members(field func(name string) (bit uint)) {
	var seen uint
	p.open('{')
	for first := true; p.more('}', first); first = false {
		name := p.quoted()
		p.open(':')
		if p.odd {
			return
		}
		bit := field(name)
		p.odd = p.odd || bit == 0 || seen&bit != 0
		seen |= bit
	}
}

// open steps over a sign that must come next.
func (p *plain) open(sign byte) {
	if p.next() != sign {
		p.odd = true
		return
	}
	p.at++
}

// more says whether an object goes on, and steps over what parts its members.
func (p *plain) more(end byte, first bool) bool {
	if p.odd {
		return false
	}
	if p.next() == end {
		p.at++
		return false
	}
	if !first {
		p.open(',')
	}
	return !p.odd
}

// next skips white space and gives the byte after it, 0 at the end.
func (p *plain) next() byte {
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// quoted reads a text. It shares the memory of the body.
func (p *plain) quoted() string {
	p.open('"')
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return p.text[start : p.at-1]
		case c == '\\' || c < ' ':
			p.odd = true
			return ""
		}
	}
	p.odd = true
	return ""
}

// maxDigits is how many digits every integer of the platform has at most.
const maxDigits = 15

// integer reads a whole number above zero.
func (p *plain) integer() (n int64) {
	first := p.next()
	start := p.at
	for ; p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9'; p.at++ {
		if p.at-start == maxDigits {
			p.odd = true
			return 0
		}
		n = n*10 + int64(p.text[p.at]-'0')
	}
	p.odd = p.odd || first < '1' || first > '9'
	return n
}

// truth reads true or false.
func (p *plain) truth() *bool {
	p.next()
	rest := p.text[p.at:]
	var v bool
	switch {
	case len(rest) > 4 && rest[:4] == "true":
		v = true
		p.at += 4
	case len(rest) > 5 && rest[:5] == "false":
		p.at += 5
	default:
		p.odd = true
	}
	return &v
}

// done says whether the whole body was plain.
func (p *plain) done() bool { return p.next() == 0 && p.at == len(p.text) && !p.odd }
