// Package gate stands before every operation of the APIs. It names the request, finds out who calls, reads and
// checks the body, keeps two calls with one idempotency key apart, and writes down in the log and the figures how
// it ended. Handlers behind it see only known callers and sound bodies.
package gate

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tolom/api/problem"
	"tolom/fault"
	"tolom/world"
)

// Gate is what all doors share.
type Gate struct {
	Base    string // the address of the platform, without a slash at the end
	PSPBase string // by which PSPs address it, which their signatures cover
	Seal    Sealer // signs the answers to signed requests; nil: they are not signed
	Log     *slog.Logger
	Entropy world.Entropy
	Clock   world.Clock // of the rates of keys
	Figures *Figures
	// After is a timer, time.After in production. It bounds how long a call waits for another with the same key.
	After     func(time.Duration) <-chan time.Time
	flights   flights
	largeOnce sync.Once
	large     slots // bodies larger than usual that are being read
	shortcuts shortcuts
	unnamed   atomic.Uint64
}

// RequestIDHeader names a request in both directions.
const RequestIDHeader = "X-Request-Id"

// maxRequestID bounds the request ids that are taken over from callers.
const maxRequestID = 64

// Wrap puts the gate's outer wall around the routes: every answer has a request id, unknown addresses and panics
// are problems like any other, and each request is logged and counted.
func (g *Gate) Wrap(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passed := world.Stopwatch()
		x := &problem.Exchange{RequestID: g.requestID(r), Base: g.Base, Accept: r.Header.Get("Accept-Language"),
			National: strings.HasPrefix(r.URL.Path, "/psp/")}
		r = r.WithContext(problem.Begin(r.Context(), x))
		under := g.sealing(w, r)
		rec := &recorder{ResponseWriter: under}
		head := rec.Header()
		head.Set(RequestIDHeader, x.RequestID)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Cache-Control", "no-store")
		defer func() { g.note(r, x, rec, passed()) }()
		g.serve(mux, rec, r)
		g.seal(under, r)
	})
}

// serve routes the request; a panic becomes a problem.
func (g *Gate) serve(mux *http.ServeMux, rec *recorder, r *http.Request) {
	defer g.rescue(rec, r)
	g.route(mux, rec, r)
}

// route serves a known address, and refuses others as a problem. The mux alone knows whether the method or the
// address is wrong, so it is asked to answer into a writer that keeps only the status.
func (g *Gate) route(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	if to, id, ok := g.shortcuts.find(r); ok {
		r.Pattern = to.pattern
		to.serve(w, r, id)
		return
	}
	if !plain(r.URL.EscapedPath()) {
		problem.Write(w, r, fault.New(fault.NotFound).Because("there is nothing at this address; write it without //, /./ and /../"))
		return
	}
	h, pattern := mux.Handler(r)
	if pattern != "" {
		mux.ServeHTTP(w, r)
		return
	}
	answer := &deaf{header: http.Header{}}
	h.ServeHTTP(answer, r)
	if answer.status != http.StatusMethodNotAllowed {
		problem.Write(w, r, fault.New(fault.NotFound).Because("there is nothing at this address; see /docs"))
		return
	}
	allow := answer.header.Get("Allow")
	w.Header().Set("Allow", allow)
	problem.Write(w, r, fault.New(fault.WrongMethod).Because("this address takes "+allow))
}

// plain says that a path has no empty parts, . and .., which the mux would answer with a redirection. A program that
// puts an odd id into a path is told that there is no such thing, and a POST is never sent elsewhere.
func plain(escaped string) bool {
	clean := path.Clean(escaped)
	return clean == escaped || clean+"/" == escaped
}

// requestID takes over the caller's name for the request when it is harmless in a log, or makes one.
func (g *Gate) requestID(r *http.Request) string {
	if given := r.Header.Get(RequestIDHeader); harmless(given) {
		return given
	}
	var random [12]byte
	if _, err := g.Entropy.Read(random[:]); err != nil {
		binary.BigEndian.PutUint64(random[:], g.unnamed.Add(1)) // Without randomness the number on this node must do.
	}
	return "req_" + hex.EncodeToString(random[:])
}

func harmless(id string) bool {
	for _, c := range id {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return id != "" && len(id) <= maxRequestID
}

// rescue turns a panic into a problem. Once the answer has begun it can only be broken off, so that nobody takes
// half of it for the whole.
func (g *Gate) rescue(w *recorder, r *http.Request) {
	reason := recover()
	switch {
	case reason == nil:
		return
	case reason == http.ErrAbortHandler:
		panic(reason)
	}
	if g.Log.Enabled(r.Context(), slog.LevelError) { // The death of a simulated process comes here as well.
		g.Log.Error("panic", "request_id", problem.Of(r.Context()).RequestID, "route", r.Pattern, "reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
	}
	if w.status != 0 {
		w.status = http.StatusInternalServerError
		panic(http.ErrAbortHandler)
	}
	problem.Write(w, r, fault.New(fault.InternalError))
}
