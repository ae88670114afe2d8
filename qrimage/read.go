package qrimage

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // Read accepts it.
	_ "image/jpeg" // Read accepts it.
	_ "image/png"  // Read accepts it.
	"io"

	_ "golang.org/x/image/webp" // Read accepts it: phones save screenshots in it.
)

// The bounds of what Read takes.
const (
	MaxPictureBytes  = 10 << 20
	MaxPicturePixels = 40_000_000
)

// Errors of Read, to be told apart with errors.Is.
var (
	ErrNotPicture = errors.New("qrimage: this is not a picture that can be read")
	ErrTooLarge   = errors.New("qrimage: the picture is too large")
	ErrNoCode     = errors.New("qrimage: no QR code found in the picture")
)

// Read finds a QR code in a PNG, JPEG, GIF (its first frame) or WebP picture, be it a screenshot or a photo, and returns its text:
// the bytes as they stand in the code, or UTF-8 when the code names another character set.
//
// The picture may come from a stranger: more than MaxPictureBytes or MaxPicturePixels are refused before anything is
// decoded, the search is bounded, and no input makes it panic. A picture at the bounds takes up to some 600 MB and
// seconds for a moment, so a server lets few run at a time. Errors are ErrTooLarge, ErrNotPicture, ErrNoCode, or those of r.
func Read(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxPictureBytes+1))
	if err != nil {
		return "", fmt.Errorf("qrimage: reading the picture: %w", err)
	}
	img, err := decoded(data)
	if err != nil {
		return "", err
	}
	text, ok := searched(greyOf(img))
	if !ok {
		return "", fmt.Errorf("%w: take it closer, straight and in focus, with its light margin", ErrNoCode)
	}
	return text, nil
}

// decoded checks the size in the header before it lets the picture be unpacked. The decoders are not ours: should one panic
// on a broken file, that is one more way of not being a picture.
func decoded(data []byte) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: decoder failed: %v", ErrNotPicture, p)
		}
	}()
	if len(data) > MaxPictureBytes {
		return nil, fmt.Errorf("%w: more than %d MiB", ErrTooLarge, MaxPictureBytes>>20)
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: send PNG, JPEG, GIF or WebP (%v)", ErrNotPicture, err)
	}
	if head.Width <= 0 || head.Height <= 0 || head.Width > MaxPicturePixels/head.Height {
		return nil, fmt.Errorf("%w: %d × %d pixels, at most %d million in all",
			ErrTooLarge, head.Width, head.Height, MaxPicturePixels/1_000_000)
	}
	img, _, err = image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: it is damaged (%v)", ErrNotPicture, err)
	}
	return img, nil
}
