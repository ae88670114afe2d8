package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/web/view"
)

// The two areas of people. Whatever lies in them is registered as a staffPage and nowhere else.
const (
	consolePath   = "/console"
	dashboardPath = "/dashboard/{merchant}"
	signInPath    = "/sign-in"
	accountPath   = "/account"
)

// staffPage is one page, or the target of one form, for people who are signed in. To add one, write the handler in a file of
// its own, with a function that lists its pages, and name that function in consolePages or dashboardPages:
//
//	func (p *pages) proposalPages() []staffPage {
//		return []staffPage{
//			{"GET", "/proposals", access.SeePlatform, "nav_…", p.proposals},
//			{"POST", "/proposals/{id}/approve", access.Approve, "", p.approve},
//		}
//	}
//
// The path is within the area; right is what the person must be allowed there, which the frame has asked before the handler
// runs; nav is the message that names it in the navigation, "" for a page that is not listed. A handler of the dashboard
// finds the merchant of its address in staff.Merchant, and staff.As is the caller for the use cases of flow. Pages start
// with s.frame(v, title) and are drawn in <main class="doc" id="main">; forms are plain POST forms to addresses that s.at
// makes, and end with v.then. Forms need no token: a form of another site never reaches a handler (outer, sameSite). A test
// tries every page with every role, with a foreign merchant and signed out; nothing is to be added to it.
type staffPage struct {
	method, path string
	right        access.Right
	nav          string
	show         func(*visit, staff) error
}

// consolePages are the pages of the centre, in the order of the navigation.
func (p *pages) consolePages() []staffPage {
	return slices.Concat(p.consoleHomePages(), p.proposalPages(), p.dayPages(), p.unpayablePages(), p.filePages(), p.casePages(), p.partyPages(), p.tariffPages(), p.reportPages(access.SeePlatform, access.SeePlatform), p.peoplePages(access.HandleStaff, access.SeeStaff))
}

// dashboardPages are the pages of a merchant's people, in the order of the navigation.
func (p *pages) dashboardPages() []staffPage {
	return slices.Concat(p.dashboardHomePages(), p.payoutPages(), p.depositPages(), p.ownTariffPages(), p.reportPages(access.SeeStatements, access.SeeStatements), p.keyPages(), p.peoplePages(access.HandlePeople, access.SeePeople))
}

// staff is who is signed in, and where.
type staff struct {
	access.Person
	Merchant store.Merchant  // of the dashboard; empty in the console
	As       access.Merchant // the person as a caller of the merchant's use cases
	area     string          // address of the area
	header   view.Staff
}

// at gives the address of a page of the same area.
func (s staff) at(path string) string { return s.area + path }

// owner is whose people the area is about.
func (s staff) owner() id.ID {
	if s.Merchant.ID != "" {
		return s.Merchant.ID
	}
	return store.Centre
}

// may says whether the person has a right in the area.
func (s staff) may(right access.Right) bool {
	if s.Merchant.ID != "" {
		return s.MayAt(s.Merchant.ID, right)
	}
	return s.May(right)
}

// frame starts a page that can be asked for again by the address it was asked with.
func (s staff) frame(v *visit, title string, scripts ...string) view.Frame {
	return s.frameAt(v, v.r.URL.RequestURI(), title, scripts...)
}

// frameAt starts a page that answers a form: the language switch leads to path.
func (s staff) frameAt(v *visit, path, title string, scripts ...string) view.Frame {
	f := v.frameAt(path, title, append([]string{"live.js", "staff.js"}, scripts...)...)
	header := s.header
	header.Here, _, _ = strings.Cut(path, "?")
	f.Staff = &header
	return f
}

func (p *pages) staffRoutes(mux *http.ServeMux) {
	p.signInRoutes(mux)
	p.accountRoutes(mux)
	p.passkeyRoutes(mux)
	mux.Handle("GET /dashboard", p.page(p.person(p.chooseMerchant)))
	for _, page := range p.consolePages() {
		mux.Handle(page.method+" "+consolePath+page.path, p.page(p.person(p.inConsole(page))))
	}
	for _, page := range p.dashboardPages() {
		mux.Handle(page.method+" "+dashboardPath+page.path, p.page(p.person(p.inDashboard(page))))
	}
}

// staffCookie carries the token of a person's session. Scripts cannot read it, and forms of other sites do not bring it.
func (p *pages) staffCookie() string {
	if p.secure {
		return "__Host-tolom_staff" // The browser takes it from this host over https alone.
	}
	return "tolom_staff"
}

// whoIs recognises the person; ok is false when nobody is signed in, or not any more.
func (p *pages) whoIs(v *visit) (who access.Person, ok bool, err error) {
	cookie, err := v.r.Cookie(p.staffCookie())
	if err != nil || cookie.Value == "" {
		return who, false, nil
	}
	who, err = p.Gate.Staff(v.r.Context(), cookie.Value, p.caller(v.r))
	if fault.Has(err, fault.Unauthorized) {
		return who, false, nil
	}
	return who, err == nil, err
}

// person lets only people through who are signed in, and forms only of our own pages; others are led to the door.
func (p *pages) person(show func(*visit, access.Person) error) func(*visit) error {
	return func(v *visit) error {
		if err := sameSite(v.r); err != nil {
			return err
		}
		who, ok, err := p.whoIs(v)
		if err != nil {
			return err
		}
		if !ok {
			return v.then(signInPath + nextOf(v.r))
		}
		return show(v, who)
	}
}

