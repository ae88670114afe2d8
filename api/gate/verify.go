package gate

import (
	"context"
	"net/http"
	"strings"

	"tolom/fault"
)

// Principal is who calls, as a Verifier found out.
type Principal struct {
	ID  string // of the merchant, PSP or operator; for the log and for keeping keys of callers apart
	Who any    // access.Merchant, access.PSP or access.Operator
}

// Verifier finds out who sent a request, from its headers and its body as it came. It is the place where signatures
// of requests (RFC 9421) plug in beside bearer keys: they cover the method, the target and the digest of the body,
// all of which are at hand here. Errors are faults, unauthorized as a rule.
type Verifier interface {
	Verify(r *http.Request, body []byte) (Principal, error)
}

// VerifierFunc makes a Verifier of a function.
type VerifierFunc func(r *http.Request, body []byte) (Principal, error)

// Verify calls the function.
func (f VerifierFunc) Verify(r *http.Request, body []byte) (Principal, error) { return f(r, body) }

// Bearer takes keys from Authorization: Bearer, and asks who they belong to.
func Bearer(who func(ctx context.Context, key string) (Principal, error)) Verifier {
	return VerifierFunc(func(r *http.Request, _ []byte) (Principal, error) {
		scheme, key, _ := strings.Cut(authorization(r), " ")
		if !strings.EqualFold(scheme, "Bearer") || key == "" {
			return Principal{}, fault.New(fault.Unauthorized).Because("send the header Authorization: Bearer KEY")
		}
		return who(r.Context(), key)
	})
}

// Basic takes a login and a password from Authorization: Basic.
func Basic(who func(ctx context.Context, login, password string) (Principal, error)) Verifier {
	return VerifierFunc(func(r *http.Request, _ []byte) (Principal, error) {
		login, password, ok := r.BasicAuth()
		if !ok || authorization(r) == "" {
			return Principal{}, fault.New(fault.Unauthorized).Because("send login and password with Authorization: Basic")
		}
		return who(r.Context(), login, password)
	})
}

// authorization gives the header when it was sent once. Two of them may be read differently by a proxy before us.
func authorization(r *http.Request) string {
	if all := r.Header.Values("Authorization"); len(all) == 1 {
		return all[0]
	}
	return ""
}

type principalKey struct{}

// Who gives the caller that the door's verifier found. It panics behind a door of another kind of caller.
func Who[T any](ctx context.Context) T {
	return ctx.Value(principalKey{}).(Principal).Who.(T)
}
