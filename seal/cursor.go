package seal

import (
	"encoding/base64"
	"errors"
	"strings"
)

// ErrCursor is returned for a cursor that this list never gave out.
var ErrCursor = errors.New("not a cursor of this list: pass on the one that the previous page gave, unchanged")

// maxCursor is more than any position needs; a longer text is no cursor and not worth decoding.
const maxCursor = 512

var cursorText = base64.RawURLEncoding.Strict()

// Cursor writes a place in a list as text that clients pass on without reading it. The kind names the list and
// holds no colon. A cursor is no secret and proves nothing: whoever makes one up sees only what he may see anyway.
func Cursor(kind, position string) string {
	return cursorText.EncodeToString([]byte(kind + ":" + position))
}

// ParseCursor returns the position in a cursor of this kind of list.
func ParseCursor(kind, text string) (position string, err error) {
	if len(text) > maxCursor || strings.ContainsAny(text, "\r\n") {
		return "", ErrCursor
	}
	plain, err := cursorText.DecodeString(text)
	if err != nil {
		return "", ErrCursor
	}
	position, found := strings.CutPrefix(string(plain), kind+":")
	if !found {
		return "", ErrCursor
	}
	return position, nil
}
