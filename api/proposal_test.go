package api_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"tolom/access"
	"tolom/api"
	"tolom/api/operator"
	"tolom/flow"
)

// newEyes is a kit with four eyes on, an operator, another one, an approver and an auditor.
func newEyes(t *testing.T) *kit {
	k := newKit(t, func(d *api.Deps) {
		d.Proposals = flow.NewProposals(d.Platform, true)
		d.Days.Register(d.Proposals)
	})
	for name, role := range map[string]access.Role{"first": access.RoleOperator, "second": access.RoleOperator, "approver": access.RoleApprover, "auditor": access.RoleAuditor} {
		if _, err := k.registry.AddOperator(context.Background(), name, password, role); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// by names the member of staff who calls.
func (a ask) by(name string) ask {
	return a.with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
}

func put(path, body string) ask {
	return ask{method: http.MethodPut, path: path, body: body}.with("Content-Type", "application/json")
}

// waits has a call answered with a proposal.
func (k *kit) waits(a ask) operator.Proposal {
	k.t.Helper()
	p := decode[operator.Proposal](k.t, k.want(http.StatusAccepted, a).body)
	if p.Status != "proposed" || p.Digest == "" || p.ProposedBy.Name != "first" || len(p.Summary) == 0 && p.Action != flow.ActAddPlatformKey {
		k.t.Errorf("%s waits as %+v", a.path, p)
	}
	return p
}

func approve(p operator.Proposal) ask {
	return post("/operator/v1/proposals/"+p.ID+"/approve", `{"digest":"`+p.Digest+`"}`)
}

// TestWhatTouchesMoneyWaitsForAnotherPerson: every such operation answers 202 with a proposal, changes nothing, and
// takes effect by the approval of another.
func TestWhatTouchesMoneyWaitsForAnotherPerson(t *testing.T) {
	k := newEyes(t)
	shop, psp := "/operator/v1/merchants/"+string(k.merchant.ID), "/operator/v1/psps/"+string(k.psp.ID)
	for _, c := range []struct {
		call      ask
		from      string // where the result is seen
		has, more string
	}{
		{put(shop+"/limits?reason=agreed", `{"daily":5000}`), shop + "/limits", `"daily":5000`, `"reason":"agreed"`},
		{put(shop+"/tariff", `{"rate":90,"fixed":0,"min":0,"max":0,"interchange_rate":40,"refunds_fee":true}`), shop + "/tariffs", `"rate":90`, `"before":"100","after":"90","as":"rate"`},
		{put(shop+"/bank-account", `{"bank_account":"1240020000000001"}`), "/operator/v1/merchants", "1240020000000001", `"bank_account"`},
		{put(shop+"/refund-overdraft", `{"refund_overdraft":777}`), "/operator/v1/merchants", `"refund_overdraft":777`, `"after":"777","as":"amount"`},
		{post(shop+"/suspend", ""), "/operator/v1/merchants", `"suspended":true`, `"suspended"`},
		{post(shop+"/resume", ""), "/operator/v1/merchants", `"suspended":false`, `"suspended"`},
		{post(psp+"/suspend", ""), "/operator/v1/psps", `"suspended":true`, `"truth"`},
		{post(psp+"/resume", ""), "/operator/v1/psps", `"suspended":false`, `"truth"`},
		{post("/operator/v1/tariffs", `{"mcc":"5411","tariff":{"rate":33}}`), "/operator/v1/tariffs?mcc=5411", `"rate":33`, `"target":"mcc:5411"`},
		{post("/operator/v1/keys", `{"owner_id":"`+string(k.merchant.ID)+`","name":"second web"}`), "/operator/v1/keys", "second web", `"secret":"sk_`},
		{post("/operator/v1/psp-certificates", `{"psp_id":"`+string(k.psp.ID)+`","fingerprint_of":"public_key","fingerprint":"`+strings.Repeat("ab", 32)+`"}`),
			"/operator/v1/psp-certificates", strings.Repeat("ab", 32), `"fingerprint"`},
		{post("/operator/v1/psp-keys", `{"psp_id":"`+string(k.psp.ID)+`","algorithm":"ed25519","public_key":"MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="}`),
			"/operator/v1/psp-keys", "MCowBQYDK2VwAyEA", `"public_key"`},
		{post("/operator/v1/platform-keys", ""), "/operator/v1/platform-keys", `"key_id"`, `"platform_keys"`},
		{post("/operator/v1/participants?reason=agreed", `{"name":"Third bank","bic":"THIRKG22"}`), "/operator/v1/participants", "Third bank", `"bic"`},
		{post("/operator/v1/psps", `{"participant_id":"`+string(k.merchant.Participant)+`","name":"Third wallet"}`), "/operator/v1/psps", "Third wallet", `"participant"`},
		{post("/operator/v1/merchants", `{"participant_id":"`+string(k.merchant.Participant)+`","name":"Third shop","mcc":"5411","bank_account":"1240020000000009","tariff":{"rate":77}}`),
			"/operator/v1/merchants", "Third shop", `"after":"1240020000000009"`},
		{put("/operator/v1/holidays/2099-03-23", `{"name":"Nooruz"}`), "/operator/v1/holidays", "Nooruz", `"banking"`},
	} {
		before := string(k.want(http.StatusOK, get(c.from).by("auditor")).body)
		answer := k.want(http.StatusAccepted, c.call.by("first"))
		p := k.waits(c.call.by("first"))
		if string(k.want(http.StatusOK, get(c.from).by("auditor")).body) != before || !strings.Contains(string(answer.body), c.more) {
			t.Errorf("%s %s did something at once, or says not what: %s", c.call.method, c.call.path, answer.body)
		}
		if done := decode[operator.Proposal](t, k.want(http.StatusOK, approve(p).by("approver")).body); done.Status != "done" || done.DecidedBy.Name != "approver" {
			t.Errorf("%s %s came to %+v", c.call.method, c.call.path, done)
		}
		if after := string(k.want(http.StatusOK, get(c.from).by("auditor")).body); !strings.Contains(after, c.has) {
			t.Errorf("%s %s: %s does not have %s", c.call.method, c.call.path, after, c.has)
		}
	}
}

// TestAKeyOfAnApprovedProposalWorks from then on, and is ended by one person alone.
func TestAKeyOfAnApprovedProposalWorks(t *testing.T) {
	k := newEyes(t)
	p := k.waits(post("/operator/v1/keys", `{"owner_id":"`+string(k.merchant.ID)+`"}`).by("first"))
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/v1/payments").as(p.Secret))
	seen := decode[operator.Proposal](t, k.want(http.StatusOK, get("/operator/v1/proposals/"+p.ID).by("approver")).body)
	if seen.Secret != "" || seen.Digest != p.Digest || len(seen.Events) != 1 {
		t.Errorf("the approver sees %+v", seen)
	}
	done := decode[operator.Proposal](t, k.want(http.StatusOK, approve(seen).by("approver")).body)
	k.want(http.StatusOK, get("/v1/payments").as(p.Secret))
	k.want(http.StatusOK, post("/operator/v1/keys/"+done.Outcome+"/revoke", "").by("first"))
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/v1/payments").as(p.Secret))
	list := decode[operator.List[operator.Proposal]](t, k.want(http.StatusOK, get("/operator/v1/proposals?target="+done.Outcome).by("auditor")).body)
	if len(list.Data) != 1 || list.Data[0].Action != flow.ActRevokeKey || !list.Data[0].AtOnce || list.Data[0].ProposedBy.Name != "first" {
		t.Errorf("of the revocation is written down %+v", list.Data)
	}
}

// TestWhoDecides: the proposer does not, nor who has no right to; a rejection and a withdrawal are ends.
func TestWhoDecides(t *testing.T) {
	k := newEyes(t)
	shop := "/operator/v1/merchants/" + string(k.merchant.ID)
	p := k.waits(put(shop+"/limits", `{"daily":5000}`).by("first"))
	at := "/operator/v1/proposals/" + p.ID
	for _, name := range []string{"first", "second", "auditor"} {
		k.refused(http.StatusForbidden, "forbidden", "", approve(p).by(name))
		k.refused(http.StatusForbidden, "forbidden", "", post(at+"/reject", `{}`).by(name))
	}
	k.refused(http.StatusForbidden, "proposal_own", "", post(at+"/withdraw", `{}`).by("second"))
	k.refused(http.StatusForbidden, "forbidden", "", put(shop+"/limits", `{"daily":5000}`).by("approver"))
	other := p
	other.Digest = strings.Repeat("0", 64)
	k.refused(http.StatusConflict, "proposal_changed", "digest", approve(other).by("approver"))
	if out := decode[operator.Proposal](t, k.want(http.StatusOK, post(at+"/reject", `{"reason":"too high"}`).by("approver")).body); out.Status != "rejected" {
		t.Errorf("rejected %+v", out)
	}
	k.refused(http.StatusConflict, "proposal_ended", "", approve(p).by("approver"))
	mine := k.waits(put(shop+"/limits", `{"daily":6000}`).by("first"))
	k.want(http.StatusOK, post("/operator/v1/proposals/"+mine.ID+"/withdraw", `{"reason":"a slip"}`).by("first"))
	k.refused(http.StatusConflict, "proposal_ended", "", approve(mine).by("approver"))
	k.refused(http.StatusNotFound, "not_found", "", get("/operator/v1/proposals/prop_00000000000000000000000000").by("auditor"))
	k.refused(http.StatusNotFound, "not_found", "", get("/operator/v1/proposals/"+string(k.merchant.ID)).by("auditor"))
	page := decode[operator.List[operator.Proposal]](t, k.want(http.StatusOK, get("/operator/v1/proposals?limit=1").by("auditor")).body)
	rest := decode[operator.List[operator.Proposal]](t, k.want(http.StatusOK, get("/operator/v1/proposals?limit=5&after="+page.After).by("auditor")).body)
	if len(page.Data) != 1 || page.Data[0].ID != mine.ID || len(rest.Data) != 1 || rest.Data[0].ID != p.ID || rest.HasMore {
		t.Errorf("listed %+v and %+v", page, rest)
	}
}

// TestThreatSelfApprovalByAnotherRole: who is operator and approver at once does not approve what they have proposed.
func TestThreatSelfApprovalByAnotherRole(t *testing.T) {
	k := newEyes(t)
	if _, err := k.registry.AddOperator(context.Background(), "both", password, access.RoleOperator, access.RoleApprover); err != nil {
		t.Fatal(err)
	}
	shop := "/operator/v1/merchants/" + string(k.merchant.ID)
	r := k.want(http.StatusAccepted, put(shop+"/limits", `{"daily":5000}`).by("both"))
	p := decode[operator.Proposal](t, r.body)
	k.refused(http.StatusForbidden, "proposal_own", "", approve(p).by("both"))
	k.refused(http.StatusForbidden, "proposal_own", "", post("/operator/v1/proposals/"+p.ID+"/reject", `{}`).by("both"))
	k.want(http.StatusOK, approve(p).by("approver"))
}
