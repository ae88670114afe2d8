package web

import (
	"net/http"
	"net/url"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/web/view"
)

const unpayablePath = "/unpayable"

// unpayablePages are where the centre sees whose money waits for an account.
func (p *pages) unpayablePages() []staffPage {
	return []staffPage{{"GET", unpayablePath, access.SeePlatform, "", p.unpayable}}
}

// unpayableLine says how much money waits for an account, "" when none does.
func (p *pages) unpayableLine(v *visit) (string, error) {
	if p.Days == nil {
		return "", nil
	}
	count, owed, err := p.Days.UnpayableSum(v.r.Context())
	if err != nil || count == 0 {
		return "", err
	}
	return v.text.Say("unpayable_line", "N", count, "Amount", v.text.Money(owed)), nil
}

// unpayable lists merchants whose money waits for an account.
func (p *pages) unpayable(v *visit, s staff) error {
	after, err := flow.Cursor(v.r.URL.Query().Get("after"), "after")
	if err != nil {
		return err
	}
	list, err := p.Days.Unpayable(v.r.Context(), after, pageRows+1)
	if err != nil {
		return err
	}
	page := view.Payouts{Frame: s.frame(v, v.text.Say("unpayable")), Title: v.text.Say("unpayable"), Hint: v.text.Say("unpayable_hint"), None: v.text.Say("unpayable_none")}
	if page.Note, err = p.unpayableLine(v); err != nil {
		return err
	}
	if len(list) > pageRows {
		list = list[:pageRows]
		page.Later = s.at(unpayablePath) + "?after=" + url.QueryEscape(string(list[pageRows-1].Merchant))
	}
	for _, u := range list {
		why := v.text.Say("unpayable_no_bank")
		if u.Participant != "" {
			why = v.text.Say("unpayable_no_account")
		}
		page.Rows = append(page.Rows, view.DepositRow{Link: s.at(partyPath(u.Merchant)), What: u.Name, About: why, Amount: v.text.Money(u.Owed), Tone: view.Warn, Word: v.text.Say("unpayable_waits")})
	}
	return v.show(http.StatusOK, view.PayoutsPage(page))
}

// waitsForAccount says to a merchant that nothing can be paid out to it, "" when it can.
func (p *pages) waitsForAccount(v *visit, s staff) (string, error) {
	m, err := p.Platform.Registry().Desk().Merchants().Get(v.r.Context(), s.Merchant.ID)
	if err != nil {
		return "", fault.Wrap(fault.OutOfService, err)
	}
	if !flow.WithoutAccount(m) {
		return "", nil
	}
	balance, _, err := p.Platform.Balance(v.r.Context(), s.As)
	if balance <= 0 || err != nil {
		return v.text.Say("payouts_no_account"), err
	}
	return v.text.Say("payouts_wait", "Amount", v.text.Money(balance)), nil
}
