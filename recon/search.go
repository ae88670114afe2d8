package recon

import (
	"errors"
	"fmt"
	"slices"
)

// Source gives our side. The digest of a long range is asked for without its lines, so
// that they need not all be held at once.
type Source interface {
	Digest(Range) (Digest, error)
	Book(Range) (Book, error)
}

// Fixed is a source of one book.
type Fixed struct{ Lines Book }

// Digest gives that of a part of the book.
func (f Fixed) Digest(r Range) (Digest, error) { return f.Lines.Digest(r), nil }

// Book gives a part of the book.
func (f Fixed) Book(r Range) (Book, error) { return f.Lines.In(r), nil }

// MaxLeft is how many lines of the two books together may be found without their like
// in one comparison. More is not a difference between books but another book.
const MaxLeft = 2000

// The errors of a search.
var (
	// ErrDifferent says that more than MaxLeft lines differ.
	ErrDifferent = errors.New("recon: the books differ in too many lines to be of the same payments; compare the period, the time zone (UTC) and the form of the lines first")
	// ErrUnasked says that digests or lines came that were not asked for.
	ErrUnasked = errors.New("recon: that was not asked for")
)

// Search is where a comparison stands: what the other side still has to tell, and
// what was found. It is a value: whoever keeps it can go on after any interruption,
// and telling the same twice changes nothing.
type Search struct {
	Period  Range
	Digests []Range // whose digests are asked for
	Lines   []Range // minutes whose lines are asked for
	// Ours and Theirs are lines without their like on the other side, and of theirs also those that moved no money.
	Ours, Theirs []Line
	Same         int64 // lines that both sides have
	Asked        int64 // ranges whose digests were compared
}

// Begin starts a comparison: the first question is the digest of the whole period.
func Begin(period Range) (Search, error) {
	return Search{Period: period, Digests: []Range{period}}, period.Check()
}

// Done says that nothing is asked for any more.
func (s Search) Done() bool { return len(s.Digests) == 0 && len(s.Lines) == 0 }

// Compare takes digests of the other side. Ranges that were not asked for are passed
// over unless they lie inside of one that was: whoever sends all minutes at once is
// not asked for hours. each says that the digests are all minutes with lines of what
// is asked for, so that a minute without one is empty.
func (s Search) Compare(ours Source, given []Digest, each bool) (Search, error) {
	told := make(map[Range]Digest, len(given))
	var inside []Minute
	for _, d := range given {
		if err := d.Check(); err != nil {
			return s, err
		}
		told[d.Range] = d
		if d.Range.Minutes() == 1 {
			inside = append(inside, d.Range.From)
		}
	}
	slices.Sort(inside)
	c := comparing{next: s, ours: ours, told: told, minutes: inside, each: each}
	c.next.Digests = nil
	c.next.Lines = slices.Clone(s.Lines)
	for _, r := range s.Digests {
		if err := c.look(r); err != nil {
			return s, err
		}
	}
	slices.SortFunc(c.next.Lines, byFrom)
	c.next.Lines = slices.Compact(c.next.Lines)
	return c.next, nil
}

func byFrom(a, b Range) int { return int(a.From - b.From) }

// comparing is one Compare under way.
type comparing struct {
	next    Search
	ours    Source
	told    map[Range]Digest
	minutes []Minute // that were told
	each    bool
}

// look compares one range, as far as the other side has told of it.
func (c *comparing) look(r Range) error {
	theirs, told := c.told[r]
	minute := r.Minutes() == 1
	if !told && minute && c.each {
		theirs, told = Digest{Range: r, SHA256: Empty}, true
	}
	switch {
	case !told && !minute && (c.each || c.within(r)):
		return c.parts(r)
	case !told:
		c.next.Digests = append(c.next.Digests, r)
		return nil
	}
	d, err := c.ours.Digest(r)
	if err != nil {
		return err
	}
	c.next.Asked++
	switch {
	case d.SHA256 == theirs.SHA256:
		c.next.Same += d.Count
	case minute:
		c.next.Lines = append(c.next.Lines, r)
	default:
		return c.parts(r)
	}
	return nil
}

