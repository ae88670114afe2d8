package sandbox

import (
	"net/http"
	"strings"

	"tolom/sandbox/page"
)

// policy lets the screens use what they bring along and nothing else; blob: is the camera's picture.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src blob:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Handler serves the payer's phone under Config.Path and a small JSON API for tests under Path/api. Whoever can
// reach it can pay with anybody's demo money: it is for demos only. Other sites cannot post to it.
func (b *Bank) Handler() http.Handler {
	d := door{bank: b, readers: make(chan struct{}, maxReaders)}
	mux := http.NewServeMux()
	at := func(pattern string, do http.HandlerFunc) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+b.Path+path, do)
	}
	at("GET ", d.home)
	at("GET /{$}", d.home)
	at("GET /", d.nowhere)
	at("POST /scan", d.scan)
	at("POST /decode", d.decode)
	at("POST /faults", d.faults)
	at("GET /purchase/{id}", d.purchase)
	at("POST /purchase/{id}/pay", d.pay)
	at("POST /purchase/{id}/confirm", d.act(b.Confirm))
	at("POST /purchase/{id}/decline", d.act(b.Decline))
	at("GET /assets/{name}", page.Asset)
	d.program(at)
	return shielded(http.NewCrossOriginProtection().Handler(mux))
}

// door is the HTTP side of a bank.
type door struct {
	bank    *Bank
	readers chan struct{} // pictures being read now
}

// shielded puts the headers of security on every answer.
func shielded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self)")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
