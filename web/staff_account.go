package web

import (
	"net/http"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/qrimage"
	"tolom/store"
	"tolom/web/view"
)

func (p *pages) accountRoutes(mux *http.ServeMux) {
	mux.Handle("GET "+accountPath, p.page(p.person(p.account)))
	for path, take := range map[string]func(*visit, access.Person) error{
		"/password": p.changePassword, "/recovery": p.makeRecovery, "/totp": p.beginTOTP, "/totp/finish": p.finishTOTP,
		"/sessions/{session}/end": p.endOwnSession,
	} {
		mux.Handle("POST "+accountPath+path, p.page(p.person(p.accountForm(take))))
	}
}

// accountForm reads the form before it is taken.
func (p *pages) accountForm(take func(*visit, access.Person) error) func(*visit, access.Person) error {
	return func(v *visit, who access.Person) error {
		if err := v.form(); err != nil {
			return err
		}
		return take(v, who)
	}
}

// done are the messages that the account shows after something was done, by the word in its address.
var done = map[string]string{"password": "done_password", "second": "done_second", "session": "done_session"}

func (p *pages) account(v *visit, who access.Person) error {
	a := view.Account{}
	if message := done[v.r.URL.Query().Get("done")]; message != "" {
		a.Done = v.text.Say(message)
	}
	return p.accountPage(v, who, http.StatusOK, a)
}

func (p *pages) accountPage(v *visit, who access.Person, status int, a view.Account) error {
	mine, err := p.Platform.Registry().Account(v.r.Context(), who)
	if err != nil {
		return err
	}
	s := p.plainStaff(v, who)
	a.Frame = s.frameAt(v, accountPath, v.text.Say("account"), "passkey.js")
	a.Login, a.Name, a.Unproven = who.Login, who.Name, who.Unproven
	a.Roles = p.rolesInWords(v, who)
	a.TOTP, a.Recovery = mine.TOTP, mine.Recovery
	for _, k := range mine.Passkeys {
		a.Passkeys = append(a.Passkeys, view.PasskeyRow{Name: k.Name, Since: k.CreatedAt, Remove: accountPath + "/passkeys/" + k.ID.Token()})
	}
	for _, x := range mine.Sessions {
		row := p.sessionRow(v, x, mine.Used[x.ID])
		row.This = x.ID == who.Session
		if !row.This {
			row.End = accountPath + "/sessions/" + x.ID.Token() + "/end"
		}
		a.Sessions = append(a.Sessions, row)
	}
	for _, e := range mine.Events {
		a.Events = append(a.Events, view.EventRow{At: e.At, What: eventName(v, e), About: e.Address})
	}
	return v.show(status, view.AccountPage(a))
}

// rolesInWords says what a person is, and where.
func (p *pages) rolesInWords(v *visit, who access.Person) string {
	var out []string
	if len(who.Centre) > 0 {
		out = append(out, roleNames(v, who.Centre.String()))
	}
	for merchant, roles := range who.Merchants {
		if m, err := p.Platform.Registry().Merchant(v.r.Context(), merchant); err == nil {
			out = append(out, m.Name+": "+roleNames(v, roles.String()))
		}
	}
	return strings.Join(out, "; ")
}

// refusal shows the account again with what was wrong with one of its forms.
func (p *pages) refusal(v *visit, who access.Person, form string, err error) error {
	text, status, ok := v.sentence(err, map[string]string{"password": "error_proof", "code": "error_second", "new": "error_password", "": "error_last_factor"})
	if !ok {
		return err
	}
	return p.accountPage(v, who, status, view.Account{Form: form, Error: text})
}

func proofOf(v *visit) flow.Proof {
	return flow.Proof{Password: v.r.PostForm.Get("password"), Code: v.r.PostForm.Get("code")}
}

func (p *pages) changePassword(v *visit, who access.Person) error {
	if err := p.Platform.Registry().ChangePassword(v.r.Context(), who, proofOf(v), v.r.PostForm.Get("new"), p.callerOf(v)); err != nil {
		return p.refusal(v, who, "password", err)
	}
	return v.then(accountPath + "?done=password")
}

func (p *pages) makeRecovery(v *visit, who access.Person) error {
	codes, err := p.Platform.Registry().MakeRecovery(v.r.Context(), who, proofOf(v), p.callerOf(v))
	if err != nil {
		return p.refusal(v, who, "recovery", err)
	}
	return p.showRecovery(v, who, codes)
}

