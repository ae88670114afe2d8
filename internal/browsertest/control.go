package browsertest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// control serves POST /kill, /start and /stop, which end and start the demo. A script that gets anything but
// 204 reads the reason in the body.
func control(t testing.TB, d *Demo) string {
	mux := http.NewServeMux()
	for path, act := range map[string]func() error{"/kill": d.Kill, "/start": d.Start, "/stop": d.Stop} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := act(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}
