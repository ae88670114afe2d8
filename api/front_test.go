package api_test

import (
	"net/http"
	"testing"

	"tolom/api"
)

// TestTheDoorSeesOddPathsItself joins the door to pages, as the binary does, and asks for paths that a mux in their
// place would clean up by sending the caller elsewhere.
func TestTheDoorSeesOddPathsItself(t *testing.T) {
	k := newKit(t)
	pages := http.NewServeMux()
	pages.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	k.handler = api.Front(k.handler, pages)
	for _, path := range []string{"/v1/payments/.", "/v1/payments/../x", "/psp/v1//payments", "/v1/", "/operator/v1/./merchants"} {
		k.refused(http.StatusNotFound, "not_found", "", get(path).as(k.merchantKey))
	}
	k.want(http.StatusOK, get("/docs"))
	for _, path := range []string{"/", "/p/1", "/docsx", "/v1", "/v2/payments"} {
		w := newRecorder()
		if k.handler.ServeHTTP(w, get(path).request()); w.Code != http.StatusTeapot {
			t.Errorf("%s is answered with %d, and not by the pages", path, w.Code)
		}
	}
}
