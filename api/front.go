package api

import (
	"net/http"
	"strings"
)

// Front gives the door all requests below its paths, and next the others. A mux in their place would answer a path such
// as /v1/payments/./x itself, by sending the caller elsewhere, before the door could refuse it as a problem.
func Front(door, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, path := range Paths {
			if r.URL.Path == path || strings.HasSuffix(path, "/") && strings.HasPrefix(r.URL.Path, path) {
				door.ServeHTTP(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