func (c *comparing) parts(r Range) error {
	for _, part := range r.Parts() {
		if err := c.look(part); err != nil {
			return err
		}
	}
	return nil
}

// within says whether a minute of a range that was not told was.
func (c *comparing) within(r Range) bool {
	i, _ := slices.BinarySearch(c.minutes, r.From)
	return i < len(c.minutes) && c.minutes[i] < r.To
}

// Take takes all lines of the other side in some of the minutes that were asked for.
// Minutes that were not are passed over, so that the same may be told twice; a line
// outside of the minutes it came for is refused.
func (s Search) Take(ours Source, of []Range, lines []Line) (Search, error) {
	of = slices.SortedFunc(slices.Values(of), byFrom)
	byMinute := map[Minute][]Line{}
	for _, l := range lines {
		if err := l.Check(); err != nil {
			return s, err
		}
		if !covered(of, Range{l.Minute, l.Minute + 1}) {
			return s, fmt.Errorf("%w: the line %q is in none of the ranges", ErrUnasked, l)
		}
		byMinute[l.Minute] = append(byMinute[l.Minute], l)
	}
	next := s
	next.Lines = nil
	for _, r := range s.Lines {
		if !covered(of, r) {
			next.Lines = append(next.Lines, r)
			continue
		}
		book, err := ours.Book(r)
		if err != nil {
			return s, err
		}
		if next, err = next.left(book, byMinute[r.From]); err != nil {
			return s, err
		}
	}
	return next, nil
}

// covered says whether a range lies in one of those that are sorted by their beginnings.
func covered(by []Range, r Range) bool {
	i, found := slices.BinarySearchFunc(by, r, byFrom)
	if !found {
		i--
	}
	for ; i >= 0 && i < len(by) && by[i].From <= r.From; i++ {
		if r.To <= by[i].To {
			return true
		}
	}
	return false
}

// left notes what of two sets of lines has no like in the other, as often as it has none.
func (s Search) left(ours Book, theirs []Line) (Search, error) {
	count := make(map[Line]int, len(ours))
	for _, l := range ours {
		count[l]++
	}
	s.Ours, s.Theirs = slices.Clone(s.Ours), slices.Clone(s.Theirs)
	for _, l := range theirs {
		if count[l] > 0 {
			count[l]--
			s.Same++
			continue
		}
		s.Theirs = append(s.Theirs, l)
	}
	for _, l := range ours {
		if count[l] > 0 {
			count[l]--
			s.Ours = append(s.Ours, l)
		}
	}
	if len(s.Ours)+len(s.Theirs) > MaxLeft {
		return s, ErrDifferent
	}
	return s, nil
}

// Whole compares two whole books, as when one side sent a file: the digests of its
// minutes are computed here.
func Whole(ours Source, theirs []Line, period Range) (Search, error) {
	s, err := Begin(period)
	if err != nil {
		return s, err
	}
	book := BookOf(theirs)
	if s, err = s.Compare(ours, book.Minutes(), true); err != nil {
		return s, err
	}
	for _, l := range theirs {
		if !period.Has(l.Minute) {
			return s, fmt.Errorf("%w: the line %q is outside of the period", ErrUnasked, l)
		}
	}
	minutes := s.Lines
	asked := slices.DeleteFunc(slices.Clone(theirs), func(l Line) bool { return !covered(minutes, Range{l.Minute, l.Minute + 1}) })
	return s.Take(ours, minutes, asked)
}

// Minutes gives the digests of all minutes that have lines, in order.
func (b Book) Minutes() (all []Digest) {
	for i := 0; i < len(b); {
		r := Range{b[i].Minute, b[i].Minute + 1}
		d := b.Digest(r)
		all = append(all, d)
		i += int(d.Count)
	}
	return all
}
