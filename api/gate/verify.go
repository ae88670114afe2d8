package gate

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/seal"
)

// Principal is who calls, as a Verifier found out.
type Principal struct {
	ID  string // of the merchant, PSP or operator; for the log and for keeping keys of callers apart
	Who any    // access.Merchant, access.PSP or access.Person
	Key string // id of the key that was shown, whose calls are counted; "" where callers have none
}

// Verifier finds out who sent a request, from its headers and its body as it came. Errors are faults, unauthorized as
// a rule.
type Verifier interface {
	Verify(r *http.Request, body []byte) (Principal, error)
}

// VerifierFunc makes a Verifier of a function.
type VerifierFunc func(r *http.Request, body []byte) (Principal, error)

// Verify calls the function.
func (f VerifierFunc) Verify(r *http.Request, body []byte) (Principal, error) { return f(r, body) }

// Bearer takes keys from Authorization: Bearer, and asks who they belong to.
func Bearer(who func(ctx context.Context, key string) (Principal, error)) Verifier {
	return BearerFrom(nil, func(ctx context.Context, key string, _ netip.Addr) (Principal, error) { return who(ctx, key) })
}

// BearerFrom takes keys as Bearer does, and says too from which address they came.
func BearerFrom(proxies access.Proxies, who func(ctx context.Context, key string, from netip.Addr) (Principal, error)) Verifier {
	return VerifierFunc(func(r *http.Request, _ []byte) (Principal, error) {
		scheme, key, _ := strings.Cut(Authorization(r), " ")
		if !strings.EqualFold(scheme, "Bearer") || key == "" {
			return Principal{}, fault.New(fault.Unauthorized).Because("send the header Authorization: Bearer KEY")
		}
		return who(r.Context(), key, proxies.Caller(r.RemoteAddr, r.Header["X-Forwarded-For"]))
	})
}

// Signed says whether a request claims to be signed (RFC 9421).
func Signed(r *http.Request) bool {
	return len(r.Header[seal.HeaderSignature]) > 0 || len(r.Header[seal.HeaderSignatureInput]) > 0
}

// Signature takes signed requests, and asks who signed them. base is scheme and host by which callers address the
// platform, without a slash at the end: a balancer may show this process another name, and only the public one is
// signed.
func Signature(base string, who func(context.Context, access.SignedRequest) (Principal, error)) Verifier {
	return VerifierFunc(func(r *http.Request, body []byte) (Principal, error) {
		s := access.SignedRequest{Method: r.Method, TargetURI: base + r.RequestURI, Body: body}
		if !strings.HasPrefix(r.RequestURI, "/") {
			return Principal{}, fault.New(fault.SignatureInvalid).Because("ask for a path: POST /psp/v1/… HTTP/1.1")
		}
		for name, value := range map[string]*string{seal.HeaderDigest: &s.Digest, seal.HeaderSignatureInput: &s.Input, seal.HeaderSignature: &s.Signature} {
			all := r.Header[name]
			if len(all) > 1 || name != seal.HeaderDigest && len(all) == 0 {
				return Principal{}, fault.New(fault.SignatureInvalid).On(name).Because("a signed request carries " + name + " once")
			}
			if len(all) == 1 {
				*value = all[0]
			}
		}
		return who(r.Context(), s)
	})
}

// Authorization gives the header when it was sent once. Two of them may be read differently by a proxy before us.
func Authorization(r *http.Request) string {
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
