package courier_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tolom/courier"
)

// put lays a letter into an inbox as a bank does.
func put(t *testing.T, folder, name, content string) {
	t.Helper()
	in := filepath.Join(folder, "in")
	must(t, os.MkdirAll(in, 0o777))
	must(t, os.Chmod(in, 0o777)) // The server's user moves what the test put there.
	must(t, os.WriteFile(filepath.Join(in, name), []byte(content), 0o666))
}

func names(letters []courier.Letter) (out []string) {
	for _, l := range letters {
		out = append(out, l.Name)
	}
	slices.Sort(out)
	return out
}

func TestLettersAreTakenAndPutAway(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		b := open()
		if letters, err := b.Waiting(10); err != nil || len(letters) != 0 {
			t.Fatalf("an inbox that is missing: %v, %v", letters, err)
		}
		for _, name := range []string{"a.xml", "b.xml", "c.xml.part", ".d.xml", "e.tmp", "f.reason"} {
			put(t, folder, name, "content of "+name)
		}
		sum := sha256.Sum256([]byte("content of a.xml"))
		digest := hex.EncodeToString(sum[:])
		put(t, folder, "a.xml.sha256", digest+"  a.xml\n")
		letters, err := b.Waiting(10)
		if must(t, err); !slices.Equal(names(letters), []string{"a.xml", "b.xml"}) {
			t.Fatalf("these wait: %v", letters)
		}
		content, got, whole, err := b.Fetch(context.Background(), courier.Letter{Name: "a.xml"})
		if must(t, err); string(content) != "content of a.xml" || got != digest || !whole {
			t.Errorf("fetched %q, %s, %v", content, got, whole)
		}
		_, other, whole, err := b.Fetch(context.Background(), courier.Letter{Name: "b.xml"})
		if must(t, err); whole {
			t.Error("a letter without a digest beside it cannot be known to be whole")
		}
		must(t, b.Done(courier.Letter{Name: "a.xml"}, digest))
		must(t, b.Done(courier.Letter{Name: "a.xml"}, digest)) // Twice, as after a death in the middle.
		must(t, b.Failed(courier.Letter{Name: "b.xml"}, other, "it is no answer"))
		if letters, err := b.Waiting(10); err != nil || len(letters) != 0 {
			t.Errorf("after all was put away: %v, %v", letters, err)
		}
		for name, want := range map[string]string{
			"done/a.xml." + digest[:12]: "content of a.xml", "done/a.xml." + digest[:12] + ".sha256": digest + "  a.xml\n",
			"failed/b.xml." + other[:12]: "content of b.xml", "failed/b.xml." + other[:12] + ".reason": "it is no answer\n",
		} {
			if got, err := os.ReadFile(filepath.Join(folder, "in", name)); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	})
}

func TestALetterIsHeldAgainstItsDigest(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		put(t, folder, "a.xml", "torn con")
		put(t, folder, "a.xml.sha256", fileOf("", 5, 1).SHA256)
		if _, _, whole, err := open().Fetch(context.Background(), courier.Letter{Name: "a.xml"}); !errors.Is(err, courier.ErrDigest) || whole {
			t.Errorf("got %v, %v", whole, err)
		}
	})
}

func TestThreatLinksOutOfFolders(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a.xml", "x")
	must(t, os.Symlink("/etc/passwd", filepath.Join(folder, "in", "passwd.xml")))
	b, err := courier.Folder(folder, "out", "in")
	must(t, err)
	letters, err := b.Waiting(10)
	if must(t, err); !slices.Equal(names(letters), []string{"a.xml"}) {
		t.Errorf("these wait: %v", letters)
	}
	if _, _, _, err := b.Fetch(context.Background(), courier.Letter{Name: "passwd.xml"}); err == nil {
		t.Error("a link out of the folder was followed")
	}
}
