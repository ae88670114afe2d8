package elqr

import "unicode/utf8"

// flaw is what stops a reading. It stays a small value, and becomes a
// [ReadError] only when the caller gets to see it.
type flaw struct {
	code string // empty: no flaw
	tag  string // the tag concerned, where one is known
	at   int    // byte offset in the text
}

// walker reads elements one after another: two digits of tag, two digits of
// length in characters, the value.
type walker struct {
	text string
	next int // byte offset of the next element

	tag   string // the element last read …
	value string
	at    int // … and the byte offset of its tag

	flaw flaw
}

// advance reads one element; false at the end of the text or at a flaw.
// Headers are judged in a fixed order: too short, tag, length, value.
func (w *walker) advance() bool {
	if w.next == len(w.text) {
		return false
	}
	rest := w.text[w.next:]
	if w.flaw = headerFlaw(rest); w.flaw.code != "" {
		w.flaw.at += w.next
		return false
	}
	length := int(rest[2]-'0')*10 + int(rest[3]-'0')
	size, whole := characters(rest[4:], length)
	if !whole {
		w.flaw = flaw{code: TruncatedValue, tag: rest[:2], at: w.next + 4}
		return false
	}
	w.tag, w.value, w.at = rest[:2], rest[4:4+size], w.next
	w.next += 4 + size
	return true
}

// headerFlaw judges the four characters before a value. Only ASCII digits
// count: other scripts have digits too, and readers disagree about them.
func headerFlaw(rest string) flaw {
	if len(rest) >= 4 && isDigit(rest[0]) && isDigit(rest[1]) && isDigit(rest[2]) && isDigit(rest[3]) {
		return flaw{}
	}
	if utf8.RuneCountInString(rest) < 4 {
		return flaw{code: TruncatedHeader}
	}
	if !isDigit(rest[0]) || !isDigit(rest[1]) {
		return flaw{code: BadTag}
	}
	return flaw{code: BadLength, tag: rest[:2], at: 2}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// characters returns how many bytes the first n characters of a text take, and
// whether the text has that many.
func characters(text string, n int) (int, bool) {
	i := 0
	for ; n > 0 && i < len(text); n-- {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return i, n == 0
}

// wellNested reports whether a value is made of whole elements. A nested
// element may be empty: some banks write 330401 00 for "no service name".
func wellNested(value string) bool {
	w := walker{text: value}
	for w.advance() {
	}
	return w.flaw.code == "" && value != ""
}

// lookup returns the value of the last element with this tag. The last, as in
// any reader that fills a map; duplicates are reported as problems.
func lookup(text, tag string) (value string, found bool) {
	w := walker{text: text}
	for w.advance() {
		if w.tag == tag {
			value, found = w.value, true
		}
	}
	return value, found
}

// index is one text taken apart: its elements by tag, for callers that ask for
// many. It holds as much as was whole.
type index struct {
	values [100]string
	seen   [100]bool
	twice  string // the first tag that came a second time
	whole  bool   // nothing was cut or garbled
}

func (x *index) fill(text string) {
	*x = index{}
	w := walker{text: text}
	for w.advance() {
		n := tagNumber(w.tag)
		if x.seen[n] && x.twice == "" {
			x.twice = w.tag
		}
		x.values[n], x.seen[n] = w.value, true
	}
	x.whole = w.flaw.code == "" && text != ""
}

func (x *index) get(tag string) (value string, found bool) {
	n := tagNumber(tag)
	return x.values[n], x.seen[n]
}

// text returns a value, empty where there is none.
func (x *index) text(tag string) string { return x.values[tagNumber(tag)] }

// tagNumber turns two digits into 0 to 99.
func tagNumber(tag string) int { return int(tag[0]-'0')*10 + int(tag[1]-'0') }
