package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/web"
)

const secret = "three unrelated words"

// hire takes on somebody of a role, whose login is the role.
func (s *shop) hire(role access.Role) store.Person {
	s.t.Helper()
	ctx, r := context.Background(), s.platform.Registry()
	if role.Of(access.CentreRoles) {
		return must(r.AddOperator(ctx, string(role), secret, role))(s.t)
	}
	return must(r.AddMember(ctx, s.merchant.ID, role, string(role), "", secret))(s.t)
}

// as is the browser of somebody who signed in with a password.
func (s *shop) as(login string) *browser {
	s.t.Helper()
	b := s.browser("en")
	b.post("/sign-in", "login", login, "password", secret).at(s.t)
	return b
}

// other is a second merchant.
func (s *shop) other() store.Merchant {
	s.t.Helper()
	r := s.platform.Registry()
	m := must(r.Merchant(context.Background(), s.merchant.ID))(s.t)
	m.Name, m.ID = "Other shop", ""
	return must(r.AddMerchant(context.Background(), m))(s.t)
}

func (s *shop) home() string { return "/dashboard/" + s.merchant.ID.Token() }

var param = regexp.MustCompile(`\{\w+\}`)

// TestThreatStaffRouteOfAnotherRole tries every page of people with every role, in the own merchant and in a foreign one, and
// signed out. The pages come from the lists by which they are registered.
func TestThreatStaffRouteOfAnotherRole(t *testing.T) {
	s := open(t)
	foreign := s.other()
	browsers := map[access.Role]*browser{}
	for _, role := range append(append([]access.Role{}, access.MerchantRoles...), access.CentreRoles...) {
		s.hire(role)
		browsers[role] = s.as(string(role))
	}
	call := func(b *browser, method, path string) answer {
		if method == http.MethodPost {
			return b.post(path)
		}
		return b.get(path)
	}
	tried := 0
	for _, route := range web.StaffRoutes() {
		for role, b := range browsers {
			for _, merchant := range []id.ID{s.merchant.ID, foreign.ID} {
				path := param.ReplaceAllString(strings.Replace(route.Path, "{merchant}", merchant.Token(), 1), "x")
				page, tries := call(b, route.Method, path), fmt.Sprintf("%s %s as %s", route.Method, path, role)
				tried++
				inside := route.Centre == role.Of(access.CentreRoles) && (route.Centre || merchant == s.merchant.ID)
				switch allowed := inside && role.Has(route.Right); {
				case allowed && (page.StatusCode == http.StatusForbidden || page.Header.Get("Location") != "" && strings.HasPrefix(page.Header.Get("Location"), "/sign-in")):
					t.Errorf("%s: status %d, and the role has the right", tries, page.StatusCode)
				case !allowed && route.Centre && page.StatusCode != http.StatusForbidden, inside && !allowed && page.StatusCode != http.StatusForbidden:
					t.Errorf("%s: status %d, want 403", tries, page.StatusCode)
				case !inside && !route.Centre && page.StatusCode != http.StatusNotFound:
					t.Errorf("%s: status %d, want 404: nobody learns of a merchant that is not his", tries, page.StatusCode)
				}
			}
		}
		path := param.ReplaceAllString(strings.Replace(route.Path, "{merchant}", s.merchant.ID.Token(), 1), "x")
		if at := call(s.browser("en"), route.Method, path).at(t); !strings.HasPrefix(at, "/sign-in") {
			t.Errorf("%s %s signed out leads to %s", route.Method, path, at)
		}
	}
	if tried < 200 {
		t.Errorf("only %d calls were tried", tried)
	}
	t.Logf("%d calls of %d routes", tried, len(web.StaffRoutes()))
}

