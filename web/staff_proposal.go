package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/store"
	"tolom/web/view"
)

// proposalPages are four eyes: what waits for a second person, and all that was done.
func (p *pages) proposalPages() []staffPage {
	return []staffPage{
		{"GET", "/proposals", access.SeePlatform, "nav_proposals", p.proposals},
		{"GET", "/proposals/{proposal}", access.SeePlatform, "", p.proposal},
		{"POST", "/proposals/{proposal}/approve", access.Approve, "", p.approveProposal},
		{"POST", "/proposals/{proposal}/reject", access.Approve, "", p.rejectProposal},
		{"POST", "/proposals/{proposal}/withdraw", access.HandleRegistry, "", p.withdrawProposal},
	}
}

// proposalRows is how many proposals a page shows.
const proposalRows = 50

// proposals lists those that wait, or with ?all= all of them.
func (p *pages) proposals(v *visit, s staff) error {
	query := v.r.URL.Query()
	all := query.Has("all")
	f := store.ProposalFilter{Status: proposal.Proposed, Limit: proposalRows}
	if all {
		f.Status = ""
	}
	if text := query.Get("before"); text != "" {
		var err error
		if f.Before, err = id.Parse(id.Proposal, text); err != nil {
			return fault.New(fault.InvalidRequest).On("before")
		}
	}
	list, more, err := p.Proposals.List(v.r.Context(), f)
	if err != nil {
		return err
	}
	here := s.at("/proposals")
	page := view.Proposals{Frame: s.frame(v, v.text.Say("nav_proposals")), FourEyes: p.Proposals.FourEyes(), Tabs: []view.Tab{
		{Path: here, Name: v.text.Say("proposals_waiting"), Here: !all}, {Path: here + "?all", Name: v.text.Say("proposals_all"), Here: all}}}
	for _, x := range list {
		page.Rows = append(page.Rows, p.proposalRow(v, s, x))
	}
	if more {
		page.Next = here + "?before=" + url.QueryEscape(string(list[len(list)-1].ID))
		if all {
			page.Next += "&all"
		}
	}
	return v.show(http.StatusOK, view.ProposalsPage(page))
}

func (p *pages) proposalRow(v *visit, s staff, x proposal.Proposal) view.ProposalRow {
	about := []string{x.ProposedBy.Name, v.text.When(x.ProposedAt, v.now())}
	if whom := p.whom(v, x.Target); whom != "" {
		about = append([]string{whom}, about...)
	}
	return view.ProposalRow{Link: s.at("/proposals/" + x.ID.Token()), What: actionName(v, x.Action), About: strings.Join(about, " · "),
		Tone: toneOf(x.Status), Status: v.text.Say("proposal_status_" + string(x.Status))}
}

// actionName is what an action is called. One of a newer program has its own name alone.
func actionName(v *visit, action string) string {
	key := "action_" + strings.ReplaceAll(action, ".", "_")
	if name := v.text.Say("action_" + strings.ReplaceAll(action, ".", "_")); name != key {
		return name
	}
	return action
}

func toneOf(s proposal.Status) view.Tone {
	switch s {
	case proposal.Done:
		return view.Good
	case proposal.Proposed, proposal.Approved:
		return view.Warn
	case proposal.Failed:
		return view.Danger
	}
	return view.Calm
}

// whom names what a proposal is about: by its name where it has one, else by its id.
func (p *pages) whom(v *visit, target id.ID) string {
	if target == store.Centre {
		return v.text.Say("centre")
	}
	ctx, r := v.r.Context(), p.Platform.Registry()
	name := ""
	switch target.Kind() {
	case id.Merchant:
		m, _ := r.Merchant(ctx, target) // Whoever has no name is shown by the id.
		name = m.Name
	case id.PSP:
		x, _ := r.PSP(ctx, target)
		name = x.Name
	case id.Participant:
		x, _ := r.Desk().Participants().Get(ctx, target)
		name = x.Name
	}
	return cmp.Or(name, string(target))
}

func (p *pages) proposal(v *visit, s staff) error { return p.showProposal(v, s, nil) }

// showProposal shows a proposal, with what was wrong with a decision on it.
func (p *pages) showProposal(v *visit, s staff, refused error) error {
	name, err := named(v, "proposal", id.Proposal)
	if err != nil {
		return err
	}
	x, events, err := p.Proposals.Proposal(v.r.Context(), name)
	if err != nil {
		return err
	}
	at, status := s.at("/proposals/"+x.ID.Token()), http.StatusOK
	page := view.ProposalDetail{Frame: s.frameAt(v, at, actionName(v, x.Action)), Back: s.at("/proposals"), What: actionName(v, x.Action), Whom: p.whom(v, x.Target),
		Tone: toneOf(x.Status), Status: v.text.Say("proposal_status_" + string(x.Status)), Digest: x.Digest(), Details: p.proposalDetails(v, x)}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status = f.Message(string(v.text.Lang)), statuses[f.Kind()]
	}
	page.Changes, page.New = changeRows(v, x.Summary)
	if x.Status == proposal.Proposed {
		page.SameAsBefore = same(x.Summary)
		mine := x.ProposedBy.ID == s.ID
		page.Own = mine
		if mine && s.may(access.HandleRegistry) {
			page.Withdraw = at + "/withdraw"
		}
		if !mine && s.may(access.Approve) {
			page.Approve, page.Reject = at+"/approve", at+"/reject"
		}
	}
	for _, e := range events {
		page.Events = append(page.Events, eventOf(v, e))
	}
	return v.show(status, view.ProposalPage(page))
}

