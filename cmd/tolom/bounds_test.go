package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tolom/api"
	"tolom/api/body"
	"tolom/web"
)

// port is a server with little patience, in front of a whole platform.
type port struct {
	t       *testing.T
	address string
	key     string // of a merchant
}

// impatient are the bounds of the tests: as in use, but sooner over.
var impatient = patience{head: 300 * time.Millisecond, read: 600 * time.Millisecond, write: 5 * time.Second, idle: 5 * time.Second, largestHead: usual.largestHead}

// newPort opens a port that takes so many connections at once.
func newPort(t *testing.T, connections int) *port {
	t.Helper()
	s := settings{DB: "sqlite:" + filepath.Join(t.TempDir(), "tolom.db"), Listen: "127.0.0.1:0", Provider: vars["provider"], MaxBatch: 256, MaxConns: 4}
	s.MaxConnections = connections
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), s.at(listener.Addr()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	k, err := seed(t.Context(), a.registry, a.world)
	if err != nil {
		t.Fatal(err)
	}
	mux, err := a.handler(web.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := impatient.server(api.Front(a.programs, mux), a.log)
	go server.Serve(s.limited(listener))
	t.Cleanup(func() {
		_ = server.Close()
		if err := a.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &port{t, listener.Addr().String(), k.MerchantKey}
}

// dial opens a connection that the test gives up after ten seconds.
func (p *port) dial() net.Conn {
	p.t.Helper()
	c, err := net.Dial("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// head is how a POST of the merchant begins.
func (p *port) head(fields ...string) string {
	return "POST /v1/decode HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + p.key + "\r\nIdempotency-Key: one\r\nContent-Type: application/json\r\n" + strings.Join(fields, "\r\n") + "\r\n\r\n"
}

// says sends bytes and gives the first line of the answer and whether the server closed the connection after it.
func (p *port) says(send string) (line string, closed bool) {
	p.t.Helper()
	c := p.dial()
	go io.WriteString(c, send) // The server may answer and close before it has read all.
	answer, err := io.ReadAll(c)
	line, _, _ = strings.Cut(string(answer), "\r\n")
	return line, err == nil || !isTimeout(err)
}

func isTimeout(err error) bool {
	n, ok := err.(net.Error)
	return ok && n.Timeout()
}

// TestThreatSlowCallers stalls in the middle of a head, sends a body a byte at a time, and opens a connection and says
// nothing: each is cut off when its time is over, whatever it does meanwhile.
func TestThreatSlowCallers(t *testing.T) {
	p := newPort(t, 100)
	for name, c := range map[string]struct {
		begin string
		drip  string
	}{
		"silent":                    {"", ""},
		"half a request line":       {"POST /v1/dec", ""},
		"half a head":               {"POST /v1/decode HTTP/1.1\r\nHost: x\r\nX-Slow: ", "a"},
		"a header after another":    {"POST /v1/decode HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"},
		"a body that never begins":  {p.head("Content-Length: 1000"), ""},
		"a body a byte at a time":   {p.head("Content-Length: 1000"), " "},
		"a chunk after another":     {p.head("Transfer-Encoding: chunked"), "1\r\n \r\n"},
		"a stranger's body, slowly": {"POST /v1/decode HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", " "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, began := p.dial(), time.Now()
			_, _ = io.WriteString(conn, c.begin)
			stop := make(chan struct{})
			defer close(stop)
			go drip(conn, c.drip, stop)
			answer, err := io.ReadAll(conn)
			if took := time.Since(began); isTimeout(err) || took > 5*time.Second {
				t.Errorf("held for %v: %v", took, err)
			}
			if strings.HasPrefix(string(answer), "HTTP/1.1 2") {
				t.Errorf("it was taken: %s", answer)
			}
		})
	}
}

// drip sends a little every now and then, until nobody listens.
func drip(to io.Writer, text string, stop <-chan struct{}) {
	for text != "" {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if _, err := io.WriteString(to, text); err != nil {
			return
		}
	}
}

// TestThreatOversizeOverTheWire sends more than is taken, in every part of a request: each is refused by its own
// status, before more than the limit has been read.
func TestThreatOversizeOverTheWire(t *testing.T) {
	p := newPort(t, 100)
	whole := func(text string, fields ...string) string {
		return p.head(append(fields, fmt.Sprint("Content-Length: ", len(text)))...) + text
	}
	deep := strings.Repeat(`{"payload":`, body.MaxDepth+1)
	for name, c := range map[string]struct {
		send string
		want int
	}{
		"a body of 1 TiB, announced":    {p.head("Content-Length: 1099511627776") + "{", http.StatusRequestEntityTooLarge},
		"a body one byte over":          {whole(strings.Repeat(" ", body.MaxBytes+1)), http.StatusRequestEntityTooLarge},
		"chunks without end":            {p.head("Transfer-Encoding: chunked") + strings.Repeat("1000\r\n"+strings.Repeat(" ", 0x1000)+"\r\n", 20), http.StatusRequestEntityTooLarge},
		"a header of 64 KiB":            {p.head("X-Large: "+strings.Repeat("a", 64<<10), "Content-Length: 0"), http.StatusRequestHeaderFieldsTooLarge},
		"ten thousand headers":          {p.head(strings.Repeat("X-A: b\r\n", 10_000) + "Content-Length: 0"), http.StatusRequestHeaderFieldsTooLarge},
		"an address of 64 KiB":          {"GET /v1/payments?after=" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"one object within another":     {whole(deep + "1" + strings.Repeat("}", body.MaxDepth+1)), http.StatusBadRequest},
		"64 KiB of opening brackets":    {whole(strings.Repeat("[", body.MaxBytes)), http.StatusBadRequest},
		"a bomb, compressed":            {whole(bomb(t), "Content-Encoding: gzip"), http.StatusUnsupportedMediaType},
		"a bomb that says nothing":      {whole(bomb(t)), http.StatusBadRequest},
		"an unknown transfer encoding":  {p.head("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n", http.StatusNotImplemented},
		"two lengths":                   {p.head("Content-Length: 2", "Content-Length: 3") + "{}", http.StatusBadRequest},
		"a length and chunks (smuggle)": {p.head("Content-Length: 40", "Transfer-Encoding: chunked") + "0\r\n\r\nGET /v1/balance HTTP/1.1\r\nHost: x\r\n\r\n", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line, closed := p.says(c.send)
			if want := fmt.Sprintf("HTTP/1.1 %d ", c.want); !strings.HasPrefix(line, want) {
				t.Errorf("got %q, want %q", line, want)
			}
			if !closed {
				t.Error("the connection stayed open")
			}
		})
	}
}

// bomb is a mebibyte of spaces, in about a kilobyte.
func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestThreatConnectionsWithoutEnd opens more connections than are allowed: those beyond wait and cost nothing, the
// others are served all the while, and when stallers have been cut off the waiting ones have their turn.
func TestThreatConnectionsWithoutEnd(t *testing.T) {
	p := newPort(t, 4)
	ask := func(c net.Conn) (string, error) {
		if _, err := io.WriteString(c, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return "", err
		}
		line := make([]byte, len("HTTP/1.1 200 OK"))
		_, err := io.ReadFull(c, line)
		return string(line), err
	}
	in := p.dial()
	if line, err := ask(in); err != nil || line != "HTTP/1.1 200 OK" {
		t.Fatalf("got %q, %v", line, err)
	}
	for range 3 {
		p.dial() // They say nothing and are cut off.
	}
	late, began := p.dial(), time.Now()
	line, err := ask(late)
	if took := time.Since(began); err != nil || line != "HTTP/1.1 200 OK" || took < impatient.head/2 {
		t.Errorf("the fifth of four connections got %q, %v after %v", line, err, took)
	}
}

// TestUsualBounds holds what a server in use is bounded by to what the documents promise.
func TestUsualBounds(t *testing.T) {
	s := usual.server(nil, slog.New(slog.DiscardHandler))
	for name, bound := range map[string]time.Duration{"head": s.ReadHeaderTimeout, "read": s.ReadTimeout, "write": s.WriteTimeout, "idle": s.IdleTimeout} {
		if bound <= 0 || bound > 2*time.Minute {
			t.Errorf("%s: got %v", name, bound)
		}
	}
	if s.MaxHeaderBytes != 32<<10 {
		t.Errorf("headers of %d bytes are taken", s.MaxHeaderBytes)
	}
	if err := (bounds{MerchantRate: -1}).check(); err == nil {
		t.Error("a rate below nothing is taken")
	}
}
