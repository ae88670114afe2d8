package openapifuzz

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// patience bounds how long a stream is read that has nothing to tell, and a call that hangs.
const (
	patience = 300 * time.Millisecond
	hanging  = 10 * time.Second
)

// Handler calls a handler in the same goroutine, without a network. A stream is left after its first writes.
func Handler(h http.Handler) Doer {
	return func(ctx context.Context, r *http.Request) (Reply, error) {
		ctx, leave := context.WithTimeout(ctx, hanging)
		defer leave()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
		t := &tape{header: http.Header{}, leave: leave}
		h.ServeHTTP(t, r.WithContext(ctx))
		return Reply{t.status, t.header, t.body.Bytes()}, nil
	}
}

// tape keeps what a handler answers.
type tape struct {
	header http.Header
	status int
	body   bytes.Buffer
	leave  func()
}

// Header gives the headers to set.
func (t *tape) Header() http.Header { return t.header }

// WriteHeader keeps the first status.
func (t *tape) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
}

// Write keeps the bytes. Whoever writes a stream finds that the reader has left.
func (t *tape) Write(p []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	if strings.HasPrefix(t.header.Get("Content-Type"), "text/event-stream") {
		t.leave()
	}
	return t.body.Write(p)
}

// Client sends over the network. Of a stream it reads the first message, if one comes soon.
func Client(c *http.Client) Doer {
	return func(ctx context.Context, r *http.Request) (Reply, error) {
		ctx, leave := context.WithTimeout(ctx, hanging)
		defer leave()
		response, err := c.Do(r.WithContext(ctx))
		if err != nil {
			return Reply{}, err
		}
		defer response.Body.Close()
		reply := Reply{Status: response.StatusCode, Header: response.Header}
		if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
			reply.Body = first(response.Body, leave)
			return reply, nil
		}
		reply.Body, err = io.ReadAll(response.Body)
		return reply, err
	}
}

// first reads the beginning of a stream, to the end of its first message.
func first(body io.Reader, leave func()) []byte {
	var out bytes.Buffer
	late := time.AfterFunc(patience, leave)
	defer late.Stop()
	piece := make([]byte, 4096)
	for {
		n, err := body.Read(piece)
		out.Write(piece[:n])
		if text := out.Bytes(); err != nil || bytes.Contains(text, []byte("\ndata: ")) && bytes.HasSuffix(text, []byte("\n\n")) {
			return text
		}
	}
}
