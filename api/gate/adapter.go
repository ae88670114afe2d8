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
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tolom/access"
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
	short    *shortcut // nil: only the framework serves it
	scope    access.Scope
	whole    bool
	most     int          // bytes of a body; 0: body.MaxBytes
	files    []string     // media types of a body that is a file; nil: it is JSON
	right    access.Right // of staff; "" behind doors of programs
}

// allow holds a caller behind a door of scopes, or of staff, to what the operation needs.
func (ad admission) allow(caller Principal) error {
	if person, staff := caller.Who.(access.Person); staff {
		return person.Allow(ad.right)
	}
	if !ad.door.Scoped {
		return nil
	}
	return caller.Who.(access.Merchant).Allow(ad.scope, ad.whole)
}

const admissionKey = "admission"

// Handle registers an operation with the gate before its handler.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	ad := op.Metadata[admissionKey].(admission)
	serve := func(w http.ResponseWriter, r *http.Request, id string) {
		if ad.room != nil && !ad.room() {
			problem.Write(w, r, fault.New(fault.OutOfService).Because("too many calls wait to be written; nothing was done, come again after Retry-After"))
			return
		}
		leave, refusal := a.gate.roomFor(r, ad)
		if refusal != nil {
			problem.Write(w, r, refusal)
			return
		}
		defer leave()
		raw := buffers.Get().(*[]byte)
		defer release(raw)
		v, err := a.gate.admit(w.Header(), r, ad, id, raw)
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		defer v.leave()
		if v.input != nil {
			ad.short.serve(v, w, v.input)
			return
		}
		r = r.WithContext(v)
		r.Body = io.NopCloser(bytes.NewReader(*raw))
		if id != "" {
			r.SetPathValue("id", id)
		}
		handler(call{humago.NewContext(op, r, w)})
	}
	a.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) { serve(w, r, r.PathValue("id")) })
	if ad.short != nil {
		a.gate.shortcuts.add(op.Method, op.Path, serve)
	}
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

// visit is a call that was let in, and the context of its handler.
type visit struct {
	context.Context
	who   any // Principal
	key   any // Key, nil where the door asks for none
	leave func()
	media string // of a file
	input any    // for the shortcut, nil when the framework is to serve it
}

// Value gives the caller and the key of the visit, as if each had a context of its own.
func (v *visit) Value(key any) any {
	switch key.(type) {
	case principalKey:
		return v.who
	case keyKey:
		return v.key
	case mediaKey:
		return v.media
	}
	return v.Context.Value(key)
}

// admit finds out who calls, holds the caller to its rate and the body to its shape and takes the idempotency key, in
// this order; the visit's leave frees the key for the next call. raw takes the body, head is of the answer.
func (g *Gate) admit(head http.Header, r *http.Request, ad admission, id string, raw *[]byte) (*visit, error) {
	x := problem.Of(r.Context())
	x.Challenge = ad.door.Challenge
	refusal := incoming(r, raw, ad.most)
	if refusal == nil {
		refusal = readable(r.URL.RawQuery)
	}
	if refusal != nil {
		return nil, refusal
	}
	caller, err := ad.door.Verifier.Verify(r, *raw)
	if err != nil {
		return nil, err
	}
	x.Caller = caller.ID
	if err := ad.allow(caller); err != nil {
		return nil, err
	}
	if refusal = ad.door.pass(head, caller, g.Clock.Now()); refusal != nil {
		return nil, refusal
	}
	v := &visit{Context: r.Context(), who: caller, leave: func() {}}
	if v.input, v.media, refusal = sound(r, *raw, ad, id); refusal != nil {
		return nil, refusal
	}
	if refusal = g.single(v, r, *raw, ad.door, caller); refusal != nil {
		return nil, refusal
	}
	return v, nil
}

// writes says that a request has a body that counts.
func writes(r *http.Request) bool { return r.Method == http.MethodPost || r.Method == http.MethodPut }

// incoming reads the body into raw, which is empty when none counts.
func incoming(r *http.Request, raw *[]byte, most int) (refusal *fault.Error) {
	*raw = (*raw)[:0]
	if writes(r) {
		*raw, refusal = body.ReadMost(r, *raw, max(most, body.MaxBytes))
	}
	return refusal
}

// readable refuses a query that readers could understand in different ways: one that is cut or wrongly escaped, whose
// rest would be dropped in silence, and a name given twice. What is no text is refused too: databases differ in what
// they do with U+0000 and bytes that are no UTF-8.
func readable(query string) *fault.Error {
	if query == "" {
		return nil
	}
	given, err := url.ParseQuery(query)
	if err != nil {
		return fault.New(fault.InvalidRequest).Because("the query cannot be read: write % as %25 and & as %26 in values")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if len(given[name]) > 1 {
			return fault.New(fault.InvalidRequest).On(name).Because("the parameter is given twice")
		}
		if !IsText(name) || !IsText(given[name][0]) {
			return fault.New(fault.InvalidRequest).On(strings.ToValidUTF8(name, "?")).Because("the parameter is no text: it holds U+0000 or bytes that are not UTF-8")
		}
	}
	return nil
}

// IsText says that every reader and every database takes a text as it is.
func IsText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// sound holds the body to its digest, its media type and its shape. Operations without input also take no body. When
// the body is for the operation's shortcut, it gives its input.
func sound(r *http.Request, raw []byte, ad admission, id string) (input any, file string, refusal *fault.Error) {
	if !writes(r) {
		return nil, "", nil
	}
	if refusal := digest(r, raw); refusal != nil {
		return nil, "", refusal
	}
	if ad.files != nil {
		file, refusal = fileMedia(r, ad.files)
		return nil, file, refusal
	}
	if len(raw) > 0 || ad.needBody {
		if refusal := media(r); refusal != nil {
			return nil, "", refusal
		}
	}
	if ad.short != nil && r.URL.RawQuery == "" {
		if input = ad.short.read(raw, id); input != nil {
			return input, "", nil
		}
	}
	if len(raw) == 0 && !ad.needBody {
		return nil, "", nil
	}
	return nil, "", body.Check(raw, ad.shape)
}

// media holds the request to plain JSON.
func media(r *http.Request) *fault.Error {
	if kind := r.Header.Get("Content-Type"); kind != jsonType {
		media, params, err := mime.ParseMediaType(kind)
		if charset := params["charset"]; err != nil || media != jsonType || charset != "" && !strings.EqualFold(charset, "utf-8") {
			return fault.New(fault.WrongMedia).On("Content-Type").Because("send Content-Type: application/json, in UTF-8")
		}
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fault.New(fault.WrongMedia).On("Content-Encoding").Because("send the body as it is, not compressed")
	}
	return nil
}

// single lets one call with an idempotency key through at a time.
func (g *Gate) single(v *visit, r *http.Request, raw []byte, d *Door, caller Principal) *fault.Error {
	if !d.Keyed || r.Method != http.MethodPost {
		return nil
	}
	key, refusal := keyOf(r, raw)
	if refusal != nil {
		return refusal
	}
	leave, ok := g.flights.enter(v, caller.ID+" "+key.Key, g.After)
	if !ok {
		return fault.New(fault.IdempotencyRunning).On(KeyHeader).Because("a call with this key has not ended; repeat it in a second")
	}
	v.key, v.leave = key, leave
	return nil
}
