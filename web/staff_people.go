package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/web/view"
)

// peoplePages are the pages about people, alike in the console and in every dashboard: who handles them and who may see what
// happened to their access.
func (p *pages) peoplePages(handle, see access.Right) []staffPage {
	return []staffPage{
		{"GET", "/people", handle, "nav_people", p.people},
		{"POST", "/people/invitations", handle, "", p.invite},
		{"POST", "/people/invitations/{invitation}/withdraw", handle, "", p.withdraw},
		{"POST", "/people/{member}/roles", handle, "", p.changeRoles},
		{"POST", "/people/{member}/end", handle, "", p.endMember},
		{"POST", "/people/{member}/sessions/{session}/end", handle, "", p.endMemberSession},
		{"GET", "/events", see, "nav_events", p.peopleEvents},
	}
}

func (p *pages) people(v *visit, s staff) error {
	return p.peoplePage(v, s, http.StatusOK, view.People{})
}

func (p *pages) peoplePage(v *visit, s staff, status int, page view.People) error {
	all, err := p.Platform.Registry().People(v.r.Context(), s.Person, s.owner())
	if err != nil {
		return err
	}
	page.Frame = s.frameAt(v, s.at("/people"), v.text.Say("nav_people"), "pos.js")
	page.Several, page.Invite, page.Roles = s.owner() == store.Centre, s.at("/people/invitations"), p.choices(v, s, nil)
	for _, m := range all.Members {
		page.Members = append(page.Members, p.memberRow(v, s, m))
	}
	for _, i := range all.Invitations {
		page.Invitations = append(page.Invitations, view.InvitationRow{Roles: roleNames(v, i.Roles), About: invitedFor(v, i),
			Withdraw: s.at("/people/invitations/" + i.ID.Token() + "/withdraw")})
	}
	return v.show(status, view.PeoplePage(page))
}

func invitedFor(v *visit, i store.Invitation) string {
	until := v.text.Say("until", "When", v.text.Moment(i.ExpiresAt))
	if i.Name == "" {
		return until
	}
	return i.Name + " · " + until
}

// choices are the roles that the person may give, with those chosen that somebody has.
func (p *pages) choices(v *visit, s staff, has access.Roles) (out []view.RoleChoice) {
	list := access.CentreRoles
	if s.owner() != store.Centre {
		list = access.MerchantRoles
	}
	for _, role := range list {
		if s.RolesOf(s.owner()).MayGive(role) {
			out = append(out, view.RoleChoice{Role: string(role), Name: v.text.Say("role_" + string(role)), About: v.text.Say("about_" + string(role)),
				Chosen: slices.Contains(has, role)})
		}
	}
	return out
}

func (p *pages) memberRow(v *visit, s staff, m flow.Member) view.MemberRow {
	row := view.MemberRow{Name: m.Name, Login: m.Login, Roles: roleNames(v, m.Membership.Roles), Second: m.SecondFactor, Me: m.Person == s.ID}
	mine := true
	for _, role := range m.Roles {
		mine = mine && s.RolesOf(s.owner()).MayGive(role)
	}
	at := s.at("/people/" + m.ID.Token())
	for _, x := range m.Sessions {
		r := p.sessionRow(v, x, m.Used[x.ID])
		r.This = x.ID == s.Session
		if mine && !r.This {
			r.End = at + "/sessions/" + x.ID.Token() + "/end"
		}
		row.Sessions = append(row.Sessions, r)
	}
	if mine {
		row.Change, row.End, row.Choices = at+"/roles", at+"/end", p.choices(v, s, m.Roles)
	}
	return row
}

// sessionRow says what a session is, how it was begun, from where, and when it was last used.
func (p *pages) sessionRow(v *visit, s store.StaffSession, used time.Time) view.SessionRow {
	about := v.text.Say("factor_" + s.Factor)
	if s.Address != "" {
		about += " · " + s.Address
	}
	agent := browserName(s.Agent)
	if s.Kind == store.ProgramSession || agent == "" {
		agent = v.text.Say("session_" + s.Kind)
	}
	return view.SessionRow{Agent: agent, About: about + " · " + v.text.Say("session_used", "When", v.text.When(used, v.now()))}
}

// browserName makes a short name of what a browser says that it is. Nothing depends on it.
func browserName(agent string) string {
	for _, part := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"YaBrowser/", "Yandex"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if !strings.Contains(agent, part[0]) {
			continue
		}
		for _, system := range []string{"Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"} {
			if strings.Contains(agent, system) {
				return part[1] + ", " + system
			}
		}
		return part[1]
	}
	return ""
}

