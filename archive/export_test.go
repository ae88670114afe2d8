package archive

import "bytes"

// Packed makes a file of lines that is whole in itself.
func Packed(lines []string) []byte {
	var b bytes.Buffer
	w := newWriter(&b)
	for _, line := range lines {
		w.lines++
		w.sum.Write([]byte(line))
		_, _ = w.to.Write([]byte(line))
	}
	_, _ = w.end()
	return b.Bytes()
}
