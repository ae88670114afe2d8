package web

import (
	"net/url"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/web/view"
)

// limitRows are the limits that a kind of party can have, and what is used of them.
func limitRows(v *visit, u flow.Usage) (out []view.LimitRow) {
	row := func(name string, limit money.Amount) *view.LimitRow {
		out = append(out, view.LimitRow{Name: name, Value: v.text.Say("limits_without")})
		if limit != 0 {
			out[len(out)-1].Value = v.text.Money(limit)
		}
		return &out[len(out)-1]
	}
	used := func(row *view.LimitRow, limit, used money.Amount) {
		if limit == 0 {
			return
		}
		row.Part = int(min(used, limit) * 100 / limit)
		row.Used, row.Near = v.text.Say("limits_used", "Sum", v.text.Money(used), "Part", row.Part), row.Part >= nearlyUsed
	}
	used(row(v.text.Say("diff_daily"), u.Daily), u.Daily, u.DailyUsed)
	kind := u.Owner.Kind()
	if kind == id.Merchant {
		row(v.text.Say("diff_min_amount"), u.Least)
	}
	if kind != id.Participant {
		row(v.text.Say("diff_max_amount"), u.Most)
	}
	if kind != id.Merchant {
		used(row(v.text.Say("diff_net_debit"), u.NetDebit), u.NetDebit, u.NetDebitUsed)
	}
	return out
}

// nearlyUsed is from which percentage on little is left of a limit.
const nearlyUsed = 90

// limitForm is the form that changes limits: filled with what was typed, or with what holds.
func (p *pages) limitForm(v *visit, action string, u flow.Usage) *view.LimitForm {
	f := &view.LimitForm{Action: action, Reason: reasonField(v), FourEyes: p.Proposals.FourEyes()}
	typed := v.r.PostForm
	field := func(name, label string, holds money.Amount) {
		in := view.Input{Name: name, Label: label, Unit: v.text.Unit(), More: sumField, Optional: true}
		switch {
		case typed.Has("daily"): // which every such form has
			in.Value = typed.Get(name)
		case holds != 0:
			in.Value = holds.String()
		}
		f.Sums = append(f.Sums, in)
	}
	kind := u.Owner.Kind()
	field("daily", v.text.Say("diff_daily"), u.Daily)
	if kind == id.Merchant {
		field("min_amount", v.text.Say("diff_min_amount"), u.Least)
	}
	if kind != id.Participant {
		field("max_amount", v.text.Say("diff_max_amount"), u.Most)
	}
	if kind != id.Merchant {
		field("net_debit", v.text.Say("diff_net_debit"), u.NetDebit)
	}
	return f
}

// limitsOf asks for other limits.
func (p *pages) limitsOf(kind id.Kind) func(*visit, staff) error {
	return func(v *visit, s staff) error {
		party, err := named(v, "party", kind)
		if err == nil {
			err = v.form()
		}
		if err != nil {
			return err
		}
		again := func(err error) error {
			return p.showParty(v, s, party, limitsWrong(v, err), statuses[fault.From(err).Kind()])
		}
		body, err := limitsOfForm(v.r.PostForm)
		if err != nil {
			return again(err)
		}
		return p.propose(v, s, flow.Ask{Action: flow.ActSetLimits, Target: party, Body: body, Reason: v.r.PostForm.Get("reason")}, s.at(partyPath(party)), again)
	}
}

// limitsOfForm reads limits. Refused: invalid_request on a field.
func limitsOfForm(form url.Values) (body flow.LimitsBody, err error) {
	for _, x := range []struct {
		name string
		to   *money.Amount
	}{{"daily", &body.Daily}, {"min_amount", &body.Least}, {"max_amount", &body.Most}, {"net_debit", &body.NetDebit}} {
		if *x.to, err = sumOfForm(form, x.name); err != nil {
			return body, err
		}
	}
	return body, nil
}

// limitsWrong puts a refusal into words, at the field that it is of.
func limitsWrong(v *visit, err error) view.Wrong {
	switch f := fault.From(err); {
	case f.Param == "min_amount" && f.Code == fault.InvalidRequest && f.Detail != "":
		return view.Wrong{Text: v.text.Say("error_limits_cross"), Field: f.Param}
	case f.Param != "" && f.Param != "reason":
		return view.Wrong{Text: v.text.Say("error_number"), Field: f.Param}
	default:
		return view.Wrong{Text: f.Message(string(v.text.Lang)), Field: f.Param}
	}
}
