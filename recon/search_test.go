package recon

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tolom/money"
)

// bank is the other side of a comparison: a book of its own and a count of what it was asked for.
type bank struct {
	lines                  []Line
	digests, minutes, trip int
}

// answer goes on until nothing is asked for any more, in the way of a bank's program.
func (b *bank) answer(s Search, ours Source, each bool) (Search, error) {
	book := BookOf(b.lines)
	for !s.Done() {
		b.trip++
		var err error
		if len(s.Digests) > 0 {
			if s, err = s.Compare(ours, b.tell(book, s.Digests, each), each); err != nil {
				return s, err
			}
			continue
		}
		// One half of the minutes comes in a call of its own, as of a bank that sends bit by bit.
		some := s.Lines[:(len(s.Lines)+1)/2]
		b.minutes += len(some)
		if s, err = s.Take(ours, some, b.in(some)); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (b *bank) tell(book Book, asked []Range, each bool) (told []Digest) {
	if each {
		return book.Minutes()
	}
	for _, r := range asked {
		b.digests++
		told = append(told, book.Digest(r))
	}
	return told
}

func (b *bank) in(minutes []Range) (some []Line) {
	for _, l := range b.lines {
		if covered(minutes, Range{l.Minute, l.Minute + 1}) {
			some = append(some, l)
		}
	}
	return some
}

func sourceOf(lines []Line) Source {
	return Fixed{BookOf(lines)}
}

// apartBy is the plain answer that the search must find: lines with no like on the other side, as often as there are.
func apartBy(a, b []Line) (rest []Line) {
	count := map[Line]int{}
	for _, l := range b {
		count[l]++
	}
	for _, l := range a {
		if count[l]--; count[l] < 0 {
			rest = append(rest, l)
		}
	}
	slices.SortFunc(rest, byText)
	return rest
}

func sorted(lines []Line) []Line { return slices.SortedFunc(slices.Values(lines), byText) }

// anyLine draws a line; few names and minutes, so that lines meet.
func anyLine(period Range) *rapid.Generator[Line] {
	return rapid.Custom(func(t *rapid.T) Line {
		return Line{
			Minute: period.From + Minute(rapid.IntRange(0, period.Minutes()-1).Draw(t, "minute")),
			Kind:   rapid.SampledFrom([]Kind{Payment, Refund}).Draw(t, "kind"),
			ID:     fmt.Sprintf("p-%d", rapid.IntRange(1, 30).Draw(t, "name")),
			Amount: money.Amount(rapid.IntRange(1, 3).Draw(t, "amount")),
			Status: Success,
		}
	})
}

// TestTheSearchFindsExactlyWhatDiffers for any two books and any period, in whichever
// way the other side tells its digests.
func TestTheSearchFindsExactlyWhatDiffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := Minute(rapid.IntRange(29_000_000, 29_010_000).Draw(t, "from"))
		period := Range{from, from + Minute(rapid.SampledFrom([]int{1, 7, 60, 61, 1440, 1500, 31 * 1440}).Draw(t, "minutes"))}
		shared := rapid.SliceOfN(anyLine(period), 0, 40).Draw(t, "shared")
		ours := append(rapid.SliceOfN(anyLine(period), 0, 6).Draw(t, "ours"), shared...)
		theirs := append(rapid.SliceOfN(anyLine(period), 0, 6).Draw(t, "theirs"), shared...)
		each := rapid.Bool().Draw(t, "each")
		s, err := Begin(period)
		if err != nil {
			t.Fatal(err)
		}
		other := &bank{lines: theirs}
		if s, err = other.answer(s, sourceOf(ours), each); err != nil {
			t.Fatal(err)
		}
		if got, want := sorted(s.Ours), apartBy(ours, theirs); !slices.Equal(got, want) {
			t.Errorf("ours alone: %v, want %v", got, want)
		}
		if got, want := sorted(s.Theirs), apartBy(theirs, ours); !slices.Equal(got, want) {
			t.Errorf("theirs alone: %v, want %v", got, want)
		}
		if s.Same+int64(len(s.Ours)) != int64(len(ours)) {
			t.Errorf("%d lines agree and %d are left of %d", s.Same, len(s.Ours), len(ours))
		}
		whole, err := Whole(sourceOf(ours), theirs, period)
		if err != nil || !slices.Equal(sorted(whole.Ours), sorted(s.Ours)) || !slices.Equal(sorted(whole.Theirs), sorted(s.Theirs)) {
			t.Errorf("a file of the same lines finds %v and %v, %v", whole.Ours, whole.Theirs, err)
		}
		asksLittle(t, other, s, period, each)
	})
}