// showRecovery shows recovery codes, this once.
func (p *pages) showRecovery(v *visit, who access.Person, codes []string) error {
	s := p.plainStaff(v, who)
	return v.show(http.StatusOK, view.RecoveryPage(view.RecoveryCodes{Frame: s.frameAt(v, accountPath, v.text.Say("recovery_title")), Codes: codes, Next: homeOf(who)}))
}

// beginTOTP shows the seed of a new authenticator app.
func (p *pages) beginTOTP(v *visit, who access.Person) error {
	n, err := p.Platform.Registry().BeginTOTP(v.r.Context(), who)
	if err != nil {
		return err
	}
	return p.totpPage(v, who, http.StatusOK, n, "")
}

func (p *pages) totpPage(v *visit, who access.Person, status int, n flow.NewTOTP, refusal string) error {
	svg, err := qrimage.SVG(n.Address, qrimage.Options{Label: v.text.Say("totp_title")})
	if err != nil {
		return err
	}
	mine, err := p.Platform.Registry().Account(v.r.Context(), who)
	if err != nil {
		return err
	}
	s := p.plainStaff(v, who)
	return v.show(status, view.TOTPPage(view.TOTPSetup{Frame: s.frameAt(v, accountPath, v.text.Say("totp_title")), QR: string(svg), Seed: n.Seed, Ticket: n.Ticket,
		Replaces: mine.TOTP, Error: refusal}))
}

// finishTOTP takes the app into use, and shows recovery codes when there were none.
func (p *pages) finishTOTP(v *visit, who access.Person) error {
	registry, ticket := p.Platform.Registry(), v.r.PostForm.Get("ticket")
	out, err := registry.FinishTOTP(v.r.Context(), who, ticket, v.r.PostForm.Get("first"), proofOf(v), p.callerOf(v))
	if err != nil {
		text, status, ok := v.sentence(err, map[string]string{"password": "error_proof", "code": "error_second", "first": "error_first"})
		if !ok {
			if fault.Has(err, fault.Unauthorized) {
				return v.then(accountPath)
			}
			return err
		}
		n, again := registry.WaitingTOTP(v.r.Context(), who, ticket)
		if again != nil {
			return v.then(accountPath)
		}
		return p.totpPage(v, who, status, n, text)
	}
	return p.enrolled(v, out)
}

// enrolled gives the browser its new session after a second factor was set up.
func (p *pages) enrolled(v *visit, out flow.Enrolled) error {
	p.keepStaff(v, out.Token, int(out.Session.ExpiresAt.Sub(out.Session.CreatedAt).Seconds()))
	if len(out.Recovery) == 0 {
		return v.then(accountPath + "?done=second")
	}
	who, err := p.Gate.Staff(v.r.Context(), out.Token, p.caller(v.r))
	if err != nil {
		return err
	}
	return p.showRecovery(v, who, out.Recovery)
}

func (p *pages) endOwnSession(v *visit, who access.Person) error {
	session, err := id.FromToken(id.Session, v.r.PathValue("session"))
	if err != nil {
		return fault.New(fault.NotFound)
	}
	if err := p.Platform.Registry().EndOwnSession(v.r.Context(), who, session); err != nil {
		return err
	}
	return v.then(accountPath + "?done=session")
}

// eventName says in words what happened.
func eventName(v *visit, e store.PersonEvent) string {
	text := v.text.Say("event_" + e.Kind)
	switch e.Kind {
	case flow.EventSignedIn:
		return text + ": " + v.text.Say("factor_"+e.Detail)
	case flow.EventInvited, flow.EventJoined, flow.EventLeft, flow.EventRoleChanged, flow.EventWithdrawn:
		return text + ": " + eventRoles(v, e.Detail)
	case flow.EventRedelivered, flow.EventKeyMade, flow.EventKeyRolled, flow.EventKeyEnded:
		return text + ": " + e.Detail
	}
	return text
}

// eventRoles translates the roles in the detail of an event: "manager → owner", "cashier: evening".
func eventRoles(v *visit, detail string) string {
	roles, name, named := strings.Cut(detail, ": ")
	words := strings.Fields(roles)
	for i, word := range words {
		if word != "→" {
			words[i] = v.text.Say("role_" + word)
		}
	}
	out := strings.Join(words, " ")
	if named {
		out += " (" + name + ")"
	}
	return out
}
