package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/recon"
	"tolom/store"
	"tolom/web/view"
)

// casePages are the differences between our books and those of PSPs.
func (p *pages) casePages() []staffPage {
	return []staffPage{
		{"GET", "/cases", access.SeePlatform, "nav_cases", p.cases},
		{"GET", "/cases/{case}", access.SeePlatform, "", p.caseDetail},
		{"POST", "/cases/{case}/comment", access.HandleRegistry, "", p.commentCase},
		{"POST", "/cases/{case}/explain", access.HandleRegistry, "", p.explainCase},
		{"POST", "/cases/{case}/close", access.HandleRegistry, "", p.closeCase},
		{"POST", "/cases/{case}/fix", access.HandleRegistry, "", p.fixCase},
	}
}

// caseRows is how many cases a page shows.
const caseRows = 50

// cases lists those that are open and mismatched, with ?expected= those that time heals, with ?all= all.
func (p *pages) cases(v *visit, s staff) error {
	query := v.r.URL.Query()
	all, expected := query.Has("all"), query.Has("expected")
	f := store.CaseFilter{Open: !all, Limit: caseRows}
	which := ""
	switch {
	case all:
		which = "all"
	case expected:
		f.Class, which = recon.Expected, "expected"
	}
	if text := query.Get("before"); text != "" {
		var err error
		if f.Before, err = id.Parse(id.Case, text); err != nil {
			return fault.New(fault.InvalidRequest).On("before")
		}
	}
	list, more, err := p.Recon.Cases(v.r.Context(), flow.CaseSide{}, f)
	if err != nil {
		return err
	}
	here := s.at("/cases")
	page := view.Cases{Frame: s.frame(v, v.text.Say("nav_cases")), Tabs: []view.Tab{
		{Path: here, Name: v.text.Say("cases_open"), Here: which == ""},
		{Path: here + "?expected", Name: v.text.Say("cases_expected"), Here: expected && !all},
		{Path: here + "?all", Name: v.text.Say("cases_all"), Here: all}}}
	for _, c := range list {
		about := strings.Join([]string{p.whom(v, c.Owner), c.Name, v.text.When(c.CreatedAt, v.now())}, " · ")
		page.Rows = append(page.Rows, view.ProposalRow{Link: s.at("/cases/" + c.ID.Token()), What: caseReason(v, c), About: about, Tone: caseTone(c), Status: caseStatus(v, c)})
	}
	if more {
		page.Next = here + "?before=" + url.QueryEscape(string(list[len(list)-1].ID)) + "&" + which
	}
	return v.show(http.StatusOK, view.CasesPage(page))
}

// caseReason says what a difference is. One that was none has no reason.
func caseReason(v *visit, c store.ReconCase) string {
	return v.text.Say("case_reason_" + cmp.Or(string(c.Reason), "agreed"))
}

func caseStatus(v *visit, c store.ReconCase) string {
	if c.Class == recon.Expected && c.Status == store.CaseOpen {
		return v.text.Say("case_class_expected")
	}
	return v.text.Say("case_status_" + string(c.Status))
}

func caseTone(c store.ReconCase) view.Tone {
	switch {
	case c.Status == store.CaseClosed:
		return view.Good
	case c.Class == recon.Expected:
		return view.Calm
	case c.Status == store.CaseOpen:
		return view.Danger
	}
	return view.Warn
}

func (p *pages) caseDetail(v *visit, s staff) error { return p.showCase(v, s, nil) }

// showCase shows a case, with what was wrong with a form.
func (p *pages) showCase(v *visit, s staff, refused error) error {
	name, err := named(v, "case", id.Case)
	if err != nil {
		return err
	}
	c, notes, err := p.Recon.Case(v.r.Context(), flow.CaseSide{}, string(name))
	if err != nil {
		return err
	}
	at, status := s.at("/cases/"+c.ID.Token()), http.StatusOK
	page := view.CaseDetail{Frame: s.frameAt(v, at, caseReason(v, c)), Back: s.at("/cases"), What: caseReason(v, c), Whom: p.whom(v, c.Owner) + " · " + c.Name,
		Tone: caseTone(c), Status: caseStatus(v, c), Details: caseDetails(v, c), Sides: caseSides(v, c)}
	if c.ClosedAt.IsZero() && c.Action != "" {
		page.Hint = v.text.Say("case_action_" + string(c.Action))
	}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status, page.Typed = f.Message(string(v.text.Lang)), statuses[f.Kind()], v.r.PostForm.Get("comment")
	}
	p.caseForms(&page, s, c, at)
	for _, n := range notes {
		what := v.text.Say("case_did_" + n.Kind)
		if n.ByName != "" {
			what += " · " + n.ByName
		}
		page.Events = append(page.Events, view.ProposalEvent{At: n.At, What: what, Note: caseNote(v, n.Body)})
	}
	return v.show(status, view.CasePage(page))
}

// caseNote puts what the platform wrote of a difference into the words of the language; what people wrote stays as it is.
func caseNote(v *visit, body string) string {
	class, rest, _ := strings.Cut(body, ": ")
	reason, _, _ := strings.Cut(rest, ",")
	if recon.Class(class) != recon.Expected && recon.Class(class) != recon.Mismatched {
		return body
	}
	if said := v.text.Say("case_reason_" + reason); said != "case_reason_"+reason {
		return said
	}
	return body
}

