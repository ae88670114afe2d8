package world

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// deadEnd hands bytes on until it is told that all connections there are have died:
// they stay open and carry nothing. New ones work.
type deadEnd struct {
	net.Listener
	upstream string
	mu       sync.Mutex
	alive    *bool // of the connections since the last death
}

func newDeadEnd(t *testing.T, upstream string) *deadEnd {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &deadEnd{Listener: listener, upstream: upstream, alive: new(bool)}
	*d.alive = true
	t.Cleanup(func() { listener.Close() })
	go d.serve()
	return d
}

func (d *deadEnd) serve() {
	for {
		near, err := d.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", d.upstream)
		if err != nil {
			near.Close()
			continue
		}
		d.mu.Lock()
		alive := d.alive
		d.mu.Unlock()
		go d.pass(near, far, alive)
		go d.pass(far, near, alive)
	}
}

func (d *deadEnd) pass(from, to net.Conn, alive *bool) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		d.mu.Lock()
		dead := !*alive
		d.mu.Unlock()
		if dead && err == nil {
			continue
		}
		if err != nil {
			to.Close()
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (d *deadEnd) die() {
	d.mu.Lock()
	defer d.mu.Unlock()
	*d.alive = false
	d.alive = new(bool)
	*d.alive = true
}

// TestADeadHTTP2ConnectionIsGivenUp kills the one connection to a host without
// closing it. Calls fail at first, and then go over a new one.
func TestADeadHTTP2ConnectionIsGivenUp(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	d := newDeadEnd(t, server.Listener.Addr().String())
	transport := Dialer{AllowPrivate: true}.Transport()
	if transport.HTTP2.SendPingTimeout != silenceTime || transport.HTTP2.PingTimeout != pingTime {
		t.Errorf("connections are asked for signs of life after %v and %v", transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout)
	}
	// As in production, and quicker.
	transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout = 200*time.Millisecond, 100*time.Millisecond
	transport.TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"}
	defer transport.CloseIdleConnections()
	call := func() (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+d.Addr().String(), nil)
		if err != nil {
			return "", err
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		return string(text), err
	}
	if proto, err := call(); err != nil || proto != "HTTP/2.0" {
		t.Fatalf("before: %s, %v", proto, err)
	}
	d.die()
	if _, err := call(); err == nil {
		t.Error("the first call over the dead connection was answered")
	}
	for until := time.Now().Add(10 * time.Second); ; {
		if _, err := call(); err == nil {
			return
		} else if time.Now().After(until) {
			t.Fatalf("calls still go over the dead connection: %v", err)
		}
	}
}
