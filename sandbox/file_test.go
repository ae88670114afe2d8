package sandbox_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tolom/sandbox"
)

func records(t *testing.T, path string) []string {
	t.Helper()
	j, err := sandbox.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var got []string
	if err := j.Replay(func(r []byte) error { got = append(got, string(r)); return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

func write(t *testing.T, path string, texts ...string) {
	t.Helper()
	j, err := sandbox.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for _, text := range texts {
		if err := j.Append([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestATornLineIsCutOffWhereverItTears cuts the file at every byte: what was confirmed before stays, the rest goes,
// and writing goes on behind it.
func TestATornLineIsCutOffWhereverItTears(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	write(t, path, `{"n":1}`, `{"n":2,"text":"чай"}`)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Index(whole, '\n') + 1
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		write(t, path, `{"n":3}`)
		want := []string{`{"n":1}`, `{"n":2,"text":"чай"}`, `{"n":3}`}
		switch {
		case cut < first:
			want = want[2:]
		case cut < len(whole):
			want = []string{want[0], want[2]}
		}
		if got := records(t, path); !slices.Equal(got, want) {
			t.Errorf("cut at %d: %q, want %q", cut, got, want)
		}
	}
}

func TestDamageInsideIsRefusedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	write(t, path, `{"n":1}`, `{"n":2}`, `{"n":3}`)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range slices.Index(whole, '\n') {
		damaged := slices.Clone(whole)
		damaged[at] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.OpenFile(path); !errors.Is(err, sandbox.ErrDamaged) {
			t.Errorf("damage at byte %d: %v", at, err)
		}
		if after, err := os.ReadFile(path); err != nil || !slices.Equal(after, damaged) {
			t.Errorf("damage at byte %d: the file was changed, %v", at, err)
		}
	}
}

func TestABankReadsItsFileAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	s := newStage(t)
	s.platform.ask("tea", true, 22_00)
	open := func() *sandbox.Bank {
		j, err := sandbox.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { j.Close() })
		config := s.bank.Config
		config.Journal = j
		bank, err := sandbox.New(config)
		if err != nil {
			t.Fatal(err)
		}
		return bank
	}
	before := open()
	offer, err := before.Scan(t.Context(), "payer-1", "tea", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.Hold(t.Context(), offer.ID, 0); err != nil {
		t.Fatal(err)
	}
	after := open()
	if got, want := fmt.Sprint(after.Accounts(), after.Totals()), fmt.Sprint(before.Accounts(), before.Totals()); got != want {
		t.Errorf("read again: %s\nwant        %s", got, want)
	}
	p, err := after.Confirm(t.Context(), offer.ID)
	if err != nil || p.Stage != sandbox.Succeeded {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAJournalThatCannotBeTrueIsRefused(t *testing.T) {
	for name, lines := range map[string][]string{
		"a gap":              {`{"n":2,"event":"payer","payer":{"id":"a","initial":1}}`},
		"money from nowhere": {`{"n":1,"event":"payer","payer":{"id":"a","initial":1}}`, `{"n":2,"event":"offered","purchase":"p","of":"a","offer":{}}`, `{"n":3,"event":"held","purchase":"p","amount":2}`},
		"a later version":    {`{"n":1,"event":"payer","payer":{"id":"a","initial":1}}`, `{"n":2,"event":"offered","purchase":"p","of":"a","offer":{}}`, `{"n":3,"event":"teleported","purchase":"p"}`},
		"a strange shape":    {`{"n":"one"}`},
	} {
		j := sandbox.NewMemory()
		for _, line := range lines {
			if err := j.Append([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := sandbox.New(sandbox.Config{Journal: j}); !errors.Is(err, sandbox.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
