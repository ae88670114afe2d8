package web_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tolom/access"
	"tolom/flow"
	"tolom/proposal"
	"tolom/store"
	"tolom/web"
)

// centre is a shop's platform with four eyes, an operator who proposes, and people who look.
type centre struct {
	*shop
	*flow.Proposals
	operator proposal.Person
}

const centrePassword = "correct horse battery"

func openCentre(t *testing.T, options ...option) *centre {
	c := &centre{}
	c.shop = open(t, append([]option{func(w *web.Config) {
		c.Proposals = flow.NewProposals(w.Platform, true)
		w.Proposals = c.Proposals
	}}, options...)...)
	for name, role := range map[string]access.Role{"operator": access.RoleOperator, "approver": access.RoleApprover, "auditor": access.RoleAuditor} {
		p := must(c.platform.Registry().AddOperator(context.Background(), name, centrePassword, role))(t)
		if role == access.RoleOperator {
			c.operator = proposal.Person{ID: p.ID, Name: name}
		}
	}
	return c
}

// enter signs somebody in.
func (c *centre) enter(name, lang string) *browser {
	c.t.Helper()
	b := c.browser(lang)
	if at := b.post("/sign-in", "login", name, "password", centrePassword).at(c.t); at != "/console" {
		c.t.Fatalf("%s was led to %s", name, at)
	}
	return b
}

// wishes proposes a limit for the shop.
func (c *centre) wishes(daily int64) (proposal.Proposal, string) {
	c.t.Helper()
	p := must(c.Ask(context.Background(), flow.Ask{By: c.operator, Action: flow.ActSetTariff, Target: c.merchant.ID, Reason: "as agreed",
		Body: map[string]any{"Tariff": map[string]any{"Rate": daily}}}))(c.t)
	return p, "/console/proposals/" + p.ID.Token()
}

// TestAnApproverReadsAndApprovesOnAPage in three languages, and the auditor sees who did what.
func TestAnApproverReadsAndApprovesOnAPage(t *testing.T) {
	c := openCentre(t)
	p, at := c.wishes(90)
	approver := c.enter("approver", "ru")
	approver.get("/console/proposals").says(t, "Предложения", "Установить тариф", "Кафе «Ала-Тоо»", "operator", "предложено")
	page := approver.get(at)
	page.says(t, "Установить тариф", "Было", "0,50 %", "Станет", "0,90 %", "as agreed", "Одобрить", "Отклонить")
	if !strings.Contains(page.text, `name="digest" value="`+p.Digest()+`"`) {
		t.Error("the form does not say what is approved")
	}
	if to := approver.post(at+"/approve", "digest", p.Digest()).at(t); to != at {
		t.Errorf("led to %s", to)
	}
	approver.get(at).says(t, "выполнено", "одобрено · approver")
	auditor := c.enter("auditor", "ky")
	auditor.get("/console/proposals").says(t, "Бул жерде эч нерсе жок")
	auditor.get("/console/proposals?all").says(t, "Тариф коюу", "аткарылды")
	seen := auditor.get(at)
	seen.says(t, "сунушталды · operator", "бекитилди · approver")
	if strings.Contains(seen.text, "/approve") || strings.Contains(seen.text, "/withdraw") {
		t.Error("the auditor has buttons")
	}
}

// TestOnAPageNobodyApprovesTheirOwn, and whoever lacks the role is refused even when they make the form themselves.
func TestOnAPageNobodyApprovesTheirOwn(t *testing.T) {
	c := openCentre(t)
	p, at := c.wishes(90)
	operator := c.enter("operator", "en")
	page := operator.get(at)
	page.says(t, "This is your own proposal", "Withdraw")
	if strings.Contains(page.text, "/approve") {
		t.Error("the proposer has the button")
	}
	for _, name := range []string{"operator", "auditor"} {
		if got := c.enter(name, "en").post(at+"/approve", "digest", p.Digest()); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
	operator.post(at+"/withdraw", "reason", "a slip").at(t)
	operator.get(at).says(t, "withdrawn · operator", "a slip")
	approver := c.enter("approver", "en")
	late := approver.post(at+"/approve", "digest", p.Digest())
	if late.StatusCode != http.StatusConflict {
		t.Errorf("a late approval: %d", late.StatusCode)
	}
	late.says(t, "The proposal was decided already", "withdrawn")
	q, here := c.wishes(80)
	if got := approver.post(here+"/approve", "digest", p.Digest()); got.StatusCode != http.StatusConflict {
		t.Errorf("the digest of another proposal: %d", got.StatusCode)
	}
	approver.post(here+"/reject", "reason", "<script>alert(1)</script>").at(t)
	if text := approver.get(here).text; strings.Contains(text, "<script>alert") {
		t.Error("a reason becomes a script")
	}
	if now, _, err := c.Proposal(context.Background(), q.ID); err != nil || now.Status != proposal.Rejected {
		t.Errorf("%+v, %v", now, err)
	}
	if got := approver.get("/console/proposals/00000000000000000000000000"); got.StatusCode != http.StatusNotFound {
		t.Errorf("what is not there: %d", got.StatusCode)
	}
}

// TestAnOperatorIsMadeByTwoPeople on pages: the link waits, and other roles too, until an approver has looked.
func TestAnOperatorIsMadeByTwoPeople(t *testing.T) {
	c := openCentre(t)
	operator, approver := c.enter("operator", "en"), c.enter("approver", "ru")
	page := operator.post("/console/people/invitations", "role", "operator", "name", "Operator B")
	page.says(t, "The link works when a second person has approved it")
	link := invitationLink.FindStringSubmatch(page.text)
	if link == nil {
		t.Fatal("the page shows no link")
	}
	if got := c.browser("en").get("/join/" + link[1]); got.StatusCode != http.StatusNotFound {
		t.Errorf("the link is open to one person's word: %d", got.StatusCode)
	}
	list, _, err := c.List(context.Background(), store.ProposalFilter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	at := "/console/proposals/" + list[0].ID.Token()
	approver.get(at).says(t, "Пригласить сотрудника", "Процессинговый центр", "Роли", "Operator B")
	operator.post(at+"/approve", "digest", list[0].Digest())
	if got := c.browser("en").get("/join/" + link[1]); got.StatusCode != http.StatusNotFound {
		t.Errorf("the operator has approved the own wish: %d", got.StatusCode)
	}
	approver.post(at+"/approve", "digest", list[0].Digest()).at(t)
	c.browser("en").get("/join/"+link[1]).says(t, "You are invited")
	if page := operator.post("/console/people/invitations", "role", "auditor"); strings.Contains(page.text, "a second person") {
		t.Error("an auditor, who changes nothing, waits")
	}
}

// invitationLink finds the token of the link that a page shows.
var invitationLink = regexp.MustCompile(`/join/([A-Za-z0-9_]+)<`)
