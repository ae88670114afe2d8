package recon

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestVectors are the ones of docs/reconciliation.md. Their digests were computed by
// `LC_ALL=C sort | sha256sum`, not by this package.
func TestVectors(t *testing.T) {
	lines := func(texts ...string) (out []Line) {
		for _, text := range texts {
			l, err := ParseLine(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, l)
		}
		return out
	}
	one := "2026-11-24T05:40Z payment demo-000017 150000 success"
	two := "2026-11-24T05:40Z payment demo-000018 99 success"
	back := "2026-11-24T05:41Z refund re_01kar9k2b0c4r5s6t7v8w9xyzc 50000 success"
	for _, c := range []struct {
		name  string
		lines []Line
		count int64
		want  string
	}{
		{"nothing", nil, 0, Empty},
		{"one line", lines(one), 1, "d037583ceb04c83cb38e76c07972c902ab8e454de1ab7d6a45b6fc89426a5fa8"},
		{"two minutes", lines(back, two, one), 3, "00a8c5e299eb6d2f6aa653dbb767e28eea786a6002a80a6f2948958dc5bdbe9c"},
		{"the same line twice", lines(one, one), 2, "8b795b1fe1b13ec4a351ae8c6dc4dfca8e4280ac6af189863621e3aecb4ab2d6"},
		{"what moved no money does not count", append(lines(one), Line{lines(one)[0].Minute, Payment, "demo-000019", 5, Canceled}), 1, "d037583ceb04c83cb38e76c07972c902ab8e454de1ab7d6a45b6fc89426a5fa8"},
	} {
		from, _ := ParseMinute("2026-11-24T05:00Z")
		d := BookOf(c.lines).Digest(Range{from, from + hour})
		if d.SHA256 != c.want || d.Count != c.count || d.Check() != nil {
			t.Errorf("%s: %+v, want %s of %d lines", c.name, d, c.want, c.count)
		}
	}
}

// TestADigestDoesNotDependOnTheOrder in which a book was written, and on nothing but its lines.
func TestADigestDoesNotDependOnTheOrder(t *testing.T) {
	period := Range{29_000_000, 29_000_000 + day}
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(anyLine(period), 1, 30).Draw(t, "lines")
		digest := BookOf(lines).Digest(period)
		if again := BookOf(rapid.Permutation(lines).Draw(t, "order")).Digest(period); again != digest {
			t.Errorf("in another order %s, not %s", again.SHA256, digest.SHA256)
		}
		other := slices.Clone(lines)
		i := rapid.IntRange(0, len(lines)-1).Draw(t, "which")
		switch rapid.IntRange(0, 2).Draw(t, "change") {
		case 0:
			other[i].Amount++
		case 1:
			other = append(other, lines[i])
		case 2:
			other = slices.Delete(other, i, i+1)
		}
		if BookOf(other).Digest(period).SHA256 == digest.SHA256 {
			t.Errorf("another book has the same digest: %v, %v", lines, other)
		}
	})
}

// TestPartsCoverTheirRange without gap or overlap, and begin at full days, hours or minutes.
func TestPartsCoverTheirRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := Minute(rapid.IntRange(0, 30_000_000).Draw(t, "from"))
		r := Range{from, from + Minute(rapid.IntRange(2, MaxDays*day).Draw(t, "length"))}
		at := r.From
		for i, part := range r.Parts() {
			if part.From != at || part.To <= part.From {
				t.Fatalf("part %d of %v is %v", i, r, part)
			}
			at = part.To
		}
		if at != r.To {
			t.Errorf("the parts of %v end at %v", r, at)
		}
	})
}

func TestLinesAreReadAsTheyAreWritten(t *testing.T) {
	period := Range{29_000_000, 29_000_000 + day}
	rapid.Check(t, func(t *rapid.T) {
		l := anyLine(period).Draw(t, "line")
		if back, err := ParseLine(l.String()); err != nil || back != l {
			t.Errorf("%q is read as %v, %v", l, back, err)
		}
	})
	good := "2026-11-24T05:40Z payment demo-1 15 success"
	for _, bad := range []string{
		"", good + " ", " " + good, good + "\n", strings.Replace(good, "15", "015", 1), strings.Replace(good, "15", "+15", 1), strings.Replace(good, "15", "0", 1),
		strings.Replace(good, "15", "-15", 1), strings.Replace(good, "05:40Z", "05:40:00Z", 1), strings.Replace(good, "demo-1", "demo/1", 1),
		strings.Replace(good, "payment", "Payment", 1), strings.Replace(good, "success", "paid", 1), strings.Replace(good, " ", "  ", 1),
	} {
		if l, err := ParseLine(bad); err == nil {
			t.Errorf("%q is read as %v", bad, l)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add("2026-11-24T05:40Z payment demo-1 15 success")
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := ParseLine(text); err == nil && l.String() != text {
			t.Errorf("%q is read as %q", text, l)
		}
	})
}

// TestTheDocumentHasTheVectors keeps docs/reconciliation.md and the test above together.
func TestTheDocumentHasTheVectors(t *testing.T) {
	file, err := os.Open("../docs/reconciliation.md")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	missing := map[string]bool{Empty: true, "d037583ceb04c83cb38e76c07972c902ab8e454de1ab7d6a45b6fc89426a5fa8": true, "8b795b1fe1b13ec4a351ae8c6dc4dfca8e4280ac6af189863621e3aecb4ab2d6": true, "00a8c5e299eb6d2f6aa653dbb767e28eea786a6002a80a6f2948958dc5bdbe9c": true}
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		for digest := range missing {
			if strings.Contains(scanner.Text(), digest) {
				delete(missing, digest)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("the document lacks %v", missing)
	}
}
