package web

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
)

// policy lets a page load only what this server serves under its own name:
// nothing inline, nothing foreign. data: is for pictures that a style draws.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// outer goes around every handler: headers of protection, a name for the request,
// refusal of forms that other sites send, and an error page when a handler panics.
func (p *pages) outer(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(p.page(p.crossed))
	guarded := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set(requestIDHeader, p.requestID())
		defer p.recovered(w, r)
		guarded.ServeHTTP(w, r)
	})
}

const requestIDHeader = "X-Request-Id"

// requestID names a call for the log. A call without a name is better than none,
// so a lack of randomness is no reason to refuse it.
func (p *pages) requestID() string {
	name, err := p.random(8)
	if err != nil {
		return "-"
	}
	return name
}

// recovered shows an error page for a handler that panicked before it began to answer.
func (p *pages) recovered(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	p.Log.Error("a page panicked", "path", r.URL.Path, "request_id", w.Header().Get(requestIDHeader), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if w.Header().Get("Content-Type") == "" {
		p.page(func(*visit) error { return fmt.Errorf("web: panic: %v", cause) }).ServeHTTP(w, r)
	}
}

// random gives n random bytes in hexadecimal digits.
func (p *pages) random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := p.World.Entropy.Read(b); err != nil {
		return "", fmt.Errorf("web: no randomness: %w", err)
	}
	return hex.EncodeToString(b), nil
}
