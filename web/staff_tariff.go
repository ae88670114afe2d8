package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/tariff"
	"tolom/web/view"
)

// tariffPages are the tariffs of the centre, of categories and of merchants: what holds, what will, and new versions.
func (p *pages) tariffPages() []staffPage {
	return []staffPage{
		{"GET", "/tariffs", access.SeePlatform, "nav_tariffs", p.tariffs},
		{"GET", "/tariffs/{owner}", access.SeePlatform, "", p.tariffOfOwner},
		{"POST", "/tariffs/{owner}", access.HandleRegistry, "", p.newTariff},
		{"POST", "/tariffs/{owner}/{version}/withdraw", access.HandleRegistry, "", p.withdrawTariff},
	}
}

// ownTariffPages are what payments cost a merchant.
func (p *pages) ownTariffPages() []staffPage {
	return []staffPage{{"GET", "/tariff", access.SeeStatements, "nav_tariff", p.tariffOfMerchant}}
}

// mostTariffs is how many versions are looked at for the list of whose tariffs there are.
const mostTariffs = 2000

// tariffs lists whose tariffs there are, or leads to somebody's whose number was typed.
func (p *pages) tariffs(v *visit, s staff) error {
	typed := strings.TrimSpace(v.r.URL.Query().Get("of"))
	page := view.Tariffs{Frame: s.frame(v, v.text.Say("nav_tariffs")), Find: s.at("/tariffs"), Typed: typed}
	status := http.StatusOK
	if typed != "" {
		owner, err := p.tariffOwner(v.r.Context(), strings.TrimPrefix(typed, string(id.Merchant)))
		if err == nil {
			return v.then(s.at("/tariffs/" + tariffPath(owner)))
		}
		if !fault.Has(err, fault.NotFound) {
			return err
		}
		page.Wrong, status = view.Wrong{Text: v.text.Say("error_tariff_of"), Field: "of"}, http.StatusNotFound
	}
	owners, more, err := p.tariffOwners(v.r.Context())
	if err != nil {
		return err
	}
	page.More = more
	for _, owner := range owners {
		row, err := p.tariffRow(v, s, owner)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, row)
	}
	return v.show(status, view.TariffsPage(page))
}

// tariffOwners are the centre, categories by their numbers, and merchants with versions that were put for them.
func (p *pages) tariffOwners(ctx context.Context) (owners []id.ID, more bool, err error) {
	seen, read := map[id.ID]bool{tariff.Centre: true}, 0
	shelf := p.Platform.Registry().Desk().Tariffs()
	for after := id.ID(""); read < mostTariffs; {
		list, err := shelf.List(ctx, "", after, 200)
		if err != nil {
			return nil, false, fault.Wrap(fault.OutOfService, err)
		}
		for _, x := range list {
			seen[x.Owner], after = true, x.ID
		}
		if read += len(list); len(list) < 200 {
			break
		}
	}
	for owner := range seen {
		owners = append(owners, owner)
	}
	kind := func(owner id.ID) int { return slices.Index([]id.Kind{"", id.Merchant}, owner.Kind()) }
	slices.SortFunc(owners, func(a, b id.ID) int {
		return cmp.Or(boolsFirst(a == tariff.Centre, b == tariff.Centre), cmp.Compare(kind(a), kind(b)), cmp.Compare(a, b))
	})
	return owners, read >= mostTariffs, nil
}

// boolsFirst puts what is true before what is not.
func boolsFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// tariffPath is how an owner is named in addresses.
func tariffPath(owner id.ID) string {
	if mcc, ok := tariff.MCC(owner); ok {
		return mcc
	}
	if owner == tariff.Centre {
		return string(owner)
	}
	return owner.Token()
}

// tariffOwner reads such a name. Refused: not_found.
func (p *pages) tariffOwner(ctx context.Context, name string) (id.ID, error) {
	if name == string(tariff.Centre) {
		return tariff.Centre, nil
	}
	if len(name) == 4 && strings.Trim(name, "0123456789") == "" {
		return tariff.Category(name), nil
	}
	merchant, err := id.FromToken(id.Merchant, name)
	if err != nil {
		return "", fault.New(fault.NotFound)
	}
	_, err = p.Platform.Registry().Merchant(ctx, merchant)
	return merchant, err
}