// invite makes a link and shows it, this once.
func (p *pages) invite(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	token, waits, err := p.Proposals.Invite(v.r.Context(), s.Person, s.owner(), v.r.PostForm["role"], v.r.PostForm.Get("name"))
	if err != nil {
		return p.peopleRefusal(v, s, err)
	}
	return p.peoplePage(v, s, http.StatusOK, view.People{Link: p.Platform.Site().Base + "/join/" + token, Waits: waits != ""})
}

// peopleRefusal shows the page again with what was wrong.
func (p *pages) peopleRefusal(v *visit, s staff, err error) error {
	text, status, ok := v.sentence(err, map[string]string{"role": "error_role", "name": "error_name"})
	if !ok {
		return err
	}
	return p.peoplePage(v, s, status, view.People{Error: text})
}

// named reads ids of a path; what is none names nothing.
func named(v *visit, what string, kind id.Kind) (id.ID, error) {
	i, err := id.FromToken(kind, v.r.PathValue(what))
	if err != nil {
		return "", fault.New(fault.NotFound)
	}
	return i, nil
}

func (p *pages) withdraw(v *visit, s staff) error {
	invitation, err := named(v, "invitation", id.Invitation)
	if err == nil {
		err = p.Platform.Registry().Withdraw(v.r.Context(), s.Person, s.owner(), invitation)
	}
	return p.backToPeople(v, s, err)
}

func (p *pages) changeRoles(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	member, err := named(v, "member", id.Membership)
	waits := id.ID("")
	if err == nil {
		waits, err = p.Proposals.ChangeRoles(v.r.Context(), s.Person, s.owner(), member, v.r.PostForm["role"])
	}
	if err == nil && waits != "" {
		return v.then(s.at("/proposals/" + waits.Token()))
	}
	return p.backToPeople(v, s, err)
}

func (p *pages) endMember(v *visit, s staff) error {
	member, err := named(v, "member", id.Membership)
	if err == nil {
		err = p.Platform.Registry().EndMembership(v.r.Context(), s.Person, s.owner(), member)
	}
	return p.backToPeople(v, s, err)
}

func (p *pages) endMemberSession(v *visit, s staff) error {
	member, err := named(v, "member", id.Membership)
	if err != nil {
		return err
	}
	session, err := named(v, "session", id.Session)
	if err == nil {
		err = p.Platform.Registry().EndMemberSession(v.r.Context(), s.Person, s.owner(), member, session)
	}
	return p.backToPeople(v, s, err)
}

func (p *pages) backToPeople(v *visit, s staff, err error) error {
	if err != nil {
		return p.peopleRefusal(v, s, err)
	}
	return v.then(s.at("/people"))
}

// eventRowsOfPage is how many events a page shows.
const eventRowsOfPage = 50

func (p *pages) peopleEvents(v *visit, s staff) error {
	before := id.ID("")
	if text := v.r.URL.Query().Get("before"); text != "" {
		var err error
		if before, err = id.Parse(id.PersonEvent, text); err != nil {
			return fault.New(fault.InvalidRequest).On("before")
		}
	}
	list, err := p.Platform.Registry().PeopleEvents(v.r.Context(), s.Person, s.owner(), before, eventRowsOfPage)
	if err != nil {
		return err
	}
	names, err := p.Platform.Registry().Logins(v.r.Context(), list)
	if err != nil {
		return err
	}
	page := view.Events{Frame: s.frame(v, v.text.Say("nav_events"))}
	for _, e := range list {
		page.Rows = append(page.Rows, view.EventRow{At: e.At, What: eventName(v, e), About: aboutEvent(v, e, names)})
	}
	if len(list) == eventRowsOfPage {
		page.Next = s.at("/events") + "?before=" + url.QueryEscape(string(list[len(list)-1].ID))
	}
	return v.show(http.StatusOK, view.EventsPage(page))
}

// aboutEvent says whom it is about, who did it and from where.
func aboutEvent(v *visit, e store.PersonEvent, logins map[id.ID]string) string {
	var parts []string
	if e.Person != "" {
		parts = append(parts, logins[e.Person])
	}
	if e.By != "" && e.By != e.Person {
		parts = append(parts, v.text.Say("event_by", "Login", logins[e.By]))
	}
	if e.Address != "" {
		parts = append(parts, e.Address)
	}
	return strings.Join(parts, " · ")
}
