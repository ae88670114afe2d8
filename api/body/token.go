package body

import "encoding/json"

// tokens walks over text that is known to be valid JSON, so it has nothing to refuse.
type tokens struct {
	text []byte
	at   int
}

// peek skips what parts tokens (white space, commas, colons) and gives the first byte of the next one.
func (t *tokens) peek() byte {
	for t.at < len(t.text) {
		switch c := t.text[t.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			t.at++
		default:
			return c
		}
	}
	return 0
}

// more says whether the object or list goes on; at its end it steps over the bracket.
func (t *tokens) more() bool {
	switch t.peek() {
	case '}', ']', 0:
		t.at++
		return false
	}
	return true
}

// quoted gives the next token, a text, decoded.
func (t *tokens) quoted() string {
	t.peek()
	start, escaped := t.at, false
	for t.at++; t.at < len(t.text) && t.text[t.at] != '"'; t.at++ {
		if t.text[t.at] == '\\' {
			escaped = true
			t.at++
		}
	}
	t.at++
	if !escaped {
		return string(t.text[start+1 : t.at-1])
	}
	var plain string
	_ = json.Unmarshal(t.text[start:t.at], &plain) // It is valid.
	return plain
}

// plain gives the next token, a number or a word, as it is written.
func (t *tokens) plain() string {
	start := t.at
	for t.at < len(t.text) {
		switch t.text[t.at] {
		case ' ', '\t', '\r', '\n', ',', '}', ']':
			return string(t.text[start:t.at])
		}
		t.at++
	}
	return string(t.text[start:])
}
