package web

import (
	"net/http"
	"net/url"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/web/view"
)

// partyPages are participants with their payment services and merchants, and the limits of each.
func (p *pages) partyPages() []staffPage {
	return []staffPage{
		{"GET", "/participants", access.SeePlatform, "nav_participants", p.participants},
		{"GET", "/participants/{party}", access.SeePlatform, "", p.partyOf(id.Participant)},
		{"GET", "/psps/{party}", access.SeePlatform, "", p.partyOf(id.PSP)},
		{"GET", "/merchants/{party}", access.SeePlatform, "", p.partyOf(id.Merchant)},
		{"POST", "/participants/{party}/limits", access.HandleRegistry, "", p.limitsOf(id.Participant)},
		{"POST", "/psps/{party}/limits", access.HandleRegistry, "", p.limitsOf(id.PSP)},
		{"POST", "/merchants/{party}/limits", access.HandleRegistry, "", p.limitsOf(id.Merchant)},
		{"POST", "/psps/{party}/suspended", access.HandleRegistry, "", p.switchOf(id.PSP)},
		{"POST", "/merchants/{party}/suspended", access.HandleRegistry, "", p.switchOf(id.Merchant)},
	}
}

// partyPlaces are where the pages of each kind are.
var partyPlaces = map[id.Kind]string{id.Participant: "/participants/", id.PSP: "/psps/", id.Merchant: "/merchants/"}

func partyPath(party id.ID) string { return partyPlaces[party.Kind()] + party.Token() }

