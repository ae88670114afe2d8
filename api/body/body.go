// Package body reads the body of a request before anything else does, and refuses what the JSON decoder would
// silently mend: repeated and unknown names, names in another case, numbers that are no exact integers, texts with
// half a character. The decoder behind it then meets nothing it could misread.
package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"unicode/utf8"

	"tolom/fault"
)

// The limits of a body.
const (
	MaxBytes   = 64 << 10
	MaxDepth   = 16
	MaxInteger = 1<<53 - 1 // what every JSON reader in the world keeps exactly
)

// Read takes the whole body into dst, which it may replace by a larger one, or refuses it with body_too_large as soon
// as it is known to be over MaxBytes.
func Read(r *http.Request, dst []byte) ([]byte, *fault.Error) { return ReadMost(r, dst, MaxBytes) }

// ReadMost is Read with another bound.
func ReadMost(r *http.Request, dst []byte, most int) ([]byte, *fault.Error) {
	if r.ContentLength > int64(most) {
		return dst, tooLarge(most)
	}
	raw, err := readAll(io.LimitReader(r.Body, int64(most)+1), slices.Grow(dst[:0], int(min(max(r.ContentLength+1, 512), 4096))))
	switch {
	case len(raw) > most:
		return raw, tooLarge(most)
	case err != nil:
		return raw, fault.Wrap(fault.InvalidRequest, err).Because("the body ended before it was complete; send it again")
	}
	return raw, nil
}

// readAll is io.ReadAll into a buffer that is at hand.
func readAll(from io.Reader, dst []byte) ([]byte, error) {
	for {
		n, err := from.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, err
		}
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, cap(dst))
		}
	}
}

func tooLarge(most int) *fault.Error {
	return fault.New(fault.BodyTooLarge).Because(fmt.Sprintf("a body has at most %d bytes", most))
}

// Check holds a body to its shape: one JSON object in UTF-8, MaxDepth deep, every name known and given once, every
// value of its kind. The error names the field at fault by its path, such as payer.key or extra[0].label.
func Check(raw []byte, s *Shape) *fault.Error {
	if !utf8.Valid(raw) {
		return fault.New(fault.InvalidJSON).Because("the body is not valid UTF-8")
	}
	if nesting(raw) > MaxDepth {
		return fault.New(fault.InvalidJSON).Because(fmt.Sprintf("the body is nested more than %d deep", MaxDepth))
	}
	if refusal := syntax(raw); refusal != nil {
		return refusal
	}
	if halfCharacter(raw) {
		return fault.New(fault.InvalidJSON).Because(`a \u escape gives half a character: a surrogate without its pair`)
	}
	w := walker{tokens: tokens{text: raw}}
	return w.members(s)
}

// nesting gives the greatest depth of objects and lists. It reads any text, valid or not, so that nothing deep ever
// reaches a reader that goes down by recursion.
func nesting(raw []byte) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// syntax finds out whether the body is exactly one JSON object.
func syntax(raw []byte) *fault.Error {
	text := bytes.TrimLeft(raw, " \t\r\n")
	if len(text) == 0 {
		return fault.New(fault.InvalidJSON).Because("the body is empty; send a JSON object")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		refusal := fault.New(fault.InvalidJSON)
		var at *json.SyntaxError
		if errors.As(err, &at) {
			return refusal.Because(fmt.Sprintf("%s, at byte %d of the body", at.Error(), at.Offset))
		}
		return refusal.Because(err.Error())
	}
	if text[0] != '{' {
		return fault.New(fault.InvalidJSON).Because("the body must be a JSON object")
	}
	return nil
}

// halfCharacter looks for an escaped surrogate that stands alone: Go's decoder would replace it, and the merchant
// would be given back another text than it sent. The body is valid JSON, so every \u has its four digits.
func halfCharacter(raw []byte) bool {
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] != 'u' {
			i++
			continue
		}
		switch unit := hex4(raw[i+2:]); {
		case unit>>10 == 0xD800>>10 && escapes(raw[i+6:]) && hex4(raw[i+8:])>>10 == 0xDC00>>10:
			i += 11
		case unit>>11 == 0xD800>>11:
			return true
		default:
			i += 5
		}
	}
	return false
}

func escapes(raw []byte) bool { return len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' }

func hex4(raw []byte) (unit rune) {
	for _, c := range raw[:4] {
		switch {
		case c >= 'a':
			unit = unit<<4 | rune(c-'a'+10)
		case c >= 'A':
			unit = unit<<4 | rune(c-'A'+10)
		default:
			unit = unit<<4 | rune(c-'0')
		}
	}
	return unit
}
