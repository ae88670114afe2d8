package web

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/store"
	"tolom/tariff"
	"tolom/web/locale"
	"tolom/web/view"
)

// tariffFields are what a version says, in the order in which people ask. What concerns banks alone is for the centre.
func (p *pages) tariffFields(v *visit, x tariff.Version, inside bool) (out []view.Field) {
	if x.Ends {
		return []view.Field{{Label: v.text.Say("diff_ends"), Value: v.text.Say("yes")}}
	}
	t := x.Tariff
	add := func(label, value string) { out = append(out, view.Field{Label: label, Value: value}) }
	sum := func(label string, a money.Amount) {
		if a != 0 {
			add(label, v.text.Money(a))
		}
	}
	add(v.text.Say("diff_rate"), v.text.Percent(t.Rate))
	sum(v.text.Say("diff_fixed"), t.Fixed)
	sum(v.text.Say("diff_min"), t.Min)
	sum(v.text.Say("diff_max"), t.Max)
	add(v.text.Say("tariff_bearer"), bearerOf(v, t))
	add(v.text.Say("diff_refunds_fee"), yesOrNo(v, t.RefundsFee))
	sum(v.text.Say("diff_refund_charge"), t.RefundCharge)
	if !inside {
		return out
	}
	add(v.text.Say("diff_interchange_rate"), v.text.Percent(t.InterchangeRate))
	for _, share := range x.Shares {
		add("· "+p.whom(v, share.PSP), v.text.Percent(share.Rate))
	}
	return out
}

func bearerOf(v *visit, t tariff.Tariff) string {
	if t.PayerBears {
		return v.text.Say("tariff_bearer_payer")
	}
	return v.text.Say("tariff_bearer_merchant")
}

func yesOrNo(v *visit, yes bool) string {
	if yes {
		return v.text.Say("yes")
	}
	return v.text.Say("no")
}

// tariffInShort is a version in a line: "0,50 % + 1,00 som · from 2,00 som · payer".
func tariffInShort(v *visit, x tariff.Version) string {
	t := x.Tariff
	parts := []string{v.text.Percent(t.Rate)}
	if t.Fixed != 0 {
		parts[0] += " + " + v.text.Money(t.Fixed)
	}
	if t.Min != 0 {
		parts = append(parts, v.text.Say("tariff_least", "Sum", v.text.Money(t.Min)))
	}
	if t.Max != 0 {
		parts = append(parts, v.text.Say("tariff_most", "Sum", v.text.Money(t.Max)))
	}
	return strings.Join(append(parts, bearerOf(v, t)), " · ")
}

// The limits of a tariff's fields, as browsers hold people to them.
var (
	percentField = templ.Attributes{"inputmode": "decimal", "maxlength": "6"}
	sumField     = templ.Attributes{"inputmode": "decimal", "maxlength": "24"}
)

// mostShares is how many payment services a form has rates for.
const mostShares = tariff.MaxShares