func (p *pages) proposalDetails(v *visit, x proposal.Proposal) []view.Field {
	lines := details{text: v.text}
	lines.add(v.text.Say("proposal_by"), x.ProposedBy.Name)
	lines.add(v.text.Say("proposal_reason"), x.Reason)
	if x.Status == proposal.Proposed {
		lines.moment(v.text.Say("proposal_until"), x.ExpiresAt)
	}
	lines.add(v.text.Say("proposal_decided_by"), x.DecidedBy.Name)
	lines.add(v.text.Say("proposal_outcome"), inWords(v, x.Outcome))
	lines.add(v.text.Say("proposal_number"), string(x.ID))
	return lines.fields
}

func eventOf(v *visit, e proposal.Event) view.ProposalEvent {
	what := v.text.Say("proposal_status_" + e.Kind)
	if e.By.Name != "" {
		what += " · " + e.By.Name
	}
	return view.ProposalEvent{At: e.At, What: what, Note: inWords(v, e.Note)}
}

// inWords puts the code that an outcome of a failure begins with into the words of the language; what begins with none
// stays as it is.
func inWords(v *visit, outcome string) string {
	code, detail, _ := strings.Cut(outcome, ": ")
	if _, known := fault.Lookup(fault.Code(code)); !known {
		return outcome
	}
	said := fault.New(fault.Code(code)).Message(string(v.text.Lang))
	if detail != "" {
		said += " (" + detail + ")"
	}
	return said
}

// same says that a proposal would change nothing.
func same(lines []proposal.Line) bool {
	for _, l := range lines {
		if l.Before != l.After {
			return false
		}
	}
	return len(lines) > 0
}

// changeRows are the lines of a proposal as people read them; fresh says that nothing was there before.
func changeRows(v *visit, lines []proposal.Line) (rows []view.ChangeRow, fresh bool) {
	fresh = true
	for _, l := range lines {
		key := "diff_" + l.Name
		name := v.text.Say("diff_" + l.Name)
		if name == key {
			name = l.Name
		}
		before, after := valueOf(v, l.Before, l.As), valueOf(v, l.After, l.As)
		if l.Name == "roles" {
			before, after = cmp.Or(roleNames(v, l.Before), "—"), cmp.Or(roleNames(v, l.After), "—")
		}
		rows = append(rows, view.ChangeRow{Name: name, Before: before, After: after, Same: l.Before == l.After})
		fresh = fresh && l.Before == ""
	}
	return rows, fresh
}

// valueOf writes a value of a line as people of the language do. What is not as it should be is shown as it is.
func valueOf(v *visit, text string, as proposal.As) string {
	switch as {
	case proposal.Amount:
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case text == "" || err == nil && n == 0:
			return "—"
		case err == nil:
			return v.text.Money(money.Amount(n))
		}
	case proposal.Rate:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return money.Amount(n).String() + " %"
		}
	case proposal.Moment:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return v.text.Moment(at)
		}
	case proposal.Truth:
		if yes, err := strconv.ParseBool(text); err == nil && yes {
			return v.text.Say("yes")
		} else if err == nil {
			return v.text.Say("no")
		}
	}
	return cmp.Or(text, "—")
}

// decide makes a decision of a form, and shows the proposal as it is then.
func (p *pages) decide(v *visit, s staff, do func(by proposal.Person, name id.ID, form url.Values) error) error {
	if err := v.form(); err != nil {
		return err
	}
	name, err := named(v, "proposal", id.Proposal)
	if err != nil {
		return err
	}
	err = do(proposal.Person{ID: s.ID, Name: cmp.Or(s.Name, s.Login)}, name, v.r.PostForm)
	if err == nil {
		return v.then(s.at("/proposals/" + name.Token()))
	}
	if f := fault.From(err); f.Code == fault.ProposalOwn || f.Kind() == fault.Conflict {
		return p.showProposal(v, s, err)
	}
	return err
}

func (p *pages) approveProposal(v *visit, s staff) error {
	return p.decide(v, s, func(by proposal.Person, name id.ID, form url.Values) error {
		_, err := p.Proposals.Approve(v.r.Context(), by, name, form.Get("digest"))
		return err
	})
}

func (p *pages) rejectProposal(v *visit, s staff) error {
	return p.decide(v, s, func(by proposal.Person, name id.ID, form url.Values) error {
		_, err := p.Proposals.Reject(v.r.Context(), by, name, form.Get("reason"))
		return err
	})
}

func (p *pages) withdrawProposal(v *visit, s staff) error {
	return p.decide(v, s, func(by proposal.Person, name id.ID, form url.Values) error {
		_, err := p.Proposals.Withdraw(v.r.Context(), by, name, form.Get("reason"))
		return err
	})
}
