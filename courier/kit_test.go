package courier_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tolom/courier"
	"tolom/internal/sftptest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fileOf makes a file of that many bytes, the same for the same seed.
func fileOf(name string, size int, seed uint64) courier.File {
	content := make([]byte, size)
	source := rand.New(rand.NewPCG(seed, 1))
	for i := range content {
		content[i] = byte(source.Uint32())
	}
	sum := sha256.Sum256(content)
	return courier.File{Name: name, Size: int64(size), SHA256: hex.EncodeToString(sum[:]), Content: bytes.NewReader(content)}
}

func contentOf(t testing.TB, f courier.File) []byte {
	t.Helper()
	content, err := io.ReadAll(io.NewSectionReader(f.Content, 0, f.Size))
	must(t, err)
	return content
}

// lies sees that a file and its digest lie in a folder, whole, and nothing of a transfer is left.
func lies(t testing.TB, folder string, f courier.File) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(folder, f.Name))
	must(t, err)
	if !bytes.Equal(got, contentOf(t, f)) {
		t.Errorf("%s has another content", f.Name)
	}
	digest, err := os.ReadFile(filepath.Join(folder, f.Name+".sha256"))
	must(t, err)
	if string(digest) != f.SHA256+"  "+f.Name+"\n" {
		t.Errorf("its digest file holds %q", digest)
	}
	if parts, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(parts) > 0 {
		t.Errorf("%v are left", parts)
	}
}

// nothing sees that no file stands under its name.
func nothing(t testing.TB, folder, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, name)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s stands there: %v", name, err)
	}
}

func server(s *sftptest.Server, address string) courier.Server {
	return courier.Server{Address: address, User: s.User, HostKey: s.HostKey, PrivateKey: s.PrivateKey, Out: "out", In: "in"}
}

var direct courier.Dial = (&net.Dialer{Timeout: 5 * time.Second}).DialContext

// places are a folder and an sftp server: what holds for deliveries holds for both.
func places(t *testing.T, run func(t *testing.T, open func() *courier.Box, folder string)) {
	t.Run("folder", func(t *testing.T) {
		folder := t.TempDir()
		run(t, func() *courier.Box {
			b, err := courier.Folder(folder, "out", "in")
			must(t, err)
			t.Cleanup(func() { _ = b.Close() })
			return b
		}, folder)
	})
	t.Run("sftp", func(t *testing.T) {
		s := sftptest.Start(t)
		run(t, func() *courier.Box { return signedIn(t, server(s, s.Address), direct) }, s.Folder)
	})
}

func signedIn(t *testing.T, s courier.Server, dial courier.Dial) *courier.Box {
	t.Helper()
	b, err := courier.SFTP(context.Background(), s, dial)
	must(t, err)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// counted counts the bytes that a line carries away from us.
type counted struct {
	net.Conn
	sent *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

func counting(sent *atomic.Int64) courier.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := direct(ctx, network, address)
		return counted{c, sent}, err
	}
}
