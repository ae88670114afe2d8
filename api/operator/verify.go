package operator

import (
	"net/http"
	"strings"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
)

// Verifier takes the token of a session as Authorization: Bearer, and, where staff need no second factor, login and
// password as Authorization: Basic.
func Verifier(g *access.Gate, proxies access.Proxies) gate.Verifier {
	return gate.VerifierFunc(func(r *http.Request, _ []byte) (gate.Principal, error) {
		from := proxies.Caller(r.RemoteAddr, r.Header["X-Forwarded-For"])
		who, err := recognise(g, r, func(login, password string) (access.Person, error) {
			return g.Operator(r.Context(), login, password, from)
		},
			func(token string) (access.Person, error) { return g.Staff(r.Context(), token, from) })
		if err == nil && who.Unproven {
			err = fault.New(fault.Forbidden).Because("set up a second factor first, at /account")
		}
		if err == nil && len(who.Centre) == 0 {
			err = fault.New(fault.Forbidden).Because("you are not staff of the centre")
		}
		return gate.Principal{ID: string(who.ID), Who: who}, err
	})
}

// recognise reads the one header that says who calls.
func recognise(g *access.Gate, r *http.Request, byPassword func(login, password string) (access.Person, error), byToken func(string) (access.Person, error)) (access.Person, error) {
	scheme, token, _ := strings.Cut(gate.Authorization(r), " ")
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		return byToken(token)
	}
	login, password, ok := r.BasicAuth()
	switch {
	case ok && gate.Authorization(r) != "" && gate.IsText(login):
		return byPassword(login, password)
	case g.DemandsSecondFactor():
		return access.Person{}, fault.New(fault.Unauthorized).Because("send Authorization: Bearer with the token that POST /operator/v1/session gives")
	}
	return access.Person{}, fault.New(fault.Unauthorized).Because("send login and password with Authorization: Basic, or a token with Authorization: Bearer")
}
