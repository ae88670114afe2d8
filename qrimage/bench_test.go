package qrimage

import (
	"bytes"
	"testing"

	"github.com/piglig/go-qr"
	"rsc.io/qr"
)

// BenchmarkPNG draws a usual payload at 400 pixels; the goal is 1 ms at most.
func BenchmarkPNG(b *testing.B) {
	measure(b, func() error { _, err := PNG(usual, Options{}); return err })
}

func BenchmarkPNGWithCaption(b *testing.B) {
	measure(b, func() error { _, err := PNG(usual, Options{Label: "Касса 2, 1 250,00 сом"}); return err })
}

func BenchmarkSVG(b *testing.B) {
	measure(b, func() error { _, err := SVG(usual, Options{}); return err })
}

func BenchmarkTerminal(b *testing.B) {
	measure(b, func() error { _, err := Terminal(usual, Options{}); return err })
}

func BenchmarkPDF(b *testing.B) { measure(b, func() error { _, err := PDF(usual, shop); return err }) }

func BenchmarkModules(b *testing.B) {
	measure(b, func() error { _, err := Modules(usual, LevelM); return err })
}

// BenchmarkModulesByGoQR is the other encoder that chooses among all masks.
func BenchmarkModulesByGoQR(b *testing.B) {
	measure(b, func() error { _, err := go_qr.EncodeText(usual, go_qr.Medium); return err })
}

// BenchmarkModulesByRsc is the encoder that always takes mask 0.
func BenchmarkModulesByRsc(b *testing.B) {
	measure(b, func() error { _, err := qr.Encode(usual, qr.M); return err })
}

func BenchmarkReadScreenshot(b *testing.B) {
	data, err := PNG(usual, Options{})
	if err != nil {
		b.Fatal(err)
	}
	measure(b, func() error { _, err := Read(bytes.NewReader(data)); return err })
}

func BenchmarkReadPhoto(b *testing.B) {
	data := asJPEG(b, shotOf(b, usual, Options{Size: 600}).placed(4000, 3000, 4, 2.5), 80)
	measure(b, func() error { _, err := Read(bytes.NewReader(data)); return err })
}

func measure(b *testing.B, work func() error) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
}
