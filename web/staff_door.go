package web

import (
	"net/http"
	"net/url"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/store"
	"tolom/web/view"
)

// ticketCookie carries the ticket of a sign-in that waits for its second factor; it goes to the door alone.
const ticketCookie = "tolom_ticket"

func (p *pages) signInRoutes(mux *http.ServeMux) {
	mux.Handle("GET "+signInPath, p.page(p.signInForm))
	mux.Handle("POST "+signInPath, p.page(p.ownForm(p.signIn)))
	mux.Handle("GET "+signInPath+"/code", p.page(p.codeForm))
	mux.Handle("POST "+signInPath+"/code", p.page(p.ownForm(p.secondFactor)))
	mux.Handle("POST /sign-out", p.page(p.person(p.signOut)))
	mux.Handle("GET /join/{token}", p.page(p.joinForm))
	mux.Handle("POST /join/{token}", p.page(p.ownForm(p.join)))
}

// ownForm takes forms of our own pages only, and reads them.
func (p *pages) ownForm(take func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		if err := sameSite(v.r); err != nil {
			return err
		}
		if err := v.form(); err != nil {
			return err
		}
		return take(v)
	}
}

// nextOf remembers where somebody wanted to go who has to sign in first.
func nextOf(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	return "?next=" + url.QueryEscape(r.URL.RequestURI())
}

// wanted is where to go after signing in: a page of people on this server, or "" for their home.
func wanted(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.Contains(next, "\\") {
		return ""
	}
	for _, area := range []string{consolePath, "/dashboard", accountPath, "/join/"} {
		if u.Path == area || strings.HasPrefix(u.Path, strings.TrimSuffix(area, "/")+"/") {
			return next
		}
	}
	return ""
}

func (p *pages) signInForm(v *visit) error {
	if who, ok, err := p.whoIs(v); err != nil || ok {
		if err != nil {
			return err
		}
		return v.then(homeOf(who))
	}
	return p.signInPage(v, http.StatusOK, "", "")
}

func (p *pages) signInPage(v *visit, status int, login, refusal string) error {
	next := wanted(v.r.FormValue("next"))
	return v.show(status, view.SignInPage(view.SignIn{
		Frame: v.frameAt(signInPath+"?next="+url.QueryEscape(next), v.text.Say("sign_in"), "passkey.js"), Login: login, Next: next, Error: refusal, Demo: p.demoPeople(v),
	}))
}

// demoPeople are those as whom anybody may sign in to the demo.
func (p *pages) demoPeople(v *visit) (out []view.Field) {
	for _, d := range p.DemoStaff {
		out = append(out, view.Field{Label: roleNames(v, d.Role), Value: d.Login + " · " + d.Password})
	}
	return out
}

// signIn takes login and password.
func (p *pages) signIn(v *visit) error {
	login := v.r.PostForm.Get("login")
	in, err := p.Platform.Registry().SignIn(v.r.Context(), login, v.r.PostForm.Get("password"), p.callerOf(v))
	if text, status, ok := v.sentence(err, map[string]string{"": "error_sign_in"}); err != nil {
		if !ok {
			return err
		}
		return p.signInPage(v, status, login, text)
	}
	if in.Ticket != "" {
		p.keepTicket(v, in.Ticket)
		return v.then(signInPath + "/code?next=" + url.QueryEscape(wanted(v.r.PostForm.Get("next"))))
	}
	return p.letIn(v, in)
}

// keepTicket gives the browser a ticket for the next step, or takes it back when it is "".
func (p *pages) keepTicket(v *visit, ticket string) {
	c := &http.Cookie{Name: ticketCookie, Value: ticket, Path: signInPath, MaxAge: 600, HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteStrictMode}
	if ticket == "" {
		c.MaxAge = -1
	}
	http.SetCookie(v.w, c)
}

// ticketOf is the ticket that the browser holds.
func ticketOf(v *visit) string {
	c, err := v.r.Cookie(ticketCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// letIn gives the browser the token of its session, and leads on.
func (p *pages) letIn(v *visit, in flow.SignedIn) error {
	p.keepStaff(v, in.Token, int(in.Session.ExpiresAt.Sub(in.Session.CreatedAt).Seconds()))
	if ticketOf(v) != "" {
		p.keepTicket(v, "")
	}
	who, err := p.Gate.Staff(v.r.Context(), in.Token, p.caller(v.r))
	if err != nil {
		return err
	}
	if next := wanted(v.r.FormValue("next")); next != "" && !who.Unproven {
		return v.then(next)
	}
	return v.then(homeOf(who))
}

func (p *pages) keepStaff(v *visit, token string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: p.staffCookie(), Value: token, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode,
	})
}

