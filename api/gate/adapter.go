package gate

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tolom/api/body"
	"tolom/api/problem"
	"tolom/fault"
)

// adapter joins the framework to the mux and puts the gate in between.
type adapter struct {
	*http.ServeMux
	gate *Gate
}

// admission is what the gate must know of an operation. It travels in the operation's metadata.
type admission struct {
	door     *Door
	shape    *body.Shape
	needBody bool
	room     func() bool
}

const admissionKey = "admission"

// Handle registers an operation with the gate before its handler.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	ad := op.Metadata[admissionKey].(admission)
	a.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		if ad.room != nil && !ad.room() {
			problem.Write(w, r, fault.New(fault.OutOfService).Because("too many calls wait to be written; nothing was done, come again after Retry-After"))
			return
		}
		r, leave, err := a.gate.admit(r, ad)
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		defer leave()
		handler(call{humago.NewContext(op, r, w)})
	})
}

// call is the framework's view of a request. The body has been read, so no deadline is set for it (one that passes
// while the handler works would cancel it), and answers are JSON whatever the caller would like.
type call struct{ humaContext }

// humaContext gives the embedded interface a name that its own method Context does not hide.
type humaContext huma.Context

// SetReadDeadline does nothing.
func (c call) SetReadDeadline(time.Time) error { return nil }

// Header hides Accept, as every operation has one kind of answer, and writes the media type as the framework knows
// it: the gate has judged the real one.
func (c call) Header(name string) string {
	switch name {
	case "Accept":
		return ""
	case "Content-Type":
		return "application/json"
	}
	return c.humaContext.Header(name)
}

// Unwrap gives the framework's own context.
func (c call) Unwrap() huma.Context { return c.humaContext }

// admit finds out who calls, holds the body to its shape and takes the idempotency key, in this order. leave frees
// the key for the next call.
func (g *Gate) admit(r *http.Request, ad admission) (admitted *http.Request, leave func(), err error) {
	x := problem.Of(r.Context())
	x.Challenge = ad.door.Challenge
	raw, refusal := incoming(r)
	if refusal == nil {
		refusal = readable(r.URL.RawQuery)
	}
	if refusal != nil {
		return r, nil, refusal
	}
	caller, err := ad.door.Verifier.Verify(r, raw)
	if err != nil {
		return r, nil, err
	}
	x.Caller = caller.ID
	ctx := context.WithValue(r.Context(), principalKey{}, caller)
	if refusal := sound(r, raw, ad); refusal != nil {
		return r, nil, refusal
	}
	ctx, leave, refusal = g.single(ctx, r, raw, ad.door, caller)
	if refusal != nil {
		return r, nil, refusal
	}
	r = r.WithContext(ctx)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return r, leave, nil
}

// writes says that a request has a body that counts.
func writes(r *http.Request) bool { return r.Method == http.MethodPost || r.Method == http.MethodPut }

func incoming(r *http.Request) ([]byte, *fault.Error) {
	if !writes(r) {
		return nil, nil
	}
	return body.Read(r)
}

// readable refuses a query that readers could understand in different ways: one that is cut or wrongly escaped, whose
// rest would be dropped in silence, and a name given twice.
func readable(query string) *fault.Error {
	given, err := url.ParseQuery(query)
	if err != nil {
		return fault.New(fault.InvalidRequest).Because("the query cannot be read: write % as %25 and & as %26 in values")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if len(given[name]) > 1 {
			return fault.New(fault.InvalidRequest).On(name).Because("the parameter is given twice")
		}
	}
	return nil
}

// sound holds the body to its digest, its media type and its shape. Operations without input also take no body.
func sound(r *http.Request, raw []byte, ad admission) *fault.Error {
	if !writes(r) {
		return nil
	}
	if refusal := digest(r, raw); refusal != nil {
		return refusal
	}
	if len(raw) == 0 && !ad.needBody {
		return nil
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return fault.New(fault.WrongMedia).On("Content-Type").Because("send Content-Type: application/json, in UTF-8")
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fault.New(fault.WrongMedia).On("Content-Encoding").Because("send the body as it is, not compressed")
	}
	return body.Check(raw, ad.shape)
}

// single lets one call with an idempotency key through at a time.
func (g *Gate) single(ctx context.Context, r *http.Request, raw []byte, d *Door, caller Principal) (context.Context, func(), *fault.Error) {
	if !d.Keyed || r.Method != http.MethodPost {
		return ctx, func() {}, nil
	}
	key, refusal := keyOf(r, raw)
	if refusal != nil {
		return ctx, nil, refusal
	}
	leave, ok := g.flights.enter(ctx, caller.ID+" "+key.Key, g.After)
	if !ok {
		return ctx, nil, fault.New(fault.IdempotencyRunning).On(KeyHeader).Because("a call with this key has not ended; repeat it in a second")
	}
	return context.WithValue(ctx, keyKey{}, key), leave, nil
}
