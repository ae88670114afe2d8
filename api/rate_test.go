package api_test

import (
	"net/http"
	"testing"
	"time"

	"tolom/api"
	"tolom/api/gate"
)

// TestThreatOneKeyTakesAll lets a key call without end: beyond its rate it is refused with what it needs to know to
// come again, before its call does anything, and no other key of the same merchant, address or door notices.
func TestThreatOneKeyTakesAll(t *testing.T) {
	k := newKit(t, func(d *api.Deps) {
		d.Rates.Merchant = gate.Rate{PerSecond: 2, Burst: 3}
		d.Rates.PSP = gate.Rate{PerSecond: 1, Burst: 1}
	})
	call := func(key string) ask { return get("/v1/balance").as(key) }
	for _, left := range []string{`"key";r=2;t=1`, `"key";r=1;t=1`, `"key";r=0;t=2`} {
		r := k.want(http.StatusOK, call(k.merchantKey))
		if got := r.header.Get("RateLimit"); got != left || r.header.Get("RateLimit-Policy") != `"key";q=3;w=2` {
			t.Errorf("got RateLimit %q and RateLimit-Policy %q, want %q", got, r.header.Get("RateLimit-Policy"), left)
		}
	}
	sale := post("/v1/payment-requests", `{"amount":100}`).as(k.merchantKey).keyed(fresh())
	refused := k.want(http.StatusTooManyRequests, sale)
	if got := refused.header; got.Get("Retry-After") != "1" || got.Get("RateLimit") != `"key";r=0;t=2` {
		t.Errorf("the refusal says %v", got)
	}
	if p := k.refused(http.StatusTooManyRequests, "rate_limited", "", sale); !p.Retryable {
		t.Error("the refusal does not say that trying again helps")
	}
	k.want(http.StatusOK, get("/v1/payments").as(k.tillKey))
	k.want(http.StatusOK, call(k.otherKey))
	k.want(http.StatusOK, get("/psp/v1/refunds").as(k.pspKey))
	k.refused(http.StatusTooManyRequests, "rate_limited", "", get("/psp/v1/refunds").as(k.pspKey))
	k.want(http.StatusOK, get("/psp/v1/refunds").as(k.otherPSP))
	k.clock.Advance(500 * time.Millisecond)
	if r := k.want(http.StatusCreated, sale); r.header.Get("Idempotent-Replayed") != "" {
		t.Error("the call that was refused had been done")
	}
	k.refused(http.StatusTooManyRequests, "rate_limited", "", sale)
}

// TestThreatStrangersUseUpNobodysRate has unknown keys call often: they are refused as before, and take nothing of
// the rate of a key that is good.
func TestThreatStrangersUseUpNobodysRate(t *testing.T) {
	k := newKit(t, func(d *api.Deps) { d.Rates.Merchant = gate.Rate{PerSecond: 1, Burst: 1} })
	for range 100 {
		k.refused(http.StatusUnauthorized, "unauthorized", "", get("/v1/balance").as(k.merchantKey+"x"))
	}
	k.want(http.StatusOK, get("/v1/balance").as(k.merchantKey))
}

// TestNoRateIsSaidWhereThereIsNone keeps the headers out of answers that nothing bounds.
func TestNoRateIsSaidWhereThereIsNone(t *testing.T) {
	k := newKit(t)
	if h := k.want(http.StatusOK, get("/v1/balance").as(k.merchantKey)).header; h.Get("RateLimit") != "" || h.Get("RateLimit-Policy") != "" {
		t.Errorf("got %v", h)
	}
}
