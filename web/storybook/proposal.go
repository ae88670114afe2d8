package storybook

import (
	"time"

	"github.com/a-h/templ"

	"tolom/money"
	"tolom/web/locale"
	"tolom/web/view"
)

func proposalScreens() []Screen {
	return []Screen{
		{"proposals", proposals(true)}, {"proposals-none", proposals(false)}, {"proposal-approver", proposal("approver")}, {"proposal-own", proposal("own")},
		{"proposal-key", proposalKey}, {"proposal-stale", proposal("stale")},
	}
}

func centreFrame(t locale.Text, title string) view.Frame {
	f := frame(t, title, "/console/proposals", "live.js", "staff.js")
	f.Staff = &view.Staff{Where: t.Say("console"), Name: "Approver A", Here: "/console/proposals", Stops: centrePlaces(t)}
	return f
}

func proposals(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Proposals{Frame: centreFrame(t, t.Say("nav_proposals")), FourEyes: some, Tabs: []view.Tab{
			{Path: "#", Name: t.Say("proposals_waiting"), Here: !some}, {Path: "#all", Name: t.Say("proposals_all"), Here: some}}}
		if !some {
			return view.ProposalsPage(p)
		}
		about := wordsIn(t).merchant + " · Operator A · 11:40"
		for _, x := range []struct {
			action, status string
			tone           view.Tone
		}{
			{"limits_set", "proposed", view.Warn}, {"key_issue", "proposed", view.Warn}, {"tariff_set", "done", view.Good}, {"merchant_bank_account", "failed", view.Danger},
			{"merchant_suspend", "rejected", view.Calm}, {"key_revoke", "done", view.Good},
		} {
			p.Rows = append(p.Rows, view.ProposalRow{Link: "#", What: t.Say("action_" + x.action), About: about, Tone: x.tone, Status: t.Say("proposal_status_" + x.status)})
		}
		p.Next = "#older"
		return view.ProposalsPage(p)
	}
}

// proposal is a change of limits, as its approver sees it, as its proposer does, and after the limits were changed meanwhile.
func proposal(who string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		sum := func(a money.Amount) string { return t.Money(a) }
		p := view.ProposalDetail{Frame: centreFrame(t, t.Say("action_limits_set")), Back: "#", What: t.Say("action_limits_set"), Whom: wordsIn(t).merchant,
			Tone: view.Warn, Status: t.Say("proposal_status_proposed"), Changes: []view.ChangeRow{
				{Name: t.Say("diff_daily"), Before: sum(50_000_000), After: sum(120_000_000)}, {Name: t.Say("diff_min_amount"), Before: "—", After: "—", Same: true},
				{Name: t.Say("diff_max_amount"), Before: sum(5_000_000), After: sum(5_000_000), Same: true}},
			Details: []view.Field{{Label: t.Say("proposal_by"), Value: "Operator A"}, {Label: t.Say("proposal_reason"), Value: wordsIn(t).reason},
				{Label: t.Say("proposal_until"), Value: t.Moment(now.Add(72 * time.Hour))}, {Label: t.Say("proposal_number"), Value: "prop_0db4bqzs6qm5yvqm3w6dm5r8c1"}},
			Events: []view.ProposalEvent{{At: now, What: t.Say("proposal_status_proposed") + " · Operator A", Note: wordsIn(t).reason}}}
		switch who {
		case "approver":
			p.Approve, p.Reject = "#approve", "#reject"
		case "own":
			p.Own, p.Withdraw = true, "#withdraw"
		case "stale":
			p.Tone, p.Status, p.Error = view.Danger, t.Say("proposal_status_failed"), t.Say("proposal_same")
			p.Events = append(p.Events, view.ProposalEvent{At: now.Add(time.Hour), What: t.Say("proposal_status_failed"), Note: `proposal_stale: things have changed since it was proposed; daily was "50000000" and is "70000000"`})
		}
		return view.ProposalPage(p)
	}
}

func proposalKey(t locale.Text) templ.Component {
	return view.ProposalPage(view.ProposalDetail{Frame: centreFrame(t, t.Say("action_psp_key_add")), Back: "#", What: t.Say("action_psp_key_add"), Whom: "Demo Wallet",
		Tone: view.Good, Status: t.Say("proposal_status_done"), New: true, Changes: []view.ChangeRow{
			{Name: t.Say("diff_name"), After: "2027"}, {Name: t.Say("diff_algorithm"), After: "ed25519"},
			{Name: t.Say("diff_public_key"), After: "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="}, {Name: t.Say("diff_not_after"), After: t.Moment(now.AddDate(1, 0, 0))}},
		Details: []view.Field{{Label: t.Say("proposal_by"), Value: "Operator A"}, {Label: t.Say("proposal_decided_by"), Value: "Approver A"}, {Label: t.Say("proposal_outcome"), Value: "pk_0db4bqzs6qm5yvqm3w6dm5r8c1"}},
		Events: []view.ProposalEvent{{At: now, What: t.Say("proposal_status_proposed") + " · Operator A"}, {At: now.Add(time.Hour), What: t.Say("proposal_status_approved") + " · Approver A"},
			{At: now.Add(time.Hour), What: t.Say("proposal_status_done"), Note: "pk_0db4bqzs6qm5yvqm3w6dm5r8c1"}}})
}
