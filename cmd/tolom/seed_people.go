package main

import (
	"context"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/seal"
	"tolom/web"
	"tolom/world"
)

// demoPerson is somebody as whom anybody may sign in to the demo. The login says the role.
type demoPerson struct {
	Role     string `json:"role"`
	Login    string `json:"login"`
	Password string `json:"password"`
}

// seedPeople takes on one person for each role, of the merchant and of the centre. They have no second factor, since the
// demo protects nothing; the pages say so. A login that is taken carries a part of the password.
func seedPeople(ctx context.Context, r *flow.Registry, w world.World, merchant id.ID) (out []demoPerson, err error) {
	var random [32]byte
	if _, err := w.Entropy.Read(random[:]); err != nil {
		return nil, err
	}
	password := seal.NewKey("", random)
	word := "demo-" + password[:4] + "-" + password[4:8] + "-" + password[8:12]
	for _, role := range append(append([]access.Role{}, access.MerchantRoles...), access.RoleApprover, access.RoleAuditor) {
		p := demoPerson{Role: string(role), Login: string(role), Password: word}
		if _, err := r.Desk().PersonByLogin(ctx, p.Login); err == nil {
			p.Login += "-" + password[:4]
		}
		if role.Of(access.CentreRoles) {
			_, err = r.AddOperator(ctx, p.Login, p.Password, role)
		} else {
			_, err = r.AddMember(ctx, merchant, role, p.Login, "", p.Password)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// shown are the people of the demo as the pages show them, with the operator first.
func (k keys) shown() []web.DemoPerson {
	out := []web.DemoPerson{{Role: string(access.RoleOperator), Login: k.Operator.Login, Password: k.Operator.Password}}
	for _, p := range k.People {
		out = append(out, web.DemoPerson(p))
	}
	return out
}
