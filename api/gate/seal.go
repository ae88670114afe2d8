package gate

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"tolom/api/problem"
	"tolom/seal"
)

// Sealer signs answers with the platform's key.
type Sealer interface {
	Sign(ctx context.Context, a seal.Answer) (input, signature string, err error)
}

// sealed is an answer that is kept until it can be signed: its digest stands in its head.
type sealed struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status. 1xx answers precede the real one, which is all that is signed.
func (s *sealed) WriteHeader(status int) {
	if s.status == 0 && status >= http.StatusOK {
		s.status = status
	}
}

// Write keeps a part of the body.
func (s *sealed) Write(p []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	return s.body.Write(p)
}

// sealing keeps the answer back when it is to be signed: a PSP's to a request that is signed, rightly or not.
func (g *Gate) sealing(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if g.Seal == nil || !strings.HasPrefix(r.URL.Path, "/psp/") || !Signed(r) {
		return w
	}
	return &sealed{ResponseWriter: w}
}

// seal signs what was kept back and sends it. An answer that cannot be signed is sent as it is: the caller takes it for
// no answer at all, as he does with whatever is not ours.
func (g *Gate) seal(w http.ResponseWriter, r *http.Request) {
	s, ok := w.(*sealed)
	if !ok {
		return
	}
	s.WriteHeader(http.StatusOK)
	h := s.Header()
	digest := seal.ContentDigest(s.body.Bytes())
	h.Set(seal.HeaderDigest, digest)
	h.Set("Content-Length", strconv.Itoa(s.body.Len()))
	input, signature, err := g.Seal.Sign(r.Context(), seal.Answer{
		Status: s.status, Digest: digest, Method: r.Method, TargetURI: g.PSPBase + r.RequestURI,
		Signature: strings.Join(r.Header[seal.HeaderSignature], ", "),
	})
	if err == nil {
		h.Set(seal.HeaderSignatureInput, input)
		h.Set(seal.HeaderSignature, signature)
	} else {
		g.Log.Error("an answer could not be signed", "request_id", problem.Of(r.Context()).RequestID, "error", err)
	}
	s.ResponseWriter.WriteHeader(s.status)
	_, _ = s.ResponseWriter.Write(s.body.Bytes()) // A caller that has gone needs no answer.
}