// tariffName says whose a tariff is.
func (p *pages) tariffName(v *visit, owner id.ID) string {
	if mcc, ok := tariff.MCC(owner); ok {
		return v.text.Say("tariff_of_category", "MCC", mcc)
	}
	if owner == tariff.Centre {
		return v.text.Say("tariff_of_centre")
	}
	return p.whom(v, owner)
}

func (p *pages) tariffRow(v *visit, s staff, owner id.ID) (row view.ProposalRow, err error) {
	all, err := p.Platform.Registry().Tariffs(v.r.Context(), owner)
	if err != nil {
		return row, err
	}
	row = view.ProposalRow{Link: s.at("/tariffs/" + tariffPath(owner)), What: p.tariffName(v, owner), Tone: view.Calm, Status: v.text.Say("tariff_status_none")}
	for _, x := range all {
		switch state := versionStateOf(x, all, v.now()); {
		case state == versionHolds && !x.Ends:
			row.About, row.Tone, row.Status = tariffInShort(v, x), view.Good, v.text.Say("tariff_status_holds")
		case state == versionComes:
			row.Tone, row.Status = view.Warn, v.text.Say("tariff_from", "When", v.text.Moment(x.ValidFrom))
		}
	}
	return row, nil
}

// versionState is how a version stands at a moment; the names are those of messages.
type versionState string

const (
	versionHolds     versionState = "holds"
	versionComes     versionState = "comes"
	versionEnded     versionState = "ended"
	versionWithdrawn versionState = "withdrawn"
)

// versionStateOf says how a version stands among its owner's, which are in their order.
func versionStateOf(x tariff.Version, all []tariff.Version, now time.Time) versionState {
	switch {
	case !x.WithdrawnAt.IsZero():
		return versionWithdrawn
	case x.ValidFrom.After(now):
		return versionComes
	}
	for _, other := range all {
		if other.WithdrawnAt.IsZero() && other.ValidFrom.After(x.ValidFrom) && !other.ValidFrom.After(now) {
			return versionEnded
		}
	}
	return versionHolds
}

// tariffOfOwner shows an owner's tariff to the centre.
func (p *pages) tariffOfOwner(v *visit, s staff) error {
	owner, err := p.tariffOwner(v.r.Context(), v.r.PathValue("owner"))
	if err != nil {
		return err
	}
	return p.showTariff(v, s, owner, view.Wrong{}, http.StatusOK)
}

// showTariff shows an owner's tariff with the form of a new version, and what was wrong with it.
func (p *pages) showTariff(v *visit, s staff, owner id.ID, wrong view.Wrong, status int) error {
	at := s.at("/tariffs/" + tariffPath(owner))
	page := view.TariffDetail{Frame: s.frameAt(v, at, p.tariffName(v, owner)), Back: s.at("/tariffs"), BackName: v.text.Say("nav_tariffs"), Title: p.tariffName(v, owner), Here: at}
	if owner.Kind() == id.Merchant {
		page.About = string(owner)
	}
	holds, err := p.fillTariff(v, owner, &page, true)
	if err != nil {
		return err
	}
	for i := range page.Versions {
		if w := page.Versions[i].Withdraw; w != "" && s.may(access.HandleRegistry) {
			page.Versions[i].Withdraw = at + "/" + w + "/withdraw"
		} else {
			page.Versions[i].Withdraw = ""
		}
	}
	if s.may(access.HandleRegistry) {
		if page.Form, err = p.tariffForm(v, at, owner, holds); err != nil {
			return err
		}
		page.Form.Wrong = wrong
	}
	return v.show(status, view.TariffPage(page))
}

// tariffOfMerchant shows a merchant what payments cost.
func (p *pages) tariffOfMerchant(v *visit, s staff) error {
	title := v.text.Say("nav_tariff")
	page := view.TariffDetail{Frame: s.frame(v, title), Title: title, About: v.text.Say("tariff_hint"), Here: s.at("/tariff")}
	if _, err := p.fillTariff(v, s.Merchant.ID, &page, false); err != nil {
		return err
	}
	for i := range page.Versions {
		page.Versions[i].Withdraw = ""
	}
	return v.show(http.StatusOK, view.TariffPage(page))
}

