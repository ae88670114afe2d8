package recon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Range is the minutes from From up to, but without, To.
type Range struct{ From, To Minute }

// MaxDays is how long a period of one comparison may be.
const MaxDays = 31

const (
	hour = 60
	day  = 24 * hour
)

// ErrPeriod says that a range of time cannot be compared.
var ErrPeriod = errors.New("recon: not a period")

// Check refuses a range that is empty, out of the calendar, or longer than MaxDays.
func (r Range) Check() error {
	if !r.From.Valid() || !r.To.Valid() || r.From >= r.To || r.To-r.From > MaxDays*day {
		return fmt.Errorf("%w: it goes from a minute to a later one, at most %d days", ErrPeriod, MaxDays)
	}
	return nil
}

// Minutes is how many minutes the range has.
func (r Range) Minutes() int { return int(r.To - r.From) }

// Has says whether a minute is in the range.
func (r Range) Has(m Minute) bool { return r.From <= m && m < r.To }

// String writes the range as from/to.
func (r Range) String() string { return r.From.String() + "/" + r.To.String() }

// Parts cuts the range into what is compared next: a range of more than a day at the
// midnights of UTC, of more than an hour at full hours, a shorter one into minutes.
// A minute has no parts.
func (r Range) Parts() (parts []Range) {
	step := Minute(1)
	switch n := r.To - r.From; {
	case n <= 1:
		return nil
	case n > day:
		step = day
	case n > hour:
		step = hour
	}
	return r.cut(step)
}

// cut cuts the range at the multiples of a length.
func (r Range) cut(step Minute) (parts []Range) {
	for from := r.From; from < r.To; {
		to := min(from-from%step+step, r.To)
		parts = append(parts, Range{from, to})
		from = to
	}
	return parts
}

// Book is the lines of one side that moved money, in the order of their canonical
// texts, which is also that of time. A line that is in it twice is there twice.
type Book []Line

// BookOf makes a book. Lines whose status is not Success are left out.
func BookOf(lines []Line) Book {
	b := make(Book, 0, len(lines))
	for _, l := range lines {
		if l.Status == Success {
			b = append(b, l)
		}
	}
	slices.SortFunc(b, byText)
	return b
}

// byText orders lines as their texts are ordered byte by byte.
func byText(a, b Line) int {
	if a.Minute != b.Minute {
		return int(a.Minute - b.Minute)
	}
	return strings.Compare(a.String(), b.String())
}

// In gives the part of the book that lies in a range.
func (b Book) In(r Range) Book {
	at := func(m Minute) int {
		i, _ := slices.BinarySearchFunc(b, m, func(l Line, m Minute) int { return int(l.Minute - m) })
		return i
	}
	from, to := at(r.From), at(r.To)
	return b[from:max(from, to)]
}

// Digest stands for the lines of a range: equal digests mean equal lines.
type Digest struct {
	Range  Range
	Count  int64
	SHA256 string // 64 hexadecimal digits in small letters
}

// Empty is the digest of no lines: SHA-256 of nothing.
const Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Sum computes a digest line by line. Lines must come in the book's order.
type Sum struct {
	text  []byte
	hash  interface{ Write([]byte) (int, error) }
	final func() []byte
	count int64
}

// NewSum begins a digest.
func NewSum() *Sum {
	h := sha256.New()
	return &Sum{hash: h, final: func() []byte { return h.Sum(nil) }}
}

// Add takes a book's lines.
func (s *Sum) Add(b Book) {
	for _, l := range b {
		s.text = append(append(s.text[:0], l.String()...), '\n')
		_, _ = s.hash.Write(s.text) // a hash takes everything
		s.count++
	}
}

// Digest ends the digest.
func (s *Sum) Digest(r Range) Digest {
	return Digest{Range: r, Count: s.count, SHA256: hex.EncodeToString(s.final())}
}

// Digest makes the digest of a range of the book: SHA-256 of the canonical texts of
// its lines, in ascending order of their bytes, each with a line feed after it.
func (b Book) Digest(r Range) Digest {
	s := NewSum()
	s.Add(b.In(r))
	return s.Digest(r)
}

// Check refuses a digest that no book can have.
func (d Digest) Check() error {
	if err := d.Range.Check(); err != nil {
		return err
	}
	raw, err := hex.DecodeString(d.SHA256)
	switch {
	case err != nil || len(raw) != sha256.Size || strings.ToLower(d.SHA256) != d.SHA256:
		return fmt.Errorf("%w: the digest of %s is 64 hexadecimal digits in small letters", ErrLine, d.Range)
	case d.Count < 0 || (d.Count == 0) != (d.SHA256 == Empty):
		return fmt.Errorf("%w: the digest of %s is of another number of lines than its count says", ErrLine, d.Range)
	}
	return nil
}

// Steps cuts the range at all full hours, or at the midnights of UTC.
func (r Range) Steps(days bool) []Range {
	if days {
		return r.cut(day)
	}
	return r.cut(hour)
}
