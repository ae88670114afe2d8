package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tolom/api/gate"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

func TestProblemsSpeakTheLanguageOfTheCaller(t *testing.T) {
	k := newKit(t)
	for accept, c := range map[string]struct{ language, title string }{
		"":                                {"en", "Not found"},
		"ky":                              {"ky", "Табылган жок"},
		"ky-KG,ky;q=0.9,ru;q=0.8":         {"ky", "Табылган жок"},
		"ru-RU,ru;q=0.9,en;q=0.8":         {"ru", "Не найдено"},
		"de,fr;q=0.5":                     {"en", "Not found"},
		"de,ru;q=0.1":                     {"ru", "Не найдено"},
		"en-GB":                           {"en", "Not found"},
		"*":                               {"en", "Not found"},
		"\xff;;;":                         {"en", "Not found"},
		strings.Repeat("ru,", 400) + "ru": {"en", "Not found"},
	} {
		r := k.do(get("/v1/payments/pay_1").as(k.merchantKey).with("Accept-Language", accept))
		if p := decode[wire.Problem](t, r.body); p.Title != c.title || r.header.Get("Content-Language") != c.language || r.header.Get("Vary") != "Accept-Language" {
			t.Errorf("%.40q: %q in %q", accept, p.Title, r.header.Get("Content-Language"))
		}
	}
	if r := k.do(get("/v1/payments?limit=x").as(k.merchantKey).with("Accept-Language", "ru")); r.header.Get("Content-Language") != "ru" || !bytes.Contains(r.body, []byte("Данные запроса неверны")) {
		t.Errorf("an error of the framework is %s", r.body)
	}
}

func TestEveryAnswerNamesItsRequest(t *testing.T) {
	k := newKit(t)
	for given, kept := range map[string]bool{"order-7_a.B": true, "": false, "two words": false, strings.Repeat("a", 65): false, "\"quote": false, strings.Repeat("a", 64): true} {
		for _, path := range []string{"/livez", "/v1/balance", "/nothing"} {
			got := k.do(get(path).as(k.merchantKey).with("X-Request-Id", given)).header.Get("X-Request-Id")
			if kept != (got == given) || got == "" {
				t.Errorf("%s with %q is named %q", path, given, got)
			}
		}
	}
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	k := newKit(t).hire()
	r, p := k.paid(100)
	k.do(post("/v1/payment-requests", `{"amount":100,"description":"PRIVATE"}`).as(k.merchantKey).keyed("IDEMPOTENCY"))
	k.do(get("/v1/payments?order_id=PRIVATE").as(k.merchantKey))
	k.do(get("/operator/v1/merchants").asOperator())
	k.do(get("/v1/balance").as("sk_wrong"))
	text := k.log.String()
	for _, secret := range []string{k.merchantKey, k.pspKey, password, "PRIVATE", "IDEMPOTENCY", "sk_wrong", r.ID, *p.ID, "Payer A."} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, word := range []string{`"route":"/psp/v1/payments/{id}/execute"`, `"caller":"` + string(k.merchant.ID) + `"`, `"code":"unauthorized"`, `"status":201`, `"request_id":"req_`} {
		if !strings.Contains(text, word) {
			t.Errorf("the log lacks %s", word)
		}
	}
}

func TestACallerThatHasLeftIsNoFailure(t *testing.T) {
	k := newKit(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, c := range []struct {
		about  string
		ctx    context.Context
		failed bool
	}{
		{"a caller that has left", gone, false},
		{"a database that does not answer", t.Context(), true},
	} {
		k.log.Reset()
		k.memory.Fault = func(store.Point) error { return errors.New("no connection") }
		k.handler.ServeHTTP(httptest.NewRecorder(), get("/v1/balance").as(k.merchantKey).request().WithContext(c.ctx))
		if text := k.log.String(); strings.Contains(text, `"level":"ERROR"`) != c.failed || !strings.Contains(text, `"error":`) {
			t.Errorf("%s is logged as %s", c.about, text)
		}
	}
}

func TestFiguresAreByRoute(t *testing.T) {
	k := newKit(t)
	k.paid(100)
	k.do(get("/v1/payments/pay_1").as(k.merchantKey))
	k.do(get("/secret/path"))
	k.do(ask{method: "BREW", path: "/v1/payments"})
	text := string(k.want(http.StatusOK, get("/metrics")).body)
	for _, line := range []string{
		`tolom_http_requests_total{method="POST",route="/v1/payment-requests",status="201"} 1`,
		`tolom_http_requests_total{method="GET",route="/v1/payments/{id}",status="404"} 1`,
		`tolom_http_requests_total{method="GET",route="unknown",status="404"} 1`,
		`tolom_http_requests_total{method="other",route="unknown",status="405"} 1`,
		`tolom_http_request_seconds_count{method="POST",route="/psp/v1/payments/{id}/execute"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the figures lack %s", line)
		}
	}
	if strings.Contains(text, "secret/path") {
		t.Error("a path became a label")
	}
}

// wall is a gate with one route before it.
func wall(t *testing.T, log io.Writer, h http.HandlerFunc) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", h)
	g := &gate.Gate{Base: base, Log: slog.New(slog.NewTextHandler(log, nil)), Entropy: world.Seeded(1), Figures: gate.NewFigures(prometheus.NewRegistry()), After: time.After}
	return g.Wrap(mux)
}

func TestAPanicIsAProblemAndALineInTheLog(t *testing.T) {
	var log bytes.Buffer
	h := wall(t, &log, func(http.ResponseWriter, *http.Request) { panic("the shelf fell down") })
	w := newRecorder()
	h.ServeHTTP(w, get("/").with("X-Request-Id", "r7").request())
	p := decode[wire.Problem](t, w.Body.Bytes())
	if w.Code != http.StatusInternalServerError || p.Code != "internal_error" || !p.Retryable || strings.Contains(w.Body.String(), "shelf") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "the shelf fell down") || !strings.Contains(log.String(), "request_id=r7") {
		t.Errorf("logged %s", log.String())
	}
}

func TestAnAnswerThatBeganIsBrokenOffByAPanic(t *testing.T) {
	h := wall(t, io.Discard, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"half":`)
		panic("too late")
	})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("recovered %v", got)
		}
	}()
	h.ServeHTTP(newRecorder(), get("/").request())
	t.Error("the answer was ended as if it were whole")
}

func TestHealth(t *testing.T) {
	k := newKit(t)
	for _, path := range []string{"/livez", "/readyz"} {
		k.want(http.StatusOK, get(path))
	}
	if err := k.memory.Close(); err != nil {
		t.Fatal(err)
	}
	k.want(http.StatusOK, get("/livez"))
	k.refused(http.StatusServiceUnavailable, "unavailable", "", get("/readyz"))
	p := k.refused(http.StatusServiceUnavailable, "unavailable", "", get("/v1/payments/pay_06h0r4bkg1a4szk2gqfbn5bq2g").as(k.merchantKey))
	if !p.Retryable {
		t.Errorf("told %+v", p)
	}
}