// sameSite refuses a form that does not say that it comes from a page of ours. Every browser of today says so; outer lets
// those through that say nothing, for the point of sale on old devices, but here more is at stake.
func sameSite(r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return fault.New(fault.Forbidden).On(fromElsewhere).Because("the form does not say which page it comes from")
	}
	return nil
}

// proven leads a person who must set up a second factor first to where that is done.
func proven(v *visit, who access.Person) (bool, error) {
	if !who.Unproven {
		return true, nil
	}
	return false, v.then(accountPath)
}

func (p *pages) inConsole(page staffPage) func(*visit, access.Person) error {
	return func(v *visit, who access.Person) error {
		if ok, err := proven(v, who); !ok {
			return err
		}
		s := staff{Person: who, area: consolePath}
		if !s.may(page.right) {
			return fault.New(fault.Forbidden)
		}
		s.header = view.Staff{Where: v.text.Say("console"), Name: who.Name, Stops: p.stops(v, s, p.consolePages())}
		return page.show(v, s)
	}
}

func (p *pages) inDashboard(page staffPage) func(*visit, access.Person) error {
	return func(v *visit, who access.Person) error {
		if ok, err := proven(v, who); !ok {
			return err
		}
		merchant, err := id.FromToken(id.Merchant, v.r.PathValue("merchant"))
		if err != nil || len(who.Merchants[merchant]) == 0 {
			return fault.New(fault.NotFound) // Of another's merchant nobody learns that there is one.
		}
		s := staff{Person: who, As: who.At(merchant), area: dashboardOf(merchant)}
		if s.Merchant, err = p.Platform.Registry().Merchant(v.r.Context(), merchant); err != nil {
			return err
		}
		if !s.may(page.right) {
			return fault.New(fault.Forbidden)
		}
		s.header = view.Staff{Where: s.Merchant.Name, Name: who.Name, Stops: p.stops(v, s, p.dashboardPages()), Several: len(who.Merchants) > 1 || len(who.Centre) > 0}
		return page.show(v, s)
	}
}

func dashboardOf(merchant id.ID) string {
	return strings.Replace(dashboardPath, "{merchant}", merchant.Token(), 1)
}

// stops are the pages of the navigation that the person may see.
func (p *pages) stops(v *visit, s staff, all []staffPage) (out []view.Stop) {
	for _, page := range all {
		if page.nav != "" && s.may(page.right) && !slices.ContainsFunc(out, func(x view.Stop) bool { return x.Path == s.at(page.path) }) {
			out = append(out, view.Stop{Path: s.at(page.path), Name: v.text.Say(page.nav)})
		}
	}
	return out
}

// plainStaff is the frame of pages that belong to no area: the account, the choice of a merchant.
func (p *pages) plainStaff(v *visit, who access.Person) staff {
	s := staff{Person: who}
	s.header = view.Staff{Where: "Tölöm", Name: who.Name}
	if who.Unproven {
		return s
	}
	if len(who.Centre) > 0 {
		s.header.Stops = append(s.header.Stops, view.Stop{Path: consolePath, Name: v.text.Say("console")})
	}
	for merchant := range who.Merchants {
		if m, err := p.Platform.Registry().Merchant(v.r.Context(), merchant); err == nil {
			s.header.Stops = append(s.header.Stops, view.Stop{Path: dashboardOf(merchant), Name: m.Name})
		}
	}
	slices.SortFunc(s.header.Stops, func(a, b view.Stop) int { return strings.Compare(a.Path, b.Path) })
	return s
}

// homeOf is where a person lands after signing in.
func homeOf(who access.Person) string {
	switch {
	case who.Unproven:
		return accountPath
	case len(who.Centre) > 0:
		return consolePath
	case len(who.Merchants) == 1:
		for merchant := range who.Merchants {
			return dashboardOf(merchant)
		}
	case len(who.Merchants) > 1:
		return "/dashboard"
	}
	return accountPath
}

// chooseMerchant leads to the one merchant, or lists several.
func (p *pages) chooseMerchant(v *visit, who access.Person) error {
	if at := homeOf(who); at != "/dashboard" && at != consolePath {
		return v.then(at)
	}
	s := p.plainStaff(v, who)
	return v.show(http.StatusOK, view.ChoicePage(view.Choice{Frame: s.frame(v, v.text.Say("choose_merchant")), Stops: s.header.Stops}))
}

// callerOf says where a person is who signs in.
func (p *pages) callerOf(v *visit) flow.Caller {
	return flow.Caller{Address: p.caller(v.r), Agent: v.r.UserAgent()}
}

// sentence gives the words for a refusal of a form, and the status that it has; ok is false for what is no refusal of a
// form but a failure of another kind.
func (v *visit) sentence(err error, known map[string]string) (text string, status int, ok bool) {
	f := fault.From(err)
	switch {
	case err == nil:
		return "", http.StatusOK, true
	case errors.Is(err, access.ErrReplayed):
		return v.text.Say("error_replayed"), http.StatusUnauthorized, true
	case f.Code == fault.RateLimited:
		return v.text.Say("error_slowed"), http.StatusTooManyRequests, true
	case f.Code == fault.Unauthorized || f.Code == fault.InvalidRequest:
		message, found := known[f.Param]
		if !found {
			return "", 0, false
		}
		return v.text.Say(message), statuses[f.Kind()], true
	}
	return "", 0, false
}

// either picks one of two.
func either[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}
