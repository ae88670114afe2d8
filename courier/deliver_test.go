package courier_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"tolom/courier"
	"tolom/internal/sftptest"
	"tolom/internal/smalldisk"
)

func TestAFileIsDeliveredOnce(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		f, out := fileOf("20261124_day.xml", 300_000, 1), filepath.Join(folder, "out")
		r, err := open().Deliver(context.Background(), f)
		must(t, err)
		if r.Repeated || r.Resumed != 0 || r.Size != f.Size || r.SHA256 != f.SHA256 || !strings.HasSuffix(r.Path, "out/"+f.Name) {
			t.Errorf("the receipt is %+v", r)
		}
		lies(t, out, f)
		r, err = open().Deliver(context.Background(), f)
		must(t, err)
		if !r.Repeated {
			t.Error("a second delivery of the same file was not recognised")
		}
		for name, other := range map[string]courier.File{"another content": fileOf(f.Name, 300_000, 2), "another size": fileOf(f.Name, 299_999, 1)} {
			if _, err := open().Deliver(context.Background(), other); !errors.Is(err, courier.ErrTaken) {
				t.Errorf("%s under the same name: %v", name, err)
			}
		}
		lies(t, out, f)
	})
}

func TestAnEmptyFileIsDeliveredToo(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		f := fileOf("none.json", 0, 1)
		_, err := open().Deliver(context.Background(), f)
		must(t, err)
		lies(t, filepath.Join(folder, "out"), f)
	})
}

// TestThreatForgedParts begins with every kind of part that an earlier attempt, or chance, may have left.
func TestThreatForgedParts(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		f := fileOf("f", 200_000, 1)
		content := contentOf(t, f)
		for name, c := range map[string]struct {
			part    []byte
			resumed int64
		}{
			"nothing":             {nil, 0},
			"a beginning":         {content[:120_000], 120_000},
			"all of it":           {content, 200_000},
			"a wrong beginning":   {append([]byte("X"), content[1:120_000]...), 0},
			"more than all of it": {append(bytes.Clone(content), 'x'), 0},
			"a hole in it":        {append(append(bytes.Clone(content[:60_000]), make([]byte, 40_000)...), content[100_000:150_000]...), 0},
		} {
			t.Run(name, func(t *testing.T) {
				f.Name = strings.ReplaceAll(name, " ", "_") + ".xml"
				b := open()
				_, err := b.Deliver(context.Background(), fileOf("first.json", 1, 1)) // It makes the folder.
				must(t, err)
				must(t, os.WriteFile(filepath.Join(folder, "out", f.Name+".part"), c.part, 0o666))
				must(t, os.Chmod(filepath.Join(folder, "out", f.Name+".part"), 0o666))
				r, err := b.Deliver(context.Background(), f)
				must(t, err)
				if r.Resumed != c.resumed {
					t.Errorf("%d bytes were carried on from, not %d", r.Resumed, c.resumed)
				}
				lies(t, filepath.Join(folder, "out"), f)
			})
		}
	})
}

// TestACutLineIsCarriedOn cuts the line after so many bytes, again and again, until the file has arrived; what was there is
// not sent again.
func TestACutLineIsCarriedOn(t *testing.T) {
	s := sftptest.Start(t)
	f := fileOf("20261124_cut.json", 2_000_000, 3)
	way := proxied(t, s.Address)
	var sent atomic.Int64
	cuts := 0
	for ; cuts < 20; cuts++ {
		cutAfter(t, way, 500_000)
		if deliver(server(s, way.Listen), counting(&sent), f) == nil {
			break
		}
		nothing(t, filepath.Join(s.Folder, "out"), f.Name)
		heal(t, way)
	}
	if cuts < 3 {
		t.Errorf("the line was cut %d times; 500,000 of 2,000,000 bytes pass each time", cuts)
	}
	if most := f.Size * 14 / 10; sent.Load() > most {
		t.Errorf("%d bytes were sent for a file of %d", sent.Load(), f.Size)
	}
	lies(t, filepath.Join(s.Folder, "out"), f)
	t.Logf("%d cuts, %d bytes sent for %d", cuts, sent.Load(), f.Size)
}

func deliver(s courier.Server, dial courier.Dial, f courier.File) error {
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	b, err := courier.SFTP(ctx, s, dial)
	if err != nil {
		return err
	}
	_, err = b.Deliver(ctx, f)
	return errors.Join(err, b.Close())
}

func proxied(t *testing.T, upstream string) *toxiproxy.Proxy {
	t.Helper()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "sftp", "127.0.0.1:0", upstream)
	must(t, p.Start())
	t.Cleanup(p.Stop)
	return p
}

func cutAfter(t *testing.T, p *toxiproxy.Proxy, bytes int) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"name": "cut", "type": "limit_data", "stream": "upstream", "toxicity": 1, "attributes": map[string]any{"bytes": bytes}})
	must(t, err)
	_, err = p.Toxics.AddToxicJson(strings.NewReader(string(text)))
	must(t, err)
}

func heal(t *testing.T, p *toxiproxy.Proxy) {
	t.Helper()
	must(t, p.Toxics.RemoveToxic(context.Background(), "cut"))
}

