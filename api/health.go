package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tolom/api/problem"
	"tolom/fault"
)

// pingWithin is how long the database may take to answer before this node counts as not ready.
const pingWithin = 2 * time.Second

// mountHealth answers what machines ask: is the process alive, may it be sent requests, what has it counted.
func mountHealth(mux *http.ServeMux, d Deps) {
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { healthy(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pingWithin)
		defer cancel()
		if closed(d.Draining) || closed(d.Closing) {
			// No fault, which would be an error in the log: it is meant so.
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"status":"draining"}`+"\n")
			return
		}
		if err := d.Ping(ctx); err != nil {
			problem.Write(w, r, fault.Wrap(fault.OutOfService, err).Because("the database does not answer"))
			return
		}
		healthy(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.Metrics, promhttp.HandlerOpts{}))
}

func healthy(w http.ResponseWriter, status string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"`+status+`"}`+"\n")
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func etagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