// fillTariff fills in what holds, the example, and all versions; the token of one that can be withdrawn stands in Withdraw.
func (p *pages) fillTariff(v *visit, owner id.ID, page *view.TariffDetail, inside bool) (holds tariff.Version, err error) {
	all, err := p.Platform.Registry().Tariffs(v.r.Context(), owner)
	if err != nil {
		return holds, err
	}
	if holds, err = p.tariffThatHolds(v.r.Context(), owner, all, v.now()); err != nil {
		return holds, err
	}
	page.Now, page.NowOf = p.tariffFields(v, holds, inside), p.tariffName(v, holds.Owner)
	if holds.Owner == owner {
		page.NowOf = ""
	}
	if text := v.r.URL.Query().Get("amount"); text != "" {
		p.tariffExample(v, holds, text, page, inside)
	}
	slices.Reverse(all)
	for _, x := range all {
		state := versionStateOf(x, all, v.now())
		row := view.VersionRow{From: v.text.Say("tariff_always"), Tone: versionTone(state), Status: v.text.Say("tariff_status_" + string(state)), Terms: p.tariffFields(v, x, inside)}
		if !x.ValidFrom.IsZero() {
			row.From = v.text.Say("tariff_from", "When", v.text.Moment(x.ValidFrom))
		}
		if inside && x.By != "" {
			row.Terms = append(row.Terms, view.Field{Label: v.text.Say("tariff_by"), Value: x.By})
		}
		if state == versionComes {
			row.Withdraw = x.ID.Token()
		}
		page.Versions = append(page.Versions, row)
	}
	return holds, nil
}

func versionTone(state versionState) view.Tone {
	switch state {
	case versionHolds:
		return view.Good
	case versionComes:
		return view.Warn
	}
	return view.Calm
}

// tariffThatHolds is a merchant's by whoever's it is, and a category's or the centre's own.
func (p *pages) tariffThatHolds(ctx context.Context, owner id.ID, all []tariff.Version, now time.Time) (tariff.Version, error) {
	if owner.Kind() == id.Merchant {
		q, err := p.Platform.Registry().Quote(ctx, owner, "", 0, time.Time{})
		return q.Version, err
	}
	if v := (tariff.Book{Own: all}).At(now); v.Owner == owner {
		return v, nil
	}
	none := tariff.None
	none.Owner = owner
	none.Ends = true
	return none, nil
}

// tariffExample prices an amount by a version.
func (p *pages) tariffExample(v *visit, x tariff.Version, text string, page *view.TariffDetail, inside bool) {
	page.Amount = text
	amount, err := money.Parse(text)
	if err != nil || amount == 0 {
		page.ExampleWrong = view.Wrong{Text: v.text.Say("error_amount"), Field: "amount"}
		return
	}
	price := x.Price(amount, "")
	add := func(label string, sum money.Amount) {
		page.Example = append(page.Example, view.Field{Label: label, Value: v.text.Money(sum)})
	}
	add(v.text.Say("tariff_payer_pays"), amount+price.Surcharge)
	add(v.text.Say("tariff_fee"), price.Fee+price.Surcharge)
	if inside {
		add(v.text.Say("diff_interchange_rate"), price.Interchange)
	}
	add(v.text.Say("tariff_merchant_gets"), amount-price.Fee)
}

// withdrawTariff takes back a version that has not begun.
func (p *pages) withdrawTariff(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	owner, err := p.tariffOwner(v.r.Context(), v.r.PathValue("owner"))
	if err != nil {
		return err
	}
	version, err := named(v, "version", id.Tariff)
	if err != nil {
		return err
	}
	all, err := p.Platform.Registry().Tariffs(v.r.Context(), owner)
	if err == nil && !slices.ContainsFunc(all, func(x tariff.Version) bool { return x.ID == version }) {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return err
	}
	return p.propose(v, s, flow.Ask{Action: flow.ActWithdrawTariff, Target: version, Body: flow.NoBody{}}, s.at("/tariffs/"+tariffPath(owner)), func(err error) error {
		return p.showTariff(v, s, owner, view.Wrong{Text: v.text.Say("error_tariff_begun")}, statuses[fault.From(err).Kind()])
	})
}
