package api_test

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tolom/access"
	"tolom/api"
	"tolom/api/operator"
	"tolom/flow"
)

// guarded is a kit whose staff must come with a second factor, and the seed of the operator's.
func guarded(t *testing.T) (k *kit, seed string) {
	t.Helper()
	k = newKit(t, func(d *api.Deps) { d.Access.DemandSecondFactor() }).hire()
	r, ctx := k.registry, t.Context()
	in, err := r.SignIn(ctx, login, password, flow.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	who := access.Person{ID: in.Session.Person, Login: login, Session: in.Session.ID}
	n, err := r.BeginTOTP(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.FinishTOTP(ctx, who, n.Ticket, k.code(n.Seed), flow.Proof{Password: password}, flow.Caller{}); err != nil {
		t.Fatal(err)
	}
	k.clock.Advance(time.Minute)
	return k, n.Seed
}

func (k *kit) code(seed string) string {
	k.t.Helper()
	code, err := totp.GenerateCode(seed, k.clock.Now())
	if err != nil {
		k.t.Fatal(err)
	}
	return code
}

// TestThreatOperatorByPasswordAlone comes to the live platform with login and password, without a code, with a code twice, and
// with a token after its end.
func TestThreatOperatorByPasswordAlone(t *testing.T) {
	k, seed := guarded(t)
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/operator/v1/merchants").asOperator())
	enter := func(code string) ask { return post("/operator/v1/session", `{"code":"`+code+`"}`).asOperator() }
	k.refused(http.StatusUnauthorized, "unauthorized", "code", enter(""))
	k.refused(http.StatusUnauthorized, "unauthorized", "", enter("000000"))
	wrong := "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":not it"))
	k.refused(http.StatusUnauthorized, "unauthorized", "", post("/operator/v1/session", `{"code":"`+k.code(seed)+`"}`).with("Authorization", wrong))
	code := k.code(seed)
	s := decode[operator.StaffSession](t, k.want(http.StatusCreated, enter(code)).body)
	if s.Login != login || len(s.Roles) != 1 || s.Roles[0] != "operator" {
		t.Errorf("the session is %+v", s)
	}
	k.refused(http.StatusUnauthorized, "unauthorized", "", enter(code))
	k.want(http.StatusOK, get("/operator/v1/merchants").as(s.Token))
	k.want(http.StatusNoContent, post("/operator/v1/session/end", "").as(s.Token))
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/operator/v1/merchants").as(s.Token))
	k.clock.Advance(10 * time.Minute)
	again := decode[operator.StaffSession](t, k.want(http.StatusCreated, enter(k.code(seed))).body)
	k.clock.Advance(flow.ProgramSessionLife)
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/operator/v1/merchants").as(again.Token))
}

// TestThreatStaffOperationOfAnotherRole has an auditor and an approver do what operators do.
func TestThreatStaffOperationOfAnotherRole(t *testing.T) {
	k := newKit(t)
	for _, role := range []access.Role{access.RoleAuditor, access.RoleApprover} {
		if _, err := k.registry.AddOperator(t.Context(), string(role), password, role); err != nil {
			t.Fatal(err)
		}
		as := func(a ask) ask {
			return a.with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(string(role)+":"+password)))
		}
		k.want(http.StatusOK, as(get("/operator/v1/merchants")))
		k.refused(http.StatusForbidden, "forbidden", "", as(post("/operator/v1/participants", `{"name":"Bank","bic":"DEMOKG22"}`)))
		k.refused(http.StatusForbidden, "forbidden", "", as(post("/operator/v1/psps/"+string(k.psp.ID)+"/suspend", "")))
	}
	if _, err := k.registry.AddMember(t.Context(), k.merchant.ID, access.RoleOwner, "owner", "", password); err != nil {
		t.Fatal(err)
	}
	owner := "Basic " + base64.StdEncoding.EncodeToString([]byte("owner:"+password))
	k.refused(http.StatusForbidden, "forbidden", "", get("/operator/v1/merchants").with("Authorization", owner))
}