// caseForms offers what may be done with a case as it stands.
func (p *pages) caseForms(page *view.CaseDetail, s staff, c store.ReconCase, at string) {
	if c.Status == store.CaseProposed && c.Proposal != "" {
		page.Waiter = s.at("/proposals/" + c.Proposal.Token())
	}
	if !s.may(access.HandleRegistry) {
		return
	}
	page.Comment = at + "/comment"
	if !c.ClosedAt.IsZero() {
		return
	}
	if c.Status == store.CaseOpen || c.Status == store.CaseExplained {
		page.Explain = at + "/explain"
	}
	if c.Status != store.CaseProposed && c.Fixed == 0 {
		page.Close = at + "/close"
	}
	if rest := c.Shift - c.Fixed; c.Status != store.CaseProposed && rest != 0 {
		page.Fix, page.Amount, page.FixOut = at+"/fix", rest.Plain(), c.Fixed != 0
	} else if c.Status != store.CaseProposed && c.Fixed != 0 {
		page.Fix, page.Amount, page.FixOut = at+"/fix", (-c.Fixed).Plain(), true
	}
}

func caseDetails(v *visit, c store.ReconCase) (out []view.Field) {
	add := func(label, value string) { out = append(out, view.Field{Label: label, Value: value}) }
	if c.Shift != 0 {
		add(v.text.Say("case_shift"), v.text.Money(c.Shift))
	}
	if c.Fixed != 0 {
		add(v.text.Say("case_suspense"), v.text.Money(c.Fixed))
	}
	if !c.DueAt.IsZero() {
		add(v.text.Say("case_due"), v.text.Moment(c.DueAt))
	}
	add(v.text.Say("case_number"), string(c.ID))
	return out
}

// caseSides lists what each side has under the name of the case, and what we have now when that is another thing.
func caseSides(v *visit, c store.ReconCase) (out []view.CaseLine) {
	add := func(side string, lines []recon.Line) {
		for _, l := range lines {
			out = append(out, view.CaseLine{Side: side, Amount: v.text.Money(l.Amount), Status: v.text.Say("case_line_" + string(l.Status)), At: l.Minute.Time()})
		}
		if len(lines) == 0 {
			out = append(out, view.CaseLine{Side: side, Amount: "—", Status: v.text.Say("case_line_none"), At: c.CreatedAt})
		}
	}
	ours := c.Ours
	if len(ours) == 0 {
		ours = c.Now
	}
	add(v.text.Say("case_ours"), ours)
	add(v.text.Say("case_theirs"), c.Theirs)
	return out
}

// withCase does what a form asks for, and shows the case as it is then.
func (p *pages) withCase(v *visit, s staff, do func(by proposal.Person, name string, form url.Values) error) error {
	if err := v.form(); err != nil {
		return err
	}
	name, err := named(v, "case", id.Case)
	if err != nil {
		return err
	}
	err = do(proposal.Person{ID: s.ID, Name: cmp.Or(s.Name, s.Login)}, string(name), v.r.PostForm)
	if err == nil {
		return v.then(s.at("/cases/" + name.Token()))
	}
	if f := fault.From(err); f.Kind() == fault.Conflict || f.Kind() == fault.Invalid {
		return p.showCase(v, s, err)
	}
	return err
}

func (p *pages) commentCase(v *visit, s staff) error {
	return p.withCase(v, s, func(by proposal.Person, name string, form url.Values) error {
		_, _, err := p.Recon.Comment(v.r.Context(), flow.CaseSide{Person: by}, name, form.Get("comment"))
		return err
	})
}

func (p *pages) explainCase(v *visit, s staff) error {
	return p.withCase(v, s, func(by proposal.Person, name string, form url.Values) error {
		_, _, err := p.Recon.Explain(v.r.Context(), by, name, form.Get("comment"))
		return err
	})
}

func (p *pages) closeCase(v *visit, s staff) error {
	return p.withCase(v, s, func(by proposal.Person, name string, form url.Values) error {
		_, _, err := p.Recon.CloseCase(v.r.Context(), by, name, form.Get("comment"))
		return err
	})
}

func (p *pages) fixCase(v *visit, s staff) error {
	return p.withCase(v, s, func(by proposal.Person, name string, form url.Values) error {
		amount, err := signedAmount(form.Get("amount"))
		if err != nil {
			return err
		}
		_, err = p.Recon.ProposeFix(v.r.Context(), p.Proposals, by, name, amount, form.Get("reason"))
		return err
	})
}

// signedAmount reads a sum in som that may be below zero.
func signedAmount(text string) (money.Amount, error) {
	text = strings.TrimSpace(text)
	rest, minus := strings.CutPrefix(strings.Replace(text, "−", "-", 1), "-")
	amount, err := money.Parse(rest)
	if err != nil {
		return 0, fault.New(fault.AmountInvalid).On("amount")
	}
	if minus {
		amount = -amount
	}
	return amount, nil
}
