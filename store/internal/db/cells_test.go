package db

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

func TestRowsFitTheSmallestType(t *testing.T) {
	for _, c := range []struct{ texts, wholes, size int }{{0, 1, 4}, {4, 4, 4}, {5, 0, 8}, {1, 9, 12}, {14, 14, 16}} {
		var shape []Vector
		for range c.texts {
			shape = append(shape, Texts("t", nil))
		}
		for range c.wholes {
			shape = append(shape, Ints("n", nil))
		}
		if got := cellSize(shape); got != c.size {
			t.Errorf("%d texts and %d whole numbers go into cells%d, want cells%d", c.texts, c.wholes, got, c.size)
		}
	}
}

// TestRowsAreSentTextsFirst: whatever the order of the columns, and without touching it.
func TestRowsAreSentTextsFirst(t *testing.T) {
	columns := Cells{Ints("n", []int64{7, -1}), Texts("a", []string{"ä", ""}), Texts("b", []string{"b", "bb"})}
	if names := strings.Join(cellNames(columns), " "); names != "a b _3 _4 n" {
		t.Errorf("the columns are named %s", names)
	}
	got, err := cellCodec{row: 9}.Encode(columns, []byte("before"))
	if err != nil || columns[0].Name != "n" {
		t.Fatalf("%v; the columns are %v now", err, columns)
	}
	want := []byte("before")
	number := func(v ...uint32) {
		for _, n := range v {
			want = binary.BigEndian.AppendUint32(want, n)
		}
	}
	text := func(s string) {
		number(textOID, uint32(len(s)))
		want = append(want, s...)
	}
	number(1, 0, 9, 2, 1)
	for row, n := range []uint64{7, ^uint64(0)} {
		a, b := columns[1].Texts[row], columns[2].Texts[row]
		number(0, 8) // the length, set when it is known; the cells
		start := len(want) - 8
		text(a)
		text(b)
		number(slices.Repeat([]uint32{textOID, null}, 2)...)
		number(wholeOID, 8)
		want = binary.BigEndian.AppendUint64(want, n)
		number(slices.Repeat([]uint32{wholeOID, null}, 3)...)
		binary.BigEndian.PutUint32(want[start:], uint32(len(want)-start-4))
	}
	if !bytes.Equal(got, want) {
		t.Errorf("sent\n%q\nwant\n%q", got, want)
	}
}
