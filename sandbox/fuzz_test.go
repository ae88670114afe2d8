package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"tolom/sandbox"
)

// lived is the journal of a bank that has seen two payments and an offer that nobody took.
func lived(f *testing.F) [][]byte {
	s := newStage(f)
	for n, code := range []string{"000201tea", "000201cake", "000201bread"} {
		s.platform.ask(code, n == 0, 22_00)
		offer := s.scan("payer-1", code)
		if n == 1 {
			continue
		}
		if _, err := s.bank.Pay(context.Background(), offer.ID, 0); err != nil {
			f.Fatal(err)
		}
	}
	s.rest()
	var records [][]byte
	if err := s.journal.Replay(func(r []byte) error { records = append(records, bytes.Clone(r)); return nil }); err != nil {
		f.Fatal(err)
	}
	return records
}

func line(record []byte) string { return fmt.Sprintf("%08x %s\n", crc32.ChecksumIEEE(record), record) }

var wholeLine = regexp.MustCompile(`^([0-9a-fA-F]{8}) (?s:(.*))\n$`)

// sound says by a second reading whether a line is a record.
func sound(text []byte) (record []byte, good bool) {
	m := wholeLine.FindSubmatch(text)
	if m == nil {
		return nil, false
	}
	return m[2], fmt.Sprintf("%08x", crc32.ChecksumIEEE(m[2])) == string(bytes.ToLower(m[1])) && json.Valid(m[2])
}

// FuzzJournalFile opens files of any content. A file of records with at most one damaged line at its very end is
// opened, without that line; any other is refused and left as it is. What was opened can be written to.
func FuzzJournalFile(f *testing.F) {
	var whole bytes.Buffer
	for _, record := range lived(f) {
		whole.WriteString(line(record))
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()-7])
	f.Add([]byte("00000000 \n00000000 \n"))
	f.Add([]byte(line([]byte(`{"n":1}`)) + "x\n" + line([]byte(`{"n":2}`))))
	f.Add([]byte(line([]byte("{\n}"))))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "bank.jsonl")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var want []string
		rest := content
		for len(rest) > 0 {
			text := rest
			if at := bytes.IndexByte(rest, '\n'); at >= 0 {
				text = rest[:at+1]
			}
			record, good := sound(text)
			if !good {
				break
			}
			want, rest = append(want, string(record)), rest[len(text):]
		}
		end := bytes.IndexByte(rest, '\n')
		torn := end < 0 || end == len(rest)-1
		j, err := sandbox.OpenFile(path)
		if (err == nil) != torn {
			t.Fatalf("%q: %v; the second reading says that a crash can leave it: %v", content, err, torn)
		}
		if err != nil {
			after, readErr := os.ReadFile(path)
			if !errors.Is(err, sandbox.ErrDamaged) || readErr != nil || !bytes.Equal(after, content) {
				t.Fatalf("refused with %v, and the file went from %q to %q", err, content, after)
			}
			return
		}
		if err := j.Append([]byte(`{"n":99}`)); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if got := records(t, path); fmt.Sprint(got) != fmt.Sprint(append(want, `{"n":99}`)) {
			t.Fatalf("%q was read as %q, want %q and one more", content, got, want)
		}
	})
}

// FuzzBooks starts a bank on any records. It refuses them, or has books that add up in a second way, and opens the
// same books again.
func FuzzBooks(f *testing.F) {
	all := lived(f)
	f.Add(bytes.Join(all, []byte("\n")))
	f.Add(bytes.Join(all[:len(all)/2], []byte("\n")))
	f.Add([]byte(`{"n":1,"event":"payer","payer":{"id":"a","balance":-1}}`))
	f.Add([]byte(`{"n":1,"event":"credited","amount":9007199254740991}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		journal := sandbox.NewMemory()
		for record := range bytes.SplitSeq(text, []byte("\n")) {
			if err := journal.Append(record); err != nil {
				t.Fatal(err)
			}
		}
		bank, err := sandbox.New(sandbox.Config{Journal: journal})
		if err != nil {
			return
		}
		if err := bank.Audit(); err != nil {
			t.Fatalf("the books of %q do not add up: %v", text, err)
		}
		sum := bank.Totals()
		if sum.Initial != sum.Available+sum.Held+sum.Captured-sum.Refunded || sum.Held < 0 {
			t.Fatalf("the books of %q come to %+v", text, sum)
		}
		again, err := sandbox.New(sandbox.Config{Journal: journal})
		if err != nil || again.Totals() != sum {
			t.Fatalf("the books of %q are %+v and then %+v, %v", text, sum, again.Totals(), err)
		}
	})
}