// TestThreatStaffFormOfAnotherSite sends every form of people's pages as another site would, and as nobody says from where.
func TestThreatStaffFormOfAnotherSite(t *testing.T) {
	s := open(t)
	for _, role := range []access.Role{access.RoleOwner, access.RoleOperator, access.RoleApprover} {
		s.hire(role)
	}
	people := []*browser{s.as("owner"), s.as("operator"), s.as("approver")}
	paths := []string{"/sign-in", "/sign-in/code", "/sign-in/passkey", "/sign-in/passkey/finish", "/sign-out", "/join/x", "/account/password", "/account/totp",
		"/account/totp/finish", "/account/totp/remove", "/account/recovery", "/account/passkeys", "/account/passkeys/finish", "/account/passkeys/x", "/account/sessions/x/end"}
	for _, route := range web.StaffRoutes() {
		if route.Method == http.MethodPost {
			paths = append(paths, param.ReplaceAllString(strings.Replace(route.Path, "{merchant}", s.merchant.ID.Token(), 1), "x"))
		}
	}
	for _, path := range paths {
		for name, head := range map[string][2]string{"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"},
			"another origin": {"Origin", "https://evil.example"}, "null": {"Origin", "null"}, "nothing": {"X-Nothing", "x"}} {
			for _, b := range people {
				r := httptest.NewRequest("POST", path, strings.NewReader("role=owner&password=x"))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set(head[0], head[1])
				if page := b.send(r); page.StatusCode != http.StatusForbidden {
					t.Errorf("%s from %s: status %d", path, name, page.StatusCode)
				}
			}
		}
	}
}

