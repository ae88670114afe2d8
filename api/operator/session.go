package operator

import (
	"context"
	"net/http"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/store"
	"tolom/wire"
)

// NewStaffSession is what a person signs in with beside login and password.
type NewStaffSession struct {
	Code string `json:"code,omitempty" doc:"Of the authenticator app, or a recovery code; needed where the account has a second factor"`
}

// StaffSession is a person's session for a program.
type StaffSession struct {
	Token     string    `json:"token" doc:"Send it as Authorization: Bearer; it is not shown again"`
	ExpiresAt wire.Time `json:"expires_at"`
	PersonID  string    `json:"person_id"`
	Login     string    `json:"login"`
	Roles     []string  `json:"roles" doc:"At the centre: operator, approver, auditor"`
}

type newSession struct{ Body NewStaffSession }

// Sessions lets people sign in for programs.
type Sessions struct {
	Registry *flow.Registry
	Access   *access.Gate
}

// Mount adds the operation that gives sessions at a door of its own, and the one that ends them at the door of staff.
func (k *Sessions) Mount(entrance, staff *gate.Door) {
	k.mountNew(entrance)
	k.mountEnd(staff)
}

func (k *Sessions) mountNew(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/session", ID: "create-session", Status: http.StatusCreated, Summary: "Sign in for a program",
		Text: "Takes login and password as Authorization: Basic and the code of the second factor in the body, and gives a token that works for an hour. On the live platform nobody comes to this API by a password alone. " +
			"Wrong passwords and codes are slowed for each account and each network, on all nodes together.",
		Codes: []fault.Code{fault.Forbidden}, Body: `{"code": "123456"}`,
	}, k.createSession)
}

func (k *Sessions) mountEnd(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/session/end", ID: "end-session", Summary: "Sign out", Right: access.SeePlatform,
		Text: "Ends the session whose token the call comes with; harmless with login and password.", Status: http.StatusNoContent,
	}, func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		who := gate.Who[access.Person](ctx)
		if who.Session == "" {
			return nil, nil
		}
		return nil, k.Registry.SignOut(ctx, who)
	})
}

func (k *Sessions) createSession(ctx context.Context, in *newSession) (*answer[StaffSession], error) {
	e := gate.Who[entering](ctx)
	signed, err := k.Registry.SignInProgram(ctx, e.login, e.password, in.Body.Code, e.caller)
	if err != nil {
		return nil, err
	}
	who, err := k.Access.Staff(ctx, signed.Token, e.caller.Address)
	if err != nil {
		return nil, err
	}
	out := StaffSession{Token: signed.Token, ExpiresAt: wire.At(signed.Session.ExpiresAt), PersonID: string(who.ID), Login: who.Login, Roles: []string{}}
	for _, role := range who.Centre {
		out.Roles = append(out.Roles, string(role))
	}
	return &answer[StaffSession]{out}, nil
}

// entering is somebody with the right password who asks for a session.
type entering struct {
	login, password string
	caller          flow.Caller
}

// Entrance takes login and password as Authorization: Basic, on the live platform too: what they open is only the operation
// that asks for the second factor.
func Entrance(r *flow.Registry, proxies access.Proxies) gate.Verifier {
	return gate.VerifierFunc(func(q *http.Request, _ []byte) (gate.Principal, error) {
		login, password, ok := q.BasicAuth()
		if !ok || gate.Authorization(q) == "" || !gate.IsText(login) {
			return gate.Principal{}, fault.New(fault.Unauthorized).Because("send login and password with Authorization: Basic, and the code in the body")
		}
		c := flow.Caller{Address: proxies.Caller(q.RemoteAddr, q.Header["X-Forwarded-For"]), Agent: q.UserAgent(), Kind: store.ProgramSession}
		person, err := r.CheckPassword(q.Context(), login, password, c)
		return gate.Principal{ID: string(person), Who: entering{login, password, c}}, err
	})
}