// participants lists them, or leads to whoever has the number that was typed.
func (p *pages) participants(v *visit, s staff) error {
	query := v.r.URL.Query()
	page := view.Parties{Frame: s.frame(v, v.text.Say("nav_participants")), Find: s.at("/participants"), Typed: strings.TrimSpace(query.Get("number"))}
	status := http.StatusOK
	if page.Typed != "" {
		party := id.ID(page.Typed)
		if _, err := id.Parse(party.Kind(), page.Typed); err == nil && partyPlaces[party.Kind()] != "" {
			return v.then(s.at(partyPath(party)))
		}
		page.Wrong, status = view.Wrong{Text: v.text.Say("error_party"), Field: "number"}, http.StatusNotFound
	}
	after, err := flow.Cursor(query.Get("after"), "after")
	if err != nil {
		return err
	}
	list, err := p.Platform.Registry().Desk().Participants().List(v.r.Context(), "", after, pageRows+1)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	if len(list) > pageRows {
		list = list[:pageRows]
		page.Next = s.at("/participants") + "?after=" + url.QueryEscape(string(list[pageRows-1].ID))
	}
	for _, x := range list {
		u, err := p.Platform.Usage(v.r.Context(), x.ID)
		if err != nil {
			return err
		}
		row := view.ProposalRow{Link: s.at(partyPath(x.ID)), What: x.Name, About: x.BIC, Tone: view.Calm, Status: v.text.Say("limits_none")}
		if !u.None() {
			row.Tone, row.Status = view.Good, v.text.Say("limits_some")
		}
		for _, l := range limitRows(v, u) {
			if l.Near {
				row.Tone, row.Status = view.Warn, v.text.Say("limits_near")
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return v.show(status, view.PartiesPage(page))
}

func (p *pages) partyOf(kind id.Kind) func(*visit, staff) error {
	return func(v *visit, s staff) error {
		party, err := named(v, "party", kind)
		if err != nil {
			return err
		}
		return p.showParty(v, s, party, view.Wrong{}, http.StatusOK)
	}
}

// showParty shows somebody with the limits, and with what was wrong with a form.
func (p *pages) showParty(v *visit, s staff, party id.ID, wrong view.Wrong, status int) error {
	usage, err := p.Platform.Usage(v.r.Context(), party)
	if err != nil {
		return err
	}
	at := s.at(partyPath(party))
	page := view.PartyDetail{Back: s.at("/participants"), BackName: v.text.Say("nav_participants"), Limits: limitRows(v, usage)}
	if err := p.describeParty(v, s, party, &page); err != nil {
		return err
	}
	page.Frame = s.frameAt(v, at, page.Title)
	page.Details = append(page.Details, view.Field{Label: v.text.Say("party_number"), Value: string(party)})
	if s.may(access.HandleRegistry) {
		page.Form = p.limitForm(v, at+"/limits", usage)
		page.Form.Wrong = wrong
		if party.Kind() != id.Participant {
			page.Switch = at + "/suspended"
		}
	}
	return v.show(status, view.PartyPage(page))
}

// describeParty fills in who somebody is.
func (p *pages) describeParty(v *visit, s staff, party id.ID, page *view.PartyDetail) error {
	switch party.Kind() {
	case id.Merchant:
		return p.describeMerchant(v, s, party, page)
	case id.PSP:
		return p.describeService(v, s, party, page)
	}
	return p.describeParticipant(v, s, party, page)
}

// known adds a detail that is not empty.
func known(page *view.PartyDetail, label, value string) {
	if value != "" {
		page.Details = append(page.Details, view.Field{Label: label, Value: value})
	}
}

func (p *pages) describeMerchant(v *visit, s staff, party id.ID, page *view.PartyDetail) error {
	m, err := p.Platform.Registry().Desk().Merchants().Get(v.r.Context(), party)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	page.Title, page.Tariff = m.Name, s.at("/tariffs/"+tariffPath(party))
	suspended(v, page, m.Suspended)
	p.under(v, s, m.Participant, page)
	known(page, v.text.Say("party_bank"), p.whom(v, m.Participant))
	known(page, v.text.Say("party_latin"), m.NameLatin)
	known(page, v.text.Say("party_mcc"), m.MCC)
	known(page, v.text.Say("party_tax"), m.TaxID)
	known(page, v.text.Say("diff_bank_account"), m.BankAccount)
	if m.RefundOverdraft != 0 {
		known(page, v.text.Say("diff_refund_overdraft"), v.text.Money(m.RefundOverdraft))
	}
	known(page, v.text.Say("party_since"), v.text.Moment(m.CreatedAt))
	return nil
}

// under makes the bank of somebody the page above.
func (p *pages) under(v *visit, s staff, bank id.ID, page *view.PartyDetail) {
	page.Back, page.BackName = s.at(partyPath(bank)), p.whom(v, bank)
}

func (p *pages) describeService(v *visit, s staff, party id.ID, page *view.PartyDetail) error {
	x, err := p.Platform.Registry().Desk().PSPs().Get(v.r.Context(), party)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	page.Title = x.Name
	suspended(v, page, x.Suspended)
	p.under(v, s, x.Participant, page)
	known(page, v.text.Say("party_bank"), p.whom(v, x.Participant))
	known(page, v.text.Say("party_bic"), x.BIC)
	known(page, v.text.Say("party_since"), v.text.Moment(x.CreatedAt))
	return nil
}

// suspended says whether somebody may take part, and what the button does.
func suspended(v *visit, page *view.PartyDetail, is bool) {
	page.Tone, page.Status = view.Good, v.text.Say("party_active")
	page.SwitchName, page.SwitchHint = v.text.Say("party_suspend"), v.text.Say("party_suspend_hint")
	page.SwitchTo = toSuspended
	if is {
		page.Tone, page.Status = view.Danger, v.text.Say("party_suspended")
		page.SwitchName, page.SwitchHint = v.text.Say("party_resume"), v.text.Say("party_resume_hint")
		page.SwitchTo = toActive
	}
}

func (p *pages) describeParticipant(v *visit, s staff, party id.ID, page *view.PartyDetail) error {
	desk, ctx := p.Platform.Registry().Desk(), v.r.Context()
	x, err := desk.Participants().Get(ctx, party)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	page.Title, page.Bank = x.Name, true
	known(page, v.text.Say("party_bic"), x.BIC)
	known(page, v.text.Say("party_since"), v.text.Moment(x.CreatedAt))
	services, err := desk.PSPs().List(ctx, party, "", mostPlaces)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	for _, psp := range services {
		page.Services = append(page.Services, partyRow(v, s, psp.ID, psp.Name, psp.BIC, psp.Suspended))
	}
	after, err := flow.Cursor(v.r.URL.Query().Get("after"), "after")
	if err != nil {
		return err
	}
	merchants, err := desk.Merchants().List(ctx, party, after, pageRows+1)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	if len(merchants) > pageRows {
		merchants = merchants[:pageRows]
		page.Next = s.at(partyPath(party)) + "?after=" + url.QueryEscape(string(merchants[pageRows-1].ID)) + "#merchants"
	}
	for _, m := range merchants {
		page.Merchants = append(page.Merchants, partyRow(v, s, m.ID, m.Name, v.text.Say("party_mcc")+" "+m.MCC, m.Suspended))
	}
	return nil
}

func partyRow(v *visit, s staff, party id.ID, name, about string, suspended bool) view.ProposalRow {
	row := view.ProposalRow{Link: s.at(partyPath(party)), What: name, About: about, Tone: view.Good, Status: v.text.Say("party_active")}
	if suspended {
		row.Tone, row.Status = view.Danger, v.text.Say("party_suspended")
	}
	return row
}

// switchOf asks to suspend somebody, or to let them go on.
func (p *pages) switchOf(kind id.Kind) func(*visit, staff) error {
	return func(v *visit, s staff) error {
		party, err := named(v, "party", kind)
		if err != nil {
			return err
		}
		if err := v.form(); err != nil {
			return err
		}
		action, known := switches[kind][v.r.PostForm.Get("to")]
		if !known {
			return fault.New(fault.InvalidRequest).On("to")
		}
		return p.propose(v, s, flow.Ask{Action: action, Target: party, Body: flow.NoBody{}}, s.at(partyPath(party)), func(err error) error {
			f := fault.From(err)
			return p.showParty(v, s, party, view.Wrong{Text: f.Message(string(v.text.Lang))}, statuses[f.Kind()])
		})
	}
}

// switches are the actions by what somebody is to become.
var switches = map[id.Kind]map[string]string{
	id.PSP:      {toSuspended: flow.ActSuspendPSP, toActive: flow.ActResumePSP},
	id.Merchant: {toSuspended: flow.ActSuspendMerchant, toActive: flow.ActResumeMerchant},
}

// What somebody is to become, as the form says it: whoever saw an older page does not do the opposite.
const (
	toSuspended = "suspended"
	toActive    = "active"
)
