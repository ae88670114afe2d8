package seal

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCursorGivesItsPositionBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.StringMatching(`[a-z]{1,12}`).Draw(t, "kind")
		position := rapid.StringOfN(rapid.Rune(), 0, 60, -1).Draw(t, "position")
		cursor := Cursor(kind, position)
		if strings.Trim(cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("%q cannot stand in a URL as it is", cursor)
		}
		if got, err := ParseCursor(kind, cursor); got != position || err != nil {
			t.Fatalf("ParseCursor = %q, %v; want %q", got, err, position)
		}
	})
}

func TestWhatIsNoCursor(t *testing.T) {
	good := Cursor("payments", "pay_01")
	for name, text := range map[string]string{
		"empty":              "",
		"of another list":    Cursor("refunds", "pay_01"),
		"of a longer name":   Cursor("payments2", "pay_01"),
		"no base64":          "pay_01!",
		"with padding":       good + "=",
		"with a line break":  good[:4] + "\n" + good[4:],
		"not a cursor":       "pay_01",
		"spare bits not 0":   Cursor("payments", "1")[:13] + "B",
		"longer than any is": Cursor("payments", strings.Repeat("9", 600)),
	} {
		if position, err := ParseCursor("payments", text); !errors.Is(err, ErrCursor) || position != "" {
			t.Errorf("%s: ParseCursor(%q) = %q, %v; want a refusal", name, text, position, err)
		}
	}
}
