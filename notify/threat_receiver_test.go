package notify

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tolom/store"
	"tolom/world"
)

// rogue is a receiver that does with a connection what it likes, once it has read a
// webhook. It gives the address, and ends with the test.
func rogue(t *testing.T, answer func(conn net.Conn)) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 64<<10))
				answer(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String() + "/"
}

// offered sends one webhook to an address with the transport of the demo and gives the
// attempt; an attempt that lasts longer than a receiver has is a failure of the test.
func offered(t *testing.T, address string) answer {
	t.Helper()
	s := NewSender(world.Dialer{AllowPrivate: true}.Transport(), world.System().Clock)
	e := testEndpoint
	e.URL = address
	began := time.Now()
	a, err := s.send(t.Context(), e, testEvent)
	if took := time.Since(began); err != nil || took > answerWithin+5*time.Second {
		t.Errorf("the attempt took %v: %v", took, err)
	}
	if len(a.reply) > mostReply*3 || len(a.headers) > mostReply*3 {
		t.Errorf("%d bytes of the body and %d of the headers are kept", len(a.reply), len(a.headers))
	}
	return a
}

// TestThreatEndlessReply gets an answer that never ends: its beginning is enough.
func TestThreatEndlessReply(t *testing.T) {
	written := make(chan int64, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(w, endless{})
		written <- n
	}))
	defer server.Close()
	a := offered(t, server.URL)
	if !a.taken() || len(a.reply) != mostReply {
		t.Errorf("%d, %d bytes kept", a.status, len(a.reply))
	}
	if n := <-written; n > 64<<20 {
		t.Errorf("the receiver could send %d bytes", n)
	}
}

// endless is a text without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// TestThreatGzipBomb gets 64 MiB of zeros in 64 KiB: nothing unpacks them.
func TestThreatGzipBomb(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}))
	defer server.Close()
	a := offered(t, server.URL)
	if encoding := <-asked; encoding != "" || strings.Count(a.reply, "\uFFFD") < 10 || strings.ContainsRune(a.reply, 0) {
		t.Errorf("asked for %q and read %.20q…", encoding, a.reply)
	}
}

// TestThreatHugeReplyHeaders gets headers without an end, and some that just fit.
func TestThreatHugeReplyHeaders(t *testing.T) {
	address := rogue(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for n := 0; ; n++ {
			if _, err := fmt.Fprintf(conn, "X-%d: %s\r\n", n, strings.Repeat("h", 500)); err != nil {
				return
			}
		}
	})
	if a := offered(t, address); a.status != 0 || a.trouble == "" {
		t.Errorf("%+v", a)
	}
	for kib, taken := range map[int]bool{20: true, 40: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for n := range kib {
				w.Header().Set(fmt.Sprint("X-", n), strings.Repeat("h", 1000))
			}
		}))
		if a := offered(t, server.URL); a.taken() != taken || len(a.headers) > mostReply {
			t.Errorf("%d KiB of headers: %d, %d bytes are kept", kib, a.status, len(a.headers))
		}
		server.Close()
	}
}

// TestThreatSlowReply drips an answer byte by byte, one a second, first its headers,
// then its body: after ten seconds it is over. Time is the test's own.
func TestThreatSlowReply(t *testing.T) {
	for _, c := range []struct {
		name, once string
		taken      bool
	}{
		{"the headers", "HTTP/1.1 200 OK\r\nX-Long: ", false},
		{"the body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", true},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewSender(dripping(c.once), world.System().Clock)
				a, err := s.send(t.Context(), testEndpoint, testEvent)
				if err != nil || a.took != answerWithin || a.taken() != c.taken {
					t.Errorf("%+v, %v", a, err)
				}
				time.Sleep(2 * time.Second) // the receiver notices the end at its next byte
			})
		})
	}
}

// dripping is a transport to a receiver within the process that writes some of its
// answer at once and then a byte a second.
func dripping(once string) *http.Transport {
	transport := world.Dialer{AllowPrivate: true}.Transport()
	transport.DialTLSContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		go func() {
			_, err := io.WriteString(theirs, once)
			for err == nil {
				time.Sleep(time.Second)
				_, err = io.WriteString(theirs, "x")
			}
		}()
		return ours, nil
	}
	return transport
}

// TestThreatStrangeReplies get no further than a failed attempt.
func TestThreatStrangeReplies(t *testing.T) {
	for name, text := range map[string]string{
		"no HTTP":           "SSH-2.0-OpenSSH_9.6\r\n",
		"an odd status":     "HTTP/1.1 99999 OK\r\n\r\n",
		"a negative status": "HTTP/1.1 -20 OK\r\n\r\n",
		"two lengths":       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"a bad chunk":       "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"endless interim":   strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 10_000),
		"a switch":          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	} {
		if a := offered(t, rogue(t, func(conn net.Conn) { _, _ = io.WriteString(conn, text) })); a.taken() {
			t.Errorf("%s counts as taken: %+v", name, a)
		}
	}
}

// TestThreatReplyInTheLog keeps what a hostile receiver answers as harmless text.
func TestThreatReplyInTheLog(t *testing.T) {
	c := newTown(t)
	address := rogue(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 500 No\xff\r\nX-A: \xfe\xff\r\nConnection: close\r\n\r\n\x00\xff<script>")
	})
	e := c.listen(address, "request.paid")
	c.pay(c.ask(100), 100)
	c.pass(e)
	d := c.log(e)[0]
	for _, text := range []string{d.Reply, d.ReplyHeaders, d.Request} {
		if strings.ContainsRune(text, 0) || strings.ToValidUTF8(text, "") != text {
			t.Errorf("%q", text)
		}
	}
	if d.Status != store.DeliveryPending || !strings.HasSuffix(d.Reply, "<script>") {
		t.Errorf("%+v", d)
	}
}