// tariffForm is the form of a new version: filled with what was typed, or with what holds now.
func (p *pages) tariffForm(v *visit, action string, owner id.ID, holds tariff.Version) (*view.TariffForm, error) {
	typed := v.r.PostForm
	if !typed.Has("rate") { // Nobody has sent this form.
		typed = tariffValues(holds)
	}
	field := func(name, label, unit string, more templ.Attributes) view.Input {
		return view.Input{Name: name, Label: label, Value: typed.Get(name), Unit: unit, More: more, Optional: true}
	}
	unit := v.text.Unit()
	f := &view.TariffForm{
		Action: action, FourEyes: p.Proposals.FourEyes(), RefundsFee: typed.Get("refunds_fee") != "", Ends: typed.Get("ends") != "", CanEnd: true,
		Rates: []view.Input{field("rate", v.text.Say("diff_rate"), "%", percentField), field("interchange_rate", v.text.Say("diff_interchange_rate"), "%", percentField)},
		Sums: []view.Input{field("fixed", v.text.Say("diff_fixed"), unit, sumField), field("min", v.text.Say("diff_min"), unit, sumField),
			field("max", v.text.Say("diff_max"), unit, sumField), field("refund_charge", v.text.Say("diff_refund_charge"), unit, sumField)},
		Bearers: []view.Option{{Value: "merchant", Name: v.text.Say("tariff_bearer_merchant"), Chosen: typed.Get("bearer") != "payer"},
			{Value: "payer", Name: v.text.Say("tariff_bearer_payer"), Chosen: typed.Get("bearer") == "payer"}},
		From: view.Input{Name: "valid_from", Type: "datetime-local", Label: v.text.Say("diff_valid_from"), Hint: v.text.Say("tariff_from_hint"), Value: typed.Get("valid_from"), Optional: true,
			More: templ.Attributes{"min": v.now().In(locale.Bishkek).Format(formMinute)}},
		Reason: reasonField(v),
	}
	switch {
	case owner == tariff.Centre:
		f.CanEnd = false
	case owner.Kind() == id.Merchant:
		f.EndsHint = v.text.Say("tariff_ends_merchant")
	default:
		f.EndsHint = v.text.Say("tariff_ends_category")
	}
	services, err := p.sharers(v, holds)
	for _, x := range services {
		share := field(shareField(x.ID), x.Name, "%", percentField)
		f.SharesOpen = f.SharesOpen || share.Value != ""
		f.Shares = append(f.Shares, share)
	}
	return f, err
}

