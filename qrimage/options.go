package qrimage

import (
	"errors"
	"fmt"
)

// Level says how much damage a code survives. A higher level needs a larger code for the same text.
type Level string

// The four levels of the QR standard, with the share of the code that may be lost.
const (
	LevelL Level = "L" // about 7 %
	LevelM Level = "M" // about 15 %
	LevelQ Level = "Q" // about 25 %
	LevelH Level = "H" // about 30 %
)

// The bounds of Options and their defaults.
const (
	DefaultSize  = 400  // pixels
	MinSize      = 64   // pixels
	MaxSize      = 2000 // pixels
	DefaultQuiet = 4    // modules, as the QR standard asks
	MaxQuiet     = 40   // modules
	MaxLabel     = 200  // characters
)

// Errors that callers may tell apart with errors.Is. The message of the returned error adds the figures.
var (
	ErrEmpty   = errors.New("qrimage: there is no text to encode")
	ErrText    = errors.New("qrimage: text is not valid UTF-8")
	ErrTooLong = errors.New("qrimage: text is too long for a QR code")
	ErrLevel   = errors.New("qrimage: unknown error correction level")
	ErrSize    = errors.New("qrimage: size is out of range")
	ErrQuiet   = errors.New("qrimage: quiet zone is out of range")
	ErrLabel   = errors.New("qrimage: label is too long")
)

// Options says how a code is drawn. The zero value is a good choice for a screen.
type Options struct {
	Size    int    // Size is the width in pixels with the quiet zone: MinSize to MaxSize, 0 means DefaultSize.
	Level   Level  // Level is the error correction; empty means LevelM.
	Label   string // Label is at most MaxLabel characters: PNG prints it under the code, SVG makes it the title.
	Quiet   int    // Quiet is the light margin in modules, 1 to MaxQuiet; 0 means DefaultQuiet. Below 4 may not scan.
	Inverse bool   // Inverse makes Terminal draw for dark letters on a light ground; pictures ignore it.
}

// checked returns the options with defaults filled in, or the reason why they cannot be drawn.
func (o Options) checked() (Options, error) {
	if o.Size == 0 {
		o.Size = DefaultSize
	}
	if o.Quiet == 0 {
		o.Quiet = DefaultQuiet
	}
	if o.Size < MinSize || o.Size > MaxSize {
		return o, fmt.Errorf("%w: %d pixels asked for, give %d to %d", ErrSize, o.Size, MinSize, MaxSize)
	}
	if o.Quiet < 1 || o.Quiet > MaxQuiet {
		return o, fmt.Errorf("%w: %d modules asked for, give 1 to %d", ErrQuiet, o.Quiet, MaxQuiet)
	}
	if n := len([]rune(o.Label)); n > MaxLabel {
		return o, fmt.Errorf("%w: %d characters, at most %d", ErrLabel, n, MaxLabel)
	}
	return o, nil
}

// drawing is a code together with the checked options it is to be drawn with.
func drawing(text string, o Options) (Matrix, Options, error) {
	o, err := o.checked()
	if err != nil {
		return Matrix{}, o, err
	}
	m, err := Modules(text, o.Level)
	return m, o, err
}
