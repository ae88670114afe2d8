package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// writer appends JSON as encoding/json writes it, member by member. The answers
// that every payment gets are written so; a test holds each to encoding/json.
type writer struct {
	dst  []byte
	html bool // <, > and & are escaped, as Marshal does and our answers do not
}

// member begins a member; names hold nothing to escape.
func (w *writer) member(name string) {
	switch w.dst[len(w.dst)-1] {
	case '{', '[':
	default:
		w.dst = append(w.dst, ',')
	}
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, name...)
	w.dst = append(w.dst, '"', ':')
}

func (w *writer) text(name, value string) {
	w.member(name)
	w.quoted(value)
}

// textOr leaves an empty text out.
func (w *writer) textOr(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *writer) number(name string, value int64) {
	w.member(name)
	w.dst = strconv.AppendInt(w.dst, value, 10)
}

// numberOr leaves a zero out.
func (w *writer) numberOr(name string, value int64) {
	if value != 0 {
		w.number(name, value)
	}
}

func (w *writer) truth(name string, value bool) {
	w.member(name)
	w.dst = strconv.AppendBool(w.dst, value)
}

func (w *writer) time(name string, at Time) {
	w.member(name)
	w.dst = at.append(w.dst)
}

func (w *writer) open(name string, sign byte) {
	w.member(name)
	w.dst = append(w.dst, sign)
}

func (w *writer) close(sign byte) { w.dst = append(w.dst, sign) }

// quoted appends a text. What is to be escaped is rare and left to encoding/json.
func (w *writer) quoted(value string) {
	if !w.simple(value) {
		w.dst = append(w.dst, w.escaped(value)...)
		return
	}
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, value...)
	w.dst = append(w.dst, '"')
}

// simple says that a text needs no escapes: none of its bytes, and, where it is
// not ASCII, neither the separators U+2028 and U+2029 nor broken UTF-8.
func (w *writer) simple(value string) bool {
	wide := false
	for i := range len(value) {
		switch c := value[i]; {
		case c < ' ', c == '"', c == '\\', w.html && (c == '<' || c == '>' || c == '&'):
			return false
		case c == 0xE2 && i+1 < len(value) && value[i+1] == 0x80:
			return false // Perhaps a separator; dashes and quotes come here too.
		case c >= utf8.RuneSelf:
			wide = true
		}
	}
	return !wide || utf8.ValidString(value)
}

// escaped writes texts, or what is made of them, by encoding/json.
func (w *writer) escaped(value any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(w.html)
	_ = e.Encode(value) // Texts into a buffer cannot fail.
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// append writes a time as MarshalJSON does. The layout is that of every answer, and
// writing it by hand takes a third of what time.AppendFormat does.
func (t Time) append(dst []byte) []byte {
	if t.IsZero() {
		return append(dst, "null"...)
	}
	at := t.UTC()
	year, month, day := at.Date()
	if year < 0 || year > 9999 {
		return at.AppendFormat(dst, `"`+layout+`"`)
	}
	hour, minute, second := at.Clock()
	dst = pair(pair(append(dst, '"'), year/100), year%100)
	dst = pair(append(dst, '-'), int(month))
	dst = pair(append(dst, '-'), day)
	dst = pair(append(dst, 'T'), hour)
	dst = pair(append(dst, ':'), minute)
	dst = pair(append(dst, ':'), second)
	ms := at.Nanosecond() / int(time.Millisecond)
	dst = append(dst, '.', byte('0'+ms/100))
	return append(pair(dst, ms%100), 'Z', '"')
}

// pair appends two digits.
func pair(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