// sharers are the payment services that the form has a rate for: those that have one, and others while there is room.
func (p *pages) sharers(v *visit, holds tariff.Version) (out []store.PSP, err error) {
	for _, share := range holds.Shares {
		x, err := p.Platform.Registry().PSP(v.r.Context(), share.PSP)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	others, err := p.Platform.Registry().Desk().PSPs().List(v.r.Context(), "", "", mostShares)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	for _, x := range others {
		if len(out) < mostShares && !slices.ContainsFunc(out, func(y store.PSP) bool { return y.ID == x.ID }) {
			out = append(out, x)
		}
	}
	return out, nil
}

// formMinute is how browsers write a moment to the minute.
const formMinute = "2006-01-02T15:04"

// sharePrefix begins the names of the fields with rates of payment services.
const sharePrefix = "share_"

func shareField(psp id.ID) string { return sharePrefix + psp.Token() }

// reasonField is where somebody says why, for the second person.
func reasonField(v *visit) view.Input {
	return view.Input{Name: "reason", Label: v.text.Say("proposal_reason"), Value: v.r.PostForm.Get("reason"), Optional: true, More: templ.Attributes{"maxlength": "500"}}
}

// tariffValues are the fields of the form as a version fills them.
func tariffValues(x tariff.Version) url.Values {
	t, out := x.Tariff, url.Values{}
	set := func(name string, value money.Amount) {
		if value != 0 {
			out.Set(name, value.String())
		}
	}
	set("rate", money.Amount(t.Rate))
	set("interchange_rate", money.Amount(t.InterchangeRate))
	set("fixed", t.Fixed)
	set("min", t.Min)
	set("max", t.Max)
	set("refund_charge", t.RefundCharge)
	if t.PayerBears {
		out.Set("bearer", "payer")
	}
	if t.RefundsFee {
		out.Set("refunds_fee", "yes")
	}
	for _, share := range x.Shares {
		out.Set(shareField(share.PSP), money.Amount(share.Rate).String())
	}
	return out
}

// newTariff asks for a new version.
func (p *pages) newTariff(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	owner, err := p.tariffOwner(v.r.Context(), v.r.PathValue("owner"))
	if err != nil {
		return err
	}
	again := func(err error) error {
		return p.showTariff(v, s, owner, tariffWrong(v, err), statuses[fault.From(err).Kind()])
	}
	body, err := tariffOfForm(v.r.PostForm)
	if err != nil {
		return again(err)
	}
	return p.propose(v, s, flow.Ask{Action: flow.ActSetTariff, Target: owner, Body: body, Reason: v.r.PostForm.Get("reason")}, s.at("/tariffs/"+tariffPath(owner)), again)
}

// tariffOfForm reads a version. Refused: invalid_request on a field.
func tariffOfForm(form url.Values) (x tariff.Version, err error) {
	if x.ValidFrom, err = momentOfForm(form, "valid_from"); err != nil {
		return x, err
	}
	if x.Ends = form.Get("ends") != ""; x.Ends {
		return x, nil // It has no numbers: whatever else the form holds is not meant.
	}
	t := &x.Tariff
	read := func(name string, to *money.Amount) {
		if err == nil {
			*to, err = sumOfForm(form, name)
		}
	}
	var rate, interchange money.Amount
	read("rate", &rate)
	read("interchange_rate", &interchange)
	read("fixed", &t.Fixed)
	read("min", &t.Min)
	read("max", &t.Max)
	read("refund_charge", &t.RefundCharge)
	t.Rate, t.InterchangeRate = int64(rate), int64(interchange)
	t.PayerBears, t.RefundsFee = form.Get("bearer") == "payer", form.Get("refunds_fee") != ""
	for _, name := range slices.Sorted(maps.Keys(form)) {
		token, ok := strings.CutPrefix(name, sharePrefix)
		if !ok || strings.TrimSpace(form.Get(name)) == "" {
			continue
		}
		psp, unknown := id.FromToken(id.PSP, token)
		if unknown != nil {
			return x, fault.Wrap(fault.InvalidRequest, unknown).On("psps")
		}
		var share money.Amount
		read(name, &share)
		x.Shares = append(x.Shares, tariff.Share{PSP: psp, Rate: int64(share)})
	}
	return x, err
}

// sumOfForm reads a sum, or a rate in percent, that may be left out.
func sumOfForm(form url.Values, name string) (money.Amount, error) {
	text := strings.TrimSpace(form.Get(name))
	if text == "" {
		return 0, nil
	}
	sum, err := money.Parse(text)
	if err != nil {
		return 0, fault.Wrap(fault.InvalidRequest, err).On(name)
	}
	return sum, nil
}

// momentOfForm reads a moment in Bishkek that may be left out.
func momentOfForm(form url.Values, name string) (time.Time, error) {
	text := form.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(formMinute, text, locale.Bishkek)
	if err != nil {
		return at, fault.Wrap(fault.InvalidRequest, err).On(name)
	}
	return at.UTC(), nil
}

// tariffWrong puts a refusal into words, at the field that it is of.
func tariffWrong(v *visit, err error) view.Wrong {
	f := fault.From(err)
	switch f.Param {
	case "valid_from":
		return view.Wrong{Text: v.text.Say("error_valid_from"), Field: f.Param}
	case "tariff", "psps":
		return view.Wrong{Text: v.text.Say("error_tariff"), Field: "rate"}
	case "":
		return view.Wrong{Text: f.Message(string(v.text.Lang))}
	}
	return view.Wrong{Text: v.text.Say("error_number"), Field: f.Param}
}

// propose asks for something and leads to done, or to the proposal that waits for a second person. A refusal that a form
// can show goes to again.
func (p *pages) propose(v *visit, s staff, a flow.Ask, done string, again func(error) error) error {
	a.By = proposal.Person{ID: s.ID, Name: cmp.Or(s.Name, s.Login)}
	x, err := p.Proposals.Ask(v.r.Context(), a)
	switch {
	case err == nil && x.Status == proposal.Done:
		return v.then(done)
	case err == nil:
		return v.then(s.at("/proposals/" + x.ID.Token()))
	}
	if status := statuses[fault.From(err).Kind()]; status == http.StatusConflict || status == http.StatusBadRequest {
		return again(err)
	}
	return err
}