// codeForm asks for the second factor.
func (p *pages) codeForm(v *visit) error {
	in, err := p.Platform.Registry().WaitsFor(v.r.Context(), ticketOf(v))
	if fault.Has(err, fault.Unauthorized) {
		return v.then(signInPath)
	}
	if err != nil {
		return err
	}
	return p.codePage(v, http.StatusOK, in, "")
}

func (p *pages) codePage(v *visit, status int, in flow.SignedIn, refusal string) error {
	next := wanted(v.r.FormValue("next"))
	return v.show(status, view.CodePage(view.Code{
		Frame: v.frameAt(signInPath+"/code?next="+url.QueryEscape(next), v.text.Say("second_factor"), "passkey.js"),
		TOTP:  in.TOTP, Passkeys: in.Passkeys, Next: next, Error: refusal,
	}))
}

// secondFactor takes the code of an authenticator app, or a recovery code.
func (p *pages) secondFactor(v *visit) error {
	registry, ticket := p.Platform.Registry(), ticketOf(v)
	waits, err := registry.WaitsFor(v.r.Context(), ticket)
	if fault.Has(err, fault.Unauthorized) {
		return v.then(signInPath)
	}
	if err != nil {
		return err
	}
	in, err := registry.SecondFactor(v.r.Context(), ticket, v.r.PostForm.Get("code"), p.callerOf(v))
	if text, status, ok := v.sentence(err, map[string]string{"": "error_second"}); err != nil {
		if !ok {
			return err
		}
		return p.codePage(v, status, waits, text)
	}
	return p.letIn(v, in)
}

func (p *pages) signOut(v *visit, who access.Person) error {
	if err := p.Platform.Registry().SignOut(v.r.Context(), who); err != nil {
		return err
	}
	p.keepStaff(v, "", -1)
	return v.then(signInPath)
}

// joinForm shows what an invitation is to.
func (p *pages) joinForm(v *visit) error {
	return p.joinPage(v, http.StatusOK, view.Join{})
}

func (p *pages) joinPage(v *visit, status int, j view.Join) error {
	i, err := p.Platform.Registry().Invitation(v.r.Context(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	who, signedIn, err := p.whoIs(v)
	if err != nil {
		return err
	}
	j.Frame = v.frameAt(v.r.URL.Path, v.text.Say("join_title"))
	j.Where = v.text.Say("console")
	if i.Owner != store.Centre {
		m, err := p.Platform.Registry().Merchant(v.r.Context(), i.Owner)
		if err != nil {
			return err
		}
		j.Where = m.Name
	}
	j.Roles = roleNames(v, i.Roles)
	if signedIn {
		j.Me = who.Login
	}
	return v.show(status, view.JoinPage(j))
}

// join accepts an invitation, as somebody new or as who is signed in.
func (p *pages) join(v *visit) error {
	token, f, registry := v.r.PathValue("token"), v.r.PostForm, p.Platform.Registry()
	if f.Get("as") == "me" {
		who, ok, err := p.whoIs(v)
		if err != nil {
			return err
		}
		if !ok {
			return v.then(signInPath + "?next=" + url.QueryEscape(v.r.URL.Path))
		}
		if err := registry.JoinAs(v.r.Context(), token, who, p.callerOf(v)); err != nil {
			return err
		}
		return v.then(homeOf(who))
	}
	in, err := registry.Join(v.r.Context(), token, flow.Newcomer{Login: f.Get("login"), Name: f.Get("name"), Password: f.Get("password")}, p.callerOf(v))
	if err != nil {
		text, status, ok := v.sentence(err, map[string]string{"login": "error_login", "password": "error_password", "name": "error_name"})
		if !ok {
			return err
		}
		return p.joinPage(v, status, view.Join{Login: f.Get("login"), Name: f.Get("name"), Error: text, Field: fault.From(err).Param})
	}
	return p.letIn(v, in)
}

// roleNames says roles in words.
func roleNames(v *visit, roles string) string {
	var out []string
	for word := range strings.FieldsSeq(roles) {
		out = append(out, v.text.Say("role_"+word))
	}
	return strings.Join(out, ", ")
}