// TestThreatPeoplesPagesRunNothingForeign holds the pages of people to the policy, and their cookies to what protects them.
func TestThreatPeoplesPagesRunNothingForeign(t *testing.T) {
	s := open(t)
	s.hire(access.RoleOwner)
	b := s.as("owner")
	for _, path := range []string{"/sign-in", s.home(), s.home() + "/people", s.home() + "/events", s.home() + "/statement", "/account"} {
		page := b.get(path)
		if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
		if bad := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:`).FindString(page.text); bad != "" {
			t.Errorf("%s holds %q", path, bad)
		}
	}
	if c := b.cookies["tolom_staff"]; c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %+v", c)
	}
}

// TestThreatSessionFixation plants a token before somebody signs in, and keeps the one of before a second factor.
func TestThreatSessionFixation(t *testing.T) {
	s := open(t)
	s.hire(access.RoleOwner)
	thief := s.as("owner")
	planted := *thief.cookies["tolom_staff"]
	victim := s.browser("en")
	victim.cookies["tolom_staff"] = &planted
	victim.post("/sign-out").at(t) // The planted session is the thief's own and ends.
	victim.cookies["tolom_staff"] = &planted
	victim.post("/sign-in", "login", "owner", "password", secret).at(t)
	if victim.cookies["tolom_staff"].Value == planted.Value {
		t.Fatal("the session took over the token that was planted")
	}
	before := *victim.cookies["tolom_staff"]
	s.enrol2(victim)
	thief.cookies["tolom_staff"] = &before
	if at := thief.get("/account").at(t); !strings.HasPrefix(at, "/sign-in") {
		t.Errorf("the token of before the second factor still leads to %s", at)
	}
	victim.get("/account").says(t, "set up")
}

var (
	seeds   = regexp.MustCompile(`<output class="token">([A-Z2-7]+)</output>`)
	tickets = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
	codes   = regexp.MustCompile(`<code>([a-z0-9-]{19})</code>`)
)

// enrol2 sets up an authenticator app, and gives its seed and the recovery codes.
func (s *shop) enrol2(b *browser) (seed string, recovery []string) {
	s.t.Helper()
	page := b.post("/account/totp")
	seed = seeds.FindStringSubmatch(page.text)[1]
	done := b.post("/account/totp/finish", "ticket", tickets.FindStringSubmatch(page.text)[1], "first", s.codeOf(seed), "password", secret)
	for _, c := range codes.FindAllStringSubmatch(done.text, -1) {
		recovery = append(recovery, c[1])
	}
	if len(recovery) != access.RecoveryCodes {
		s.t.Fatalf("%d recovery codes: %s", len(recovery), plain(done.text))
	}
	s.clock.Advance(time.Minute) // so that the next code is another
	return seed, recovery
}

func (s *shop) codeOf(seed string) string { return must(totp.GenerateCode(seed, s.clock.Now()))(s.t) }

// TestThreatSecondFactorReplayedOrGuessed tries a code twice, codes of before, wrong ones, and a recovery code twice.
func TestThreatSecondFactorReplayedOrGuessed(t *testing.T) {
	s := open(t)
	s.hire(access.RoleOwner)
	seed, recovery := s.enrol2(s.as("owner"))
	door := func() *browser {
		b := s.browser("en")
		if at := b.post("/sign-in", "login", "owner", "password", secret).at(t); !strings.HasPrefix(at, "/sign-in/code") {
			t.Fatalf("the password alone leads to %s", at)
		}
		return b
	}
	code := s.codeOf(seed)
	door().post("/sign-in/code", "code", code).at(t)
	if again := door().post("/sign-in/code", "code", code); again.StatusCode != http.StatusUnauthorized {
		t.Errorf("the code is taken twice: %d", again.StatusCode)
	}
	door().post("/sign-in/code", "code", strings.ToUpper(recovery[0])).at(t)
	if again := door().post("/sign-in/code", "code", recovery[0]); again.StatusCode != http.StatusUnauthorized {
		t.Errorf("the recovery code is taken twice: %d", again.StatusCode)
	}
	b, held := door(), 0
	for n := range 30 {
		if page := b.post("/sign-in/code", "code", fmt.Sprintf("%06d", n)); page.StatusCode == http.StatusTooManyRequests {
			held++
		}
	}
	if held < 24 {
		t.Errorf("of 30 guesses only %d were held up", held)
	}
	if at := b.get("/account").at(t); !strings.HasPrefix(at, "/sign-in") {
		t.Errorf("who guesses is at %s", at)
	}
}

// TestThreatPasswordGuessed tries passwords of one person from many networks, and of many people from one; a second node
// and a restart forget nothing.
func TestThreatPasswordGuessed(t *testing.T) {
	s := open(t)
	s.hire(access.RoleOwner)
	r, ctx := s.platform.Registry(), context.Background()
	held := 0
	for n := range 20 {
		_, err := r.SignIn(ctx, "owner", "wrong", flow.Caller{Address: netip.AddrFrom4([4]byte{198, 51, byte(n), 7})})
		if err == nil || strings.Contains(err.Error(), "too many") {
			held++
		}
	}
	if held != 15 {
		t.Errorf("of 20 guesses from 20 networks %d were held up, want 15", held)
	}
	// Another node, or this one after a restart, has its own gate over the same database.
	w := flow.NewRegistry(r.Desk(), access.New(r.Desk(), s.clock), s.world)
	if _, err := w.SignIn(ctx, "owner", secret, flow.Caller{Address: netip.MustParseAddr("203.0.113.5")}); err == nil {
		t.Error("another node has forgotten the guesses")
	}
	s.clock.Advance(5 * time.Minute)
	must(w.SignIn(ctx, "owner", secret, flow.Caller{Address: netip.MustParseAddr("203.0.113.5")}))(t)
	spray := 0
	for n := range 30 {
		_, err := r.SignIn(ctx, fmt.Sprint("person-", n), "wrong", flow.Caller{Address: netip.MustParseAddr("203.0.113.9")})
		if err != nil && strings.Contains(err.Error(), "too many") {
			spray++
		}
	}
	if spray != 10 {
		t.Errorf("of 30 people tried from one network %d were held up, want 10", spray)
	}
}

// TestThreatInvitationTwice accepts an invitation twice, late, and after it was withdrawn.
func TestThreatInvitationTwice(t *testing.T) {
	s := open(t)
	s.hire(access.RoleOwner)
	owner := s.as("owner")
	link := func() string {
		page := owner.post(s.home()+"/people/invitations", "role", "cashier")
		return regexp.MustCompile(`/join/inv_[a-z2-7]+`).FindString(page.text)
	}
	join := func(at, login string) answer {
		return s.browser("en").post(at, "login", login, "name", "Cashier", "password", secret)
	}
	once, late := link(), link()
	join(once, "first").at(t)
	if again := join(once, "second"); again.StatusCode != http.StatusNotFound {
		t.Errorf("accepted twice: %d", again.StatusCode)
	}
	if taken := join(late, "first"); taken.StatusCode != http.StatusBadRequest {
		t.Errorf("a login that is taken: %d", taken.StatusCode)
	}
	page := owner.get(s.home() + "/people")
	owner.post(regexp.MustCompile(`[^"]+/withdraw`).FindString(page.text)).at(t)
	if gone := join(late, "third"); gone.StatusCode != http.StatusNotFound {
		t.Errorf("accepted after it was withdrawn: %d", gone.StatusCode)
	}
	old := link()
	s.clock.Advance(flow.InvitationLife)
	if after := join(old, "fourth"); after.StatusCode != http.StatusNotFound {
		t.Errorf("accepted late: %d", after.StatusCode)
	}
}

// TestThreatRoleEscalation has people give roles that are not theirs to give, to themselves and to others.
func TestThreatRoleEscalation(t *testing.T) {
	s := open(t)
	ctx, r := context.Background(), s.platform.Registry()
	foreign := s.other()
	stranger := must(r.AddMember(ctx, foreign.ID, access.RoleManager, "stranger", "", secret))(t)
	theirs := must(r.Desk().Memberships().List(ctx, stranger.ID, "", 10))(t)[0]
	for _, role := range []access.Role{access.RoleOwner, access.RoleManager, access.RoleOperator, access.RoleApprover, access.RoleAuditor} {
		s.hire(role)
	}
	for _, c := range []struct {
		who, path, role string
		status          int
	}{
		{"manager", s.home() + "/people/invitations", "owner", http.StatusForbidden},
		{"operator", "/console/people/invitations", "approver", http.StatusForbidden},
		{"approver", "/console/people/invitations", "operator", http.StatusForbidden},
		{"auditor", "/console/people/invitations", "auditor", http.StatusForbidden},
		{"operator", "/console/people/invitations", "owner", http.StatusBadRequest},
		{"owner", s.home() + "/people/invitations", "operator", http.StatusBadRequest},
		{"owner", s.home() + "/people/" + theirs.ID.Token() + "/roles", "cashier", http.StatusNotFound},
		{"owner", s.home() + "/people/" + theirs.ID.Token() + "/end", "", http.StatusNotFound},
	} {
		if page := s.as(c.who).post(c.path, "role", c.role); page.StatusCode != c.status {
			t.Errorf("%s gives %s at %s: status %d, want %d", c.who, c.role, c.path, page.StatusCode, c.status)
		}
	}
	// The last owner cannot give the merchant away to nobody.
	owner := s.as("owner")
	page := owner.get(s.home() + "/people")
	mine := regexp.MustCompile(`action="([^"]+)/end"`).FindStringSubmatch(page.text)[1]
	if last := owner.post(mine + "/end"); last.StatusCode != http.StatusBadRequest && last.StatusCode != http.StatusSeeOther {
		t.Errorf("the access of somebody ends with status %d", last.StatusCode)
	}
}

// TestThreatLiveWithoutSecondFactor signs in where a second factor is demanded and there is none: nothing but setting one up is
// open.
func TestThreatLiveWithoutSecondFactor(t *testing.T) {
	s := open(t, func(c *web.Config) { c.Gate.DemandSecondFactor() })
	s.hire(access.RoleOwner)
	b := s.as("owner")
	for _, path := range []string{s.home(), s.home() + "/people", "/dashboard"} {
		if at := b.get(path).at(t); at != "/account" {
			t.Errorf("%s leads to %s", path, at)
		}
	}
	s.enrol2(b)
	if page := b.get(s.home()); page.StatusCode != http.StatusOK {
		t.Errorf("with a second factor: status %d", page.StatusCode)
	}
}

// TestThreatSessionOfPeopleAfterItsEnd goes on with a copy of a cookie after each way in which a session ends.
func TestThreatSessionOfPeopleAfterItsEnd(t *testing.T) {
	for name, end := range map[string]func(*shop, *browser){
		"signed out":         func(_ *shop, b *browser) { b.post("/sign-out").at(t) },
		"rested for an hour": func(s *shop, _ *browser) { s.clock.Advance(access.SessionIdle + time.Second) },
		"the password changed": func(s *shop, _ *browser) {
			s.as("cashier").post("/account/password", "password", secret, "new", "four unrelated words here").at(t)
		},
		"the owner ended it": func(s *shop, _ *browser) {
			s.hire(access.RoleOwner)
			owner := s.as("owner")
			page := owner.get(s.home() + "/people")
			owner.post(regexp.MustCompile(`[^"]+/sessions/[^"]+/end`).FindString(page.text)).at(t)
		},
	} {
		s := open(t)
		s.hire(access.RoleCashier)
		b, thief := s.as("cashier"), s.browser("en")
		cookie := *b.cookies["tolom_staff"]
		thief.cookies["tolom_staff"] = &cookie
		if page := thief.get(s.home()); page.StatusCode != http.StatusOK {
			t.Fatalf("%s: the session does not begin: %d", name, page.StatusCode)
		}
		end(s, b)
		if at := thief.get(s.home()).at(t); !strings.HasPrefix(at, "/sign-in") {
			t.Errorf("%s: the copy leads to %s", name, at)
		}
	}
}