// TestAServerThatDiesIsCarriedOn kills the server, not the line, in the middle.
func TestAServerThatDiesIsCarriedOn(t *testing.T) {
	s := sftptest.Start(t)
	f := fileOf("20261124_dies.json", 3_000_000, 4)
	b := signedIn(t, server(s, s.Address), direct)
	slow := f
	slow.Content = stopping{f, 1_500_000, s.Stop}
	if _, err := b.Deliver(context.Background(), slow); err == nil {
		t.Fatal("a delivery to a server that died has succeeded")
	}
	nothing(t, filepath.Join(s.Folder, "out"), f.Name)
	must(t, s.Run())
	r, err := signedIn(t, server(s, s.Address), direct).Deliver(context.Background(), f)
	must(t, err)
	if r.Resumed < 1_000_000 {
		t.Errorf("only %d bytes were carried on from", r.Resumed)
	}
	lies(t, filepath.Join(s.Folder, "out"), f)
}

// stopping is a content during whose reading something happens.
type stopping struct {
	courier.File
	at   int64
	stop func()
}

func (s stopping) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.at {
		s.stop()
	}
	return s.Content.ReadAt(p, off)
}

// TestAStoppedProcessIsCarriedOn ends our own side in the middle, as a stop of the platform does.
func TestAStoppedProcessIsCarriedOn(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		f := fileOf("stopped.json", 3_000_000, 5)
		ctx, stop := context.WithCancel(context.Background())
		slow := f
		slow.Content = stopping{f, 1_500_000, stop}
		if _, err := open().Deliver(ctx, slow); !errors.Is(err, context.Canceled) {
			t.Fatalf("the delivery ended with %v", err)
		}
		nothing(t, filepath.Join(folder, "out"), f.Name)
		r, err := open().Deliver(context.Background(), f)
		must(t, err)
		if r.Resumed < 1_000_000 {
			t.Errorf("only %d bytes were carried on from", r.Resumed)
		}
		lies(t, filepath.Join(folder, "out"), f)
	})
}

func TestAWrongDigestDeliversNothing(t *testing.T) {
	places(t, func(t *testing.T, open func() *courier.Box, folder string) {
		f := fileOf("wrong.json", 50_000, 6)
		wrong := f
		wrong.SHA256 = fileOf("", 10, 7).SHA256
		if _, err := open().Deliver(context.Background(), wrong); !errors.Is(err, courier.ErrDigest) {
			t.Errorf("a file that is not what its digest says: %v", err)
		}
		nothing(t, filepath.Join(folder, "out"), f.Name)
		_, err := open().Deliver(context.Background(), f)
		must(t, err)
		lies(t, filepath.Join(folder, "out"), f)
	})
}

func TestNamesStayInTheirFolder(t *testing.T) {
	b, err := courier.Folder(t.TempDir(), "out", "in")
	must(t, err)
	for _, name := range []string{"", "../x", "a/b", `a\b`, ".x", "a\x00b"} {
		if _, err := b.Deliver(context.Background(), fileOf(name, 1, 1)); !errors.Is(err, courier.ErrSettings) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestThreatServerOfAnother(t *testing.T) {
	s := sftptest.Start(t)
	good := server(s, s.Address)
	_, other := sftptest.NewKey(t)
	foreign, _ := sftptest.NewKey(t)
	for name, c := range map[string]struct {
		change func(*courier.Server)
		want   error
	}{
		"another host key": {func(c *courier.Server) { c.HostKey = other }, courier.ErrHostKey},
		"no host key":      {func(c *courier.Server) { c.HostKey = "" }, courier.ErrSettings},
		"no key of ours":   {func(c *courier.Server) { c.PrivateKey = "x" }, courier.ErrSettings},
		"no user":          {func(c *courier.Server) { c.User = "" }, courier.ErrSettings},
		"no port":          {func(c *courier.Server) { c.Address = "127.0.0.1" }, courier.ErrSettings},
		"a key it rejects": {func(c *courier.Server) { c.PrivateKey = foreign }, nil},
		"nobody is there":  {func(c *courier.Server) { c.Address = "127.0.0.1:1" }, syscall.ECONNREFUSED},
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			c.change(&bad)
			err := deliver(bad, direct, fileOf("f", 10, 1))
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
			nothing(t, filepath.Join(s.Folder, "out"), "f")
		})
	}
}

func TestAClosedFolderIsSaid(t *testing.T) {
	s := sftptest.Start(t)
	out := filepath.Join(s.Folder, "out")
	must(t, os.Mkdir(out, 0o555)) // Of the test's owner; the server's user may not write.
	must(t, os.Chmod(out, 0o555))
	f := fileOf("f.json", 10, 1)
	if err := deliver(server(s, s.Address), direct, f); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
	must(t, os.Chmod(out, 0o777))
	must(t, deliver(server(s, s.Address), direct, f))
	lies(t, out, f)
}

func TestAFullDiskIsWaitedFor(t *testing.T) {
	disk := smalldisk.New(t, 8)
	if disk == nil {
		return
	}
	s := sftptest.StartIn(t, disk.Folder)
	f := fileOf("full.json", 2_000_000, 8)
	must(t, deliver(server(s, s.Address), direct, fileOf("first", 1, 1)))
	must(t, disk.Fill())
	if err := deliver(server(s, s.Address), direct, f); err == nil {
		t.Fatal("a file was delivered to a full disk")
	}
	b, err := courier.Folder(disk.Folder, "mine", "in")
	if err == nil {
		_, err = b.Deliver(context.Background(), f)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a folder on a full disk: %v", err)
	}
	nothing(t, filepath.Join(disk.Folder, "out"), f.Name)
	must(t, disk.Free())
	must(t, deliver(server(s, s.Address), direct, f))
	lies(t, filepath.Join(disk.Folder, "out"), f)
}
