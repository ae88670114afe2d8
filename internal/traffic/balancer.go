package traffic

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"testing"
	"time"
)

// Balancer hands calls to nodes in turn. A node that refuses the connection is
// passed over, because nothing has reached it. A call that broke off on its way may
// have been done: the caller is told 502, and nobody repeats it here.
type Balancer struct {
	Broken atomic.Int64 // calls whose outcome the caller had to find out
	Passed atomic.Int64 // nodes that were passed over

	server *httptest.Server
	nodes  atomic.Pointer[[]string]
	turn   atomic.Uint64
	way    *http.Transport
}

var errNoNode = errors.New("no node takes connections")

// NewBalancer starts a balancer without nodes.
func NewBalancer(t testing.TB) *Balancer {
	b := &Balancer{way: &http.Transport{MaxIdleConnsPerHost: 128}}
	b.Use()
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

// URL is where the balancer answers.
func (b *Balancer) URL() string { return b.server.URL }

// Use hands further calls to the nodes at these addresses, HOST:PORT each.
func (b *Balancer) Use(addresses ...string) { b.nodes.Store(&addresses) }

// watchEvery is how often Watch asks a node whether it is ready.
const watchEvery = 50 * time.Millisecond

// Watch asks /readyz of the nodes that there may be and uses those that are ready,
// until ctx ends.
func (b *Balancer) Watch(ctx context.Context, addresses func() []string) {
	caller := http.Client{Timeout: time.Second}
	for ; ctx.Err() == nil; _ = briefly(ctx, watchEvery) {
		var ready []string
		for _, a := range addresses() {
			response, err := caller.Get("http://" + a + "/readyz")
			if err != nil {
				continue
			}
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				ready = append(ready, a)
			}
		}
		b.Use(ready...)
	}
}

// RoundTrip sends a call to the next node that takes the connection.
func (b *Balancer) RoundTrip(r *http.Request) (*http.Response, error) {
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
		r.URL.Host = nodes[(first+uint64(i))%uint64(len(nodes))]
		response, err := b.way.RoundTrip(r)
		var way *net.OpError
		if errors.As(err, &way) && way.Op == "dial" {
			b.Passed.Add(1)
			continue
		}
		return response, err
	}
	return nil, errNoNode
}

func (b *Balancer) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errNoNode):
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.Context().Err() != nil: // the caller has gone, nothing of the nodes broke
		w.WriteHeader(http.StatusBadGateway)
	default:
		b.Broken.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}
}
