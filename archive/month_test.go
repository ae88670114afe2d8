package archive_test

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tolom/archive"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
)

var sealedBy = []seal.PublicKey{sealKey.Public()}

// Months follow each other without a gap, say what the database says, and are what was sealed.
// Erasing in the database changes nothing of that.
func TestAMonthIsArchivedAndProven(t *testing.T) {
	for _, p := range append(places, place{"memory", nil}) {
		t.Run(p.name, func(t *testing.T) {
			var s store.Store = store.NewMemory(system.Clock)
			if p.dsn != nil {
				s = open(t, p.dsn(t)).Store
			}
			c := newTown(t, s, system)
			c.live(300) // More than a page and a tile of facts.
			dir, now := t.TempDir(), system.Clock.Now().In(time.FixedZone("", 6*60*60))
			this, later := now.Format("2006-01"), now.AddDate(0, 3, -now.Day()+1)
			if _, _, err := archive.MakeMonth(t.Context(), s, dir, this, now); !errors.Is(err, archive.ErrOpen) {
				t.Fatalf("a month that goes on: %v", err)
			}
			path, made, err := archive.MakeMonth(t.Context(), s, dir, this, later)
			must(t, err)
			if made.Payments != 300 || made.Paid != 300*70_000 || made.Refunds != 100 || made.Refunded != 100*10_000 || made.From != 0 || made.Facts != made.To || made.Entries == 0 {
				t.Errorf("%+v", made)
			}
			proven, err := archive.ReadMonth(path, sealedBy)
			must(t, err)
			if proven.Sealed.Size < proven.To {
				t.Errorf("sealed over %d lines of %d", proven.Sealed.Size, proven.To)
			}
			if _, _, err := archive.MakeMonth(t.Context(), s, dir, this, later); !errors.Is(err, archive.ErrOrder) {
				t.Errorf("the same month again: %v", err)
			}
			eraseAll(t, s)
			c.live(3)
			next := now.AddDate(0, 1, -now.Day()+1).Format("2006-01")
			_, second, err := archive.MakeMonth(t.Context(), s, dir, next, later)
			for tries := 0; errors.Is(err, archive.ErrOpen) && tries < 40; tries++ { // A checkpoint is signed every five seconds.
				time.Sleep(200 * time.Millisecond)
				c.sealed()
				_, second, err = archive.MakeMonth(t.Context(), s, dir, next, later)
			}
			must(t, err)
			if second.From != made.To || second.Previous != made.Digest || second.Payments != 3 {
				t.Errorf("the next month is %+v after %+v", second, made)
			}
			all, err := archive.Months(dir)
			must(t, err)
			for _, path := range all {
				_, err := archive.ReadMonth(path, sealedBy)
				must(t, err)
				text := unpacked(t, path)
				for _, word := range []string{"Payer A", "P*** A", "DEMOKG22"} {
					if strings.Contains(text, word) {
						t.Errorf("%q is in an archive, which is kept for ever", word)
					}
				}
			}
			forged(t, all[0])
		})
	}
}

func unpacked(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	all, err := io.ReadAll(z)
	must(t, err)
	return string(all)
}

// forged changes an archive, with its digest, as somebody would who wants it to say another thing.
func forged(t *testing.T, path string) {
	t.Helper()
	lines := strings.SplitAfter(unpacked(t, path), "\n")
	lines = lines[:len(lines)-2]
	for name, change := range map[string]func([]string) []string{
		"another amount in a fact": func(l []string) []string { return replaced(l, `"Amount":70000,`, `"Amount":70001,`) },
		"another merchant":         func(l []string) []string { return replaced(l, `"Merchant":"mer_0`, `"Merchant":"mer_1`) },
		"a fact less":              func(l []string) []string { return append(l[:1:1], l[2:]...) },
		"an entry less":            func(l []string) []string { return without(l, `{"entry"`) },
		"the last fact less":       func(l []string) []string { return l[:len(l)/2] },
	} {
		bad := filepath.Join(t.TempDir(), "bad")
		must(t, os.WriteFile(bad, archive.Packed(change(lines)), 0o600))
		if _, err := archive.ReadMonth(bad, sealedBy); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := seal.NewPrivateKey([32]byte{5})
	if _, err := archive.ReadMonth(path, []seal.PublicKey{other.Public()}); !errors.Is(err, trail.ErrSigner) {
		t.Errorf("held against another's key: %v", err)
	}
}

func replaced(lines []string, old, by string) []string {
	out := append([]string(nil), lines...)
	for i, line := range out {
		if strings.HasPrefix(line, `{"fact"`) && strings.Contains(line, old) {
			out[i] = strings.Replace(line, old, by, 1)
			break
		}
	}
	return out
}

func without(lines []string, prefix string) (out []string) {
	gone := false
	for _, line := range lines {
		if !gone && strings.HasPrefix(line, prefix) {
			gone = true
			continue
		}
		out = append(out, line)
	}
	return out
}
