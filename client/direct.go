package client

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Direct is an http.Client that hands each request to a handler in this process, without a socket: for simulations
// and tests. The whole answer is kept before it is given back, so it cannot carry endless streams.
func Direct(h http.Handler) *http.Client {
	return &http.Client{Transport: direct{h}, CheckRedirect: stay}
}

type direct struct{ handler http.Handler }

// RoundTrip has the handler answer.
func (d direct) RoundTrip(request *http.Request) (*http.Response, error) {
	inner := request.Clone(request.Context())
	inner.RequestURI, inner.RemoteAddr = request.URL.RequestURI(), "127.0.0.1:0"
	if inner.Host == "" {
		inner.Host = request.URL.Host
	}
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	w := &kept{header: http.Header{}}
	d.handler.ServeHTTP(w, inner)
	// A transport closes the body that it was given.
	inner.Body.Close()
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(request), nil
}

// kept is an answer while the handler writes it.
type kept struct {
	header http.Header // as the handler goes on changing it
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	// 1xx answers precede the real one, which is all that counts here.
	if k.status == 0 && status >= 200 {
		k.status, k.sent = status, k.header.Clone()
	}
}

func (k *kept) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(p)
}

func (k *kept) response(request *http.Request) *http.Response {
	k.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: strconv.Itoa(k.status) + " " + http.StatusText(k.status), StatusCode: k.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: k.sent, Body: io.NopCloser(&k.body), ContentLength: int64(k.body.Len()),
	}
}
