package nodes

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"testing"

	"tolom/internal/browsertest"
)

// balancer hands calls to the nodes in turn. A node that refuses the connection
// is passed over, because nothing has reached it. A call that broke off on its
// way may have been done: the caller is told 502, and nobody repeats it here.
type balancer struct {
	server *httptest.Server
	nodes  atomic.Pointer[[]*browsertest.Process]
	turn   atomic.Uint64
	way    *http.Transport
	broken atomic.Int64 // calls whose outcome the caller had to find out
	passed atomic.Int64 // nodes that were passed over
}

var errNoNode = errors.New("no node takes connections")

func newBalancer(t *testing.T) *balancer {
	b := &balancer{way: &http.Transport{MaxIdleConnsPerHost: 128}}
	b.nodes.Store(&[]*browsertest.Process{})
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "node" },
		Transport:     b,
		FlushInterval: -1,
		ErrorHandler:  b.fail,
		ErrorLog:      log.New(io.Discard, "", 0),
	}
	b.server = httptest.NewServer(proxy)
	t.Cleanup(func() {
		b.server.CloseClientConnections()
		b.server.Close()
	})
	return b
}

// RoundTrip sends a call to the next node that takes the connection.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	nodes := *b.nodes.Load()
	first := b.turn.Add(1)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	for i := range nodes {
		r.Body = io.NopCloser(bytes.NewReader(body)) // a refused connection has closed the one before
		r.URL.Host = nodes[(first+uint64(i))%uint64(len(nodes))].Address
		response, err := b.way.RoundTrip(r)
		var way *net.OpError
		if errors.As(err, &way) && way.Op == "dial" {
			b.passed.Add(1)
			continue
		}
		return response, err
	}
	return nil, errNoNode
}

func (b *balancer) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errNoNode) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	b.broken.Add(1)
	w.WriteHeader(http.StatusBadGateway)
}
