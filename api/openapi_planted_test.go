package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tolom/internal/openapifuzz"
)

// tampered serves the platform, and lets tamper change what one address answers.
func (k *kit) tampered(about func(*http.Request) bool, tamper func(*http.Request, *httptest.ResponseRecorder)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !about(r) {
			k.handler.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		k.handler.ServeHTTP(rec, r)
		tamper(r, rec)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		if _, err := w.Write(rec.Body.Bytes()); err != nil {
			k.t.Error(err)
		}
	})
}

func to(method, path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method && r.URL.Path == path }
}

func picture(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/qr.png") }

// say replaces a text of an answer.
func say(old, new string) func(*http.Request, *httptest.ResponseRecorder) {
	return func(_ *http.Request, rec *httptest.ResponseRecorder) {
		text := bytes.ReplaceAll(rec.Body.Bytes(), []byte(old), []byte(new))
		rec.Body.Reset()
		rec.Body.Write(text)
	}
}

// status answers with another status where the platform succeeds.
func status(code int) func(*http.Request, *httptest.ResponseRecorder) {
	return func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code < 300 {
			rec.Code = code
		}
	}
}

// TestTheFuzzerSeesPlantedFlaws plants one flaw at a time into the platform's answers, and wants it found and named.
func TestTheFuzzerSeesPlantedFlaws(t *testing.T) {
	for _, c := range []struct {
		about  string
		at     func(*http.Request) bool
		tamper func(*http.Request, *httptest.ResponseRecorder)
		want   string
	}{
		{"an error of ours", to("GET", "/v1/balance"), status(500), "the status 500"},
		{"another status", to("POST", "/v1/payment-requests"), status(202), "the status 202, which the document does not have"},
		{"one field more", to("GET", "/v1/balance"), say(`"payable"`, `"debt":0,"payable"`), "does not fit its schema"},
		{"a number as a text", to("GET", "/v1/balance"), say(`"payable":0`, `"payable":"0"`), "does not fit its schema"},
		{"a field missing", to("POST", "/psp/v1/check"), say(`"fee":0,`, ``), "does not fit its schema"},
		{"a name twice", to("GET", "/v1/events"), say(`"has_more":`, `"has_more":true,"has_more":`), "given twice"},
		{"a code that nobody documented", to("GET", "/v1/payments"), say("unauthorized", "unauthorised"), "the code unauthorised, which the document does not name"},
		{"a page in place of a problem", to("GET", "/v1/payments"), func(_ *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Code >= 400 {
				rec.Header().Set("Content-Type", "text/html")
			}
		}, "text/html"},
		{"a wrong media type", picture, func(_ *http.Request, rec *httptest.ResponseRecorder) {
			if rec.Header().Get("Content-Type") == "image/png" {
				rec.Header().Set("Content-Type", "image/gif")
			}
		}, "image/gif"},
		{"a request without a name", to("GET", "/v1/refunds"), func(_ *http.Request, rec *httptest.ResponseRecorder) {
			rec.Header().Del("X-Request-Id")
		}, "the request is named"},
		{"a broken body is taken", to("POST", "/psp/v1/cancel"), func(_ *http.Request, rec *httptest.ResponseRecorder) {
			// What is refused for another reason stays so: the fuzzer would name that reason's answer first.
			if body := rec.Body.Bytes(); bytes.Contains(body, []byte(`"invalid_`)) {
				rec.Code = 200
			}
		}, "it was broken and was not refused"},
	} {
		t.Run(c.about, func(t *testing.T) {
			k := newKit(t)
			k.staff()
			k.findsPlanted(k.document(), k.tampered(c.at, c.tamper), c.want)
		})
	}
}

// TestTheFuzzerSeesWhatCallersMayNot lets one merchant see another's payments, lets anybody in, and takes a repeated
// call for a new one.
func TestTheFuzzerSeesWhatCallersMayNot(t *testing.T) {
	for _, c := range []struct {
		about  string
		change func(k *kit, r *http.Request)
		want   string
	}{
		{"no key is needed", func(k *kit, r *http.Request) {
			if r.URL.Path == "/v1/payments" && r.Header.Get("Authorization") == "" {
				r.Header.Set("Authorization", "Bearer "+k.merchantKey)
			}
		}, "it was broken and was not refused"},
		{"another merchant's objects", func(k *kit, r *http.Request) {
			if all := r.Header["Authorization"]; len(all) == 1 && all[0] == "Bearer "+k.otherKey && strings.HasPrefix(r.URL.Path, "/v1/payment-requests/") {
				r.Header.Set("Authorization", "Bearer "+k.merchantKey)
			}
		}, "an id of another owner"},
		{"keys that are forgotten", func(_ *kit, r *http.Request) {
			if len(r.Header["Idempotency-Key"]) == 1 && r.URL.Path == "/v1/payment-requests" {
				r.Header.Set("Idempotency-Key", fresh())
			}
		}, "the same key and body are answered otherwise"},
		{"fields that are dropped in silence", func(_ *kit, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // It is in memory.
			body = bytes.Replace(body, []byte(`{"amuont":1,`), []byte("{"), 1)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}, "an unknown field"},
	} {
		t.Run(c.about, func(t *testing.T) {
			k := newKit(t)
			k.staff()
			k.findsPlanted(k.document(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c.change(k, r)
				k.handler.ServeHTTP(w, r)
			}), c.want)
		})
	}
}

// TestTheFuzzerSeesADocumentThatIsWrong takes things out of the document.
func TestTheFuzzerSeesADocumentThatIsWrong(t *testing.T) {
	for _, c := range []struct{ about, old, new, want string }{
		{"a field", `"payable":{"description"`, `"payables":{"description"`, "does not fit its schema"},
		{"a status", `"200":{"content":{"application/json":{"example":{"payable"`, `"203":{"content":{"application/json":{"example":{"payable"`, "the status 200, which the document does not have"},
		{"a code", `"duplicate_key",`, ``, "the code duplicate_key, which the document does not name"},
		{"a scheme of security", `"security":[{"operatorLogin":[]}]`, `"security":[{"passport":[]}]`, "no credential fits"},
	} {
		t.Run(c.about, func(t *testing.T) {
			k := newKit(t)
			k.staff()
			text := strings.ReplaceAll(compact(t, k.want(http.StatusOK, get("/openapi.json")).body), c.old, c.new)
			document, err := openapifuzz.Read([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			k.findsPlanted(document, k.handler, c.want)
		})
	}
}

// findsPlanted runs until something is found, and wants it to be what was planted.
func (k *kit) findsPlanted(document *openapifuzz.Document, handler http.Handler, want string) {
	k.t.Helper()
	report := k.fuzzed(document, handler, func(calls int, seen *openapifuzz.Report) bool { return calls < 20_000 && seen.Sound() })
	if report.Sound() {
		k.t.Fatalf("nothing was found in %d calls", report.Calls)
	}
	for _, f := range report.Findings {
		if strings.Contains(f.How+": "+f.What, want) {
			k.t.Logf("found after %d calls: %s", report.Calls, f.What)
			return
		}
	}
	k.t.Errorf("found %v, want %q", report.Findings, want)
}

func compact(t *testing.T, text []byte) string {
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
