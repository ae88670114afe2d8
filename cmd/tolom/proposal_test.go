package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tolom/access"
)

// TestTwoPeopleAtTheCommandLine set a limit over a running platform: one asks, the other reads and approves.
func TestTwoPeopleAtTheCommandLine(t *testing.T) {
	c := newCage(t, func(s *settings) { s.FourEyes = "on" })
	server := httptest.NewServer(c.handler)
	defer server.Close()
	const password = "correct horse battery"
	token := func(login string, role access.Role) string {
		if _, err := c.app.registry.AddOperator(context.Background(), login, password, role); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPost, server.URL+"/operator/v1/session", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(login, password)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		found := regexp.MustCompile(`"token":"([^"]+)"`).FindStringSubmatch(w.Body.String())
		if found == nil {
			t.Fatalf("no session: %d %s", w.Code, w.Body)
		}
		return found[1]
	}
	var out strings.Builder
	run := func(as string, command interface {
		Run(context.Context, *commands, *stdio) error
	}) (string, error) {
		out.Reset()
		err := command.Run(t.Context(), &commands{Proposals: proposalsCmd{URL: server.URL, Token: as}}, &stdio{Out: &out})
		return out.String(), err
	}
	first, second := token("first", access.RoleOperator), token("second", access.RoleApprover)
	who, err := c.app.gate.Merchant(t.Context(), c.secrets["key of the merchant"])
	if err != nil {
		t.Fatal(err)
	}
	text, err := run(first, &proposalAskCmd{Method: "PUT", Path: "/operator/v1/merchants/" + string(who.ID) + "/limits", Body: `{"daily":500}`})
	if err != nil || !strings.Contains(text, `daily: "0" -> "500"`) {
		t.Fatalf("asked: %s, %v", text, err)
	}
	id, digest := text[:strings.Index(text, " ")], strings.TrimSpace(text[strings.Index(text, "digest: ")+8:])
	if text, err := run(first, &proposalApproveCmd{id, digest}); err == nil {
		t.Errorf("the proposer approved: %s", text)
	}
	if text, err := run(second, &proposalShowCmd{id}); err != nil || !strings.Contains(text, digest) || !strings.Contains(text, "by first") {
		t.Errorf("shown: %s, %v", text, err)
	}
	if text, err := run(second, &proposalApproveCmd{id, digest}); err != nil || !strings.Contains(text, "done") {
		t.Errorf("approved: %s, %v", text, err)
	}
	if text, err := run(second, &proposalListCmd{Status: "done", Limit: 5}); err != nil || !strings.Contains(text, id) {
		t.Errorf("listed: %s, %v", text, err)
	}
	if l, err := c.app.store.Limits(t.Context(), who.ID); err != nil || l.Daily != 500 {
		t.Errorf("the limits are %+v, %v", l, err)
	}
	if text, err := run("", &proposalListCmd{Limit: 5}); err == nil {
		t.Errorf("without a token: %s", text)
	}
}