// asksLittle bounds what is asked for: beside the period's own digest, for each
// minute that differs the days of the period, the hours of one day and the minutes
// of one hour; and the lines of that minute alone.
func asksLittle(t *rapid.T, b *bank, s Search, period Range, each bool) {
	differing := map[Minute]bool{}
	for _, l := range append(slices.Clone(s.Ours), s.Theirs...) {
		differing[l.Minute] = true
	}
	if b.minutes != len(differing) {
		t.Errorf("the lines of %d minutes were asked for, %d differ", b.minutes, len(differing))
	}
	days := period.Minutes()/day + 2
	if most := 1 + len(differing)*(days+25+61); !each && b.digests > most {
		t.Errorf("%d digests were asked for, for %d differing minutes at most %d", b.digests, len(differing), most)
	}
}

// TestFigures prints what docs/evidence.md says of the search: many pairs of books,
// differences that were put in, found, missed and made up, and what finding them took.
func TestFigures(t *testing.T) {
	pairs := 300
	random := rand.New(rand.NewPCG(1, 2))
	var planted, found, missed, invented, digests, minutes, lines int
	for range pairs {
		period := Range{29_000_000, 29_000_000 + day}
		theirs := makeDay(random, period, 400)
		ours := slices.Clone(theirs)
		plant := random.IntN(6)
		for range plant {
			i := random.IntN(len(ours))
			switch random.IntN(3) {
			case 0:
				ours = slices.Delete(ours, i, i+1)
			case 1:
				ours[i].Amount++
			case 2:
				ours = append(ours, ours[i])
			}
		}
		s, _ := Begin(period)
		other := &bank{lines: theirs}
		s, err := other.answer(s, sourceOf(ours), false)
		if err != nil {
			t.Fatal(err)
		}
		want := append(apartBy(ours, theirs), apartBy(theirs, ours)...)
		got := append(sorted(s.Ours), sorted(s.Theirs)...)
		planted, found = planted+len(want), found+len(got)
		missed += len(apartBy(want, got))
		invented += len(apartBy(got, want))
		digests, minutes, lines = digests+other.digests, minutes+other.minutes, lines+len(theirs)
	}
	t.Logf("%d pairs of books of a day, %d lines: %d differing lines, %d missed, %d invented; asked for %d digests and the lines of %d minutes of %d",
		pairs, lines, planted, missed, invented, digests, minutes, pairs*day)
	if missed+invented > 0 || found != planted {
		t.Error("the search is wrong")
	}
}

func makeDay(random *rand.Rand, period Range, n int) (lines []Line) {
	for i := range n {
		lines = append(lines, Line{period.From + Minute(random.IntN(day)), Payment, fmt.Sprint("demo-", i), money.Amount(1 + random.IntN(1000)), Success})
	}
	return lines
}

// TestASearchGoesOnWhereItStood: the same digests or lines again change nothing, and
// what was not asked for is refused or passed over.
func TestASearchGoesOnWhereItStood(t *testing.T) {
	period := Range{29_000_000, 29_000_000 + hour}
	a, b := Line{period.From, Payment, "a", 1, Success}, Line{period.From + 59, Payment, "b", 2, Success}
	ours := sourceOf([]Line{a})
	s, _ := Begin(period)
	whole := BookOf([]Line{a, b}).Digest(period)
	s, err := s.Compare(ours, []Digest{whole}, false)
	if err != nil || len(s.Digests) != 60 {
		t.Fatalf("asked for %d digests, %v", len(s.Digests), err)
	}
	again, err := s.Compare(ours, []Digest{whole}, false)
	if err != nil || len(again.Digests) != 60 || again.Asked != s.Asked {
		t.Errorf("the same again asks for %d digests (%d compared), %v", len(again.Digests), again.Asked, err)
	}
	if s, err = s.Compare(ours, BookOf([]Line{a, b}).Minutes(), true); err != nil || !slices.Equal(s.Lines, []Range{{b.Minute, b.Minute + 1}}) {
		t.Fatalf("asked for the lines of %v, %v", s.Lines, err)
	}
	if _, err := s.Take(ours, s.Lines, []Line{a}); err == nil {
		t.Error("a line of another minute was taken")
	}
	done, err := s.Take(ours, s.Lines, []Line{b})
	if err != nil || !done.Done() || !slices.Equal(done.Theirs, []Line{b}) {
		t.Fatalf("found %v, %v", done.Theirs, err)
	}
	twice, err := done.Take(ours, []Range{{b.Minute, b.Minute + 1}}, []Line{b})
	if err != nil || len(twice.Theirs) != 1 {
		t.Errorf("told twice, it is left over %d times, %v", len(twice.Theirs), err)
	}
	if len(s.Theirs) != 0 {
		t.Error("a search that went on changed the one it came from")
	}
}

func TestAnotherBookIsNoDifference(t *testing.T) {
	period := Range{29_000_000, 29_000_001}
	var theirs []Line
	for i := range MaxLeft + 1 {
		theirs = append(theirs, Line{period.From, Payment, fmt.Sprint("x-", i), 1, Success})
	}
	if _, err := Whole(sourceOf(nil), theirs, period); err == nil {
		t.Error("more than the most differences were taken")
	}
}
