package sim

import (
	"bytes"
	"io"
	"maps"
	"net/http"
)

// kept is an answer while a handler writes it.
type kept struct {
	header, sent http.Header
	status       int
	body         []byte
}

// Header is what the handler may still change.
func (k *kept) Header() http.Header { return k.header }

// WriteHeader begins the answer.
func (k *kept) WriteHeader(status int) {
	if k.status == 0 && status >= 200 {
		k.status, k.sent = status, maps.Clone(k.header)
	}
}

// Write adds to the answer.
func (k *kept) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	k.body = append(k.body, p...)
	return len(p), nil
}

func newBytes(body []byte) io.Reader { return bytes.NewReader(body) }
