package qrimage

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/text/encoding"
)

// usual is a payload as most merchants have it: 181 characters, two of them names in Cyrillic.
const usual = "00020101021232570010qr.demo.kg010120226" + "01jd3k9q5w7x2m4n6p8r0t2v4y1201113021233280024АЛА-ТОО АЗЫК-ТҮЛҮК ДҮКӨНҮ" +
	"5204541153034175405125005914ALATOO MARKET3416Касса 2, Бишкек6304a1b2"

// picture is a drawn code with the text that it should hold.
type picture struct {
	name, text string
	level      Level
	png        []byte
}

// zbar reads pictures with zbarimg, a decoder that shares nothing with the ones of this package, and fails the test for each
// text that differs. Binary output has no separators, so a batch is compared as a whole and only looked at one by one
// when it differs.
func zbar(t *testing.T, pictures []picture) {
	t.Helper()
	program, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Fatal("the second judge of QR codes, zbarimg, is not installed: run `make tools`")
	}
	dir := t.TempDir()
	for len(pictures) > 0 {
		batch := pictures[:min(40, len(pictures))]
		pictures = pictures[len(batch):]
		var want []byte
		for i, p := range batch {
			want = append(want, p.text...)
			if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".png"), p.png, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if bytes.Equal(zbarOutput(program, dir, 0, len(batch)), want) {
			continue
		}
		for i, p := range batch {
			if got := zbarOutput(program, dir, i, i+1); string(got) != p.text {
				t.Errorf("%s: zbarimg reads %q, want %q", p.name, got, p.text)
			}
		}
	}
}

// zbarOutput gives what zbarimg finds in the numbered files. It exits with an error when it finds nothing, which then shows
// in the output.
func zbarOutput(program, dir string, from, to int) []byte {
	args := []string{"--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary"}
	for i := from; i < to; i++ {
		args = append(args, filepath.Join(dir, strconv.Itoa(i)+".png"))
	}
	out, _ := exec.Command(program, args...).Output()
	return out
}

// zxing reads a picture with the other decoder, which also tells the level.
func zxing(t *testing.T, p picture) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(p.png))
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	text, level, err := zxingText(img)
	if err != nil || text != p.text || level != string(p.level) {
		t.Errorf("%s: gozxing reads %q at level %s (%v), want %q at %s", p.name, text, level, err, p.text, p.level)
	}
}

func zxingText(img image.Image) (text, level string, err error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", "", err
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_PURE_BARCODE:  true,
		gozxing.DecodeHintType_CHARACTER_SET: encoding.Nop,
	})
	if err != nil {
		return "", "", err
	}
	level, _ = found.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL].(string)
	return found.GetText(), level, nil
}

// drawnBy paints modules as a picture of four pixels a module with a quiet zone, for outputs that are not pictures.
func drawnBy(size int, dark func(x, y int) bool) image.Image {
	const scale, quiet = 4, 4
	side := (size + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			img.Pix[y*img.Stride+x] = 255
			if dark(x/scale-quiet, y/scale-quiet) {
				img.Pix[y*img.Stride+x] = 0
			}
		}
	}
	return img
}
