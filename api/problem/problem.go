// Package problem turns refusals into HTTP answers. It is the only place that knows which status a kind of fault
// has, how an error is written (RFC 9457), and how the errors of the HTTP framework become ours.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"tolom/fault"
	"tolom/wire"
)

// ContentType is what errors are served as.
const ContentType = "application/problem+json"

// statuses gives each kind of fault its HTTP status.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied:          http.StatusForbidden,
	fault.Missing:         http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Mismatch:        http.StatusUnprocessableEntity,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// Status gives the HTTP status of a code. Some codes are about HTTP itself and have statuses of their own.
func Status(code fault.Code) int {
	switch code {
	case fault.WrongMethod:
		return http.StatusMethodNotAllowed
	case fault.NoSuchRange:
		return http.StatusRequestedRangeNotSatisfiable
	case fault.WrongMedia:
		return http.StatusUnsupportedMediaType
	}
	entry, known := fault.Lookup(code)
	if !known {
		return http.StatusInternalServerError
	}
	return statuses[entry.Kind]
}

// withPayment is an error whose answer must show the state of a payment.
type withPayment struct {
	error
	payment wire.PSPPayment
}

func (w withPayment) Unwrap() error { return w.error }

// With adds the payment that the refusal is about: a PSP must learn its state from the refusal alone.
func With(err error, payment wire.PSPPayment) error { return withPayment{err, payment} }

// Answer is a problem as the HTTP framework writes it.
type Answer struct{ wire.Problem }

// Error gives the code.
func (a *Answer) Error() string { return a.Code }

// GetStatus gives the HTTP status.
func (a *Answer) GetStatus() int { return a.Status }

// ContentType makes the framework serve it as a problem.
func (a *Answer) ContentType(string) string { return ContentType }

// From renders any error for the exchange of the context. What is not a fault becomes internal_error, and its
// cause is kept for the log alone.
func From(ctx context.Context, err error) *Answer {
	x, f := Of(ctx), fault.From(err)
	x.Fault = f
	a := &Answer{wire.Problem{
		Type: x.Base + "/docs#error-" + string(f.Code), Title: f.Message(x.Language()), Status: Status(f.Code),
		Detail: f.Detail, Code: string(f.Code), Param: f.Param, Retryable: f.Retryable(), RequestID: x.RequestID,
	}}
	if x.National {
		a.NationalCode = f.NationalCode()
	}
	var shown withPayment
	if errors.As(err, &shown) {
		a.Payment = &shown.payment
	}
	return a
}

// Headers sets what goes with the problem: the language it is in, and how to log in or when to come again.
func Headers(ctx context.Context, h http.Header, a *Answer) {
	x := Of(ctx)
	h.Set("Content-Language", x.Language())
	h.Add("Vary", "Accept-Language")
	h.Set("Cache-Control", "no-store")
	switch a.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", x.Challenge)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "1")
		}
	}
}

// Write answers with a problem, for what is refused before or outside the framework.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	a := From(r.Context(), err)
	text, jsonErr := json.Marshal(a.Problem)
	if jsonErr != nil {
		text = nil // It is texts and numbers only and does not fail; the status would still say the most.
	}
	Headers(r.Context(), w.Header(), a)
	w.Header().Set("Content-Type", ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // A caller that has gone needs no answer.
	}
}
