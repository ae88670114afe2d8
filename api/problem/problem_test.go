package problem_test

import (
	"net/http"
	"testing"

	"tolom/api/problem"
	"tolom/fault"
)

// TestEveryCodeHasAStatus also holds statuses to what callers conclude from them: a 5xx is never the caller's fault.
func TestEveryCodeHasAStatus(t *testing.T) {
	for _, code := range fault.Codes() {
		entry, _ := fault.Lookup(code)
		status := problem.Status(code)
		if http.StatusText(status) == "" || status < 400 {
			t.Errorf("%s has the status %d", code, status)
		}
		if ours := entry.Kind == fault.Internal || entry.Kind == fault.Unavailable; ours != (status >= 500) {
			t.Errorf("%s of kind %d has the status %d", code, entry.Kind, status)
		}
	}
	for code, want := range map[fault.Code]int{
		fault.AmountInvalid: 400, fault.Unauthorized: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.WrongMethod: 405, fault.AlreadyPaid: 409,
		fault.BodyTooLarge: 413, fault.WrongMedia: 415, fault.NoSuchRange: 416, fault.IdempotencyReused: 422, fault.RateLimited: 429, fault.InternalError: 500, fault.OutOfService: 503, "no_code": 500,
	} {
		if got := problem.Status(code); got != want {
			t.Errorf("%s has the status %d, want %d", code, got, want)
		}
	}
}
