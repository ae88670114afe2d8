package web

import (
	"net/http"
	"net/url"
	"strings"

	"tolom/elqr"
	"tolom/fault"
	"tolom/flow"
	"tolom/web/view"
)

// home is the front page. A link of ours is this page with a payload in the
// fragment, which its script hands to open.
func (p *pages) home(v *visit) error {
	h := view.Home{Frame: v.frame(v.text.Say("title_home")).ForPayers(), Phone: p.Phone}
	h.Early = "open.js"
	return v.show(http.StatusOK, view.HomePage(h))
}

// open says what a link would pay, and with which apps, or warns of it. All
// verdicts are answers to a question and have status 200.
func (p *pages) open(v *visit) error {
	link := strings.TrimSpace(v.r.URL.Query().Get("link"))
	if link == "" {
		return v.then("/")
	}
	o := view.Open{Frame: v.frame(v.text.Say("title_open")).ForPayers(), Link: link}
	pub, err := p.Platform.Landing(v.r.Context(), link)
	if err != nil {
		if o.Verdict, err = verdictOf(err); err != nil {
			return err
		}
		return v.show(http.StatusOK, view.OpenPage(o))
	}
	p.describe(&o, pub)
	return v.show(http.StatusOK, view.OpenPage(o))
}

// verdictOf says what is wrong with the link; a failure of ours is given back as it is.
func verdictOf(err error) (view.Verdict, error) {
	switch fault.From(err).Code {
	case fault.PayloadInvalid:
		return view.Unreadable, nil
	case fault.PayloadAltered:
		return view.Altered, nil
	case fault.NotFound:
		return view.Forged, nil
	case fault.ForeignProvider:
		return view.Foreign, nil
	}
	return "", err
}

// describe fills in the request that the link names.
func (p *pages) describe(o *view.Open, pub flow.PublicRequest) {
	r := pub.Request
	o.Verdict, o.Page = view.Genuine, "/p/"+r.ID.Token()
	o.Merchant, o.Store, o.Amount = pub.Merchant.Name, pub.Store.Name, r.Amount
	o.Description, o.Extra = r.Description, extras(r)
	refusal := r.Open()
	if refusal == nil && pub.Merchant.Suspended {
		refusal = fault.New(fault.MerchantSuspended)
	}
	if refusal != nil {
		o.Verdict, o.Why = view.Closed, refusal.Message(string(o.Lang))
		return
	}
	for _, app := range p.Apps {
		if link := app.link(r.Payload, p.Platform.Site().LinkOf(r.Payload)); link != "" {
			o.Apps = append(o.Apps, view.App{Name: app.Name, Link: link})
		}
	}
}

// link gives the address that opens the app; "" when its scheme breaks the
// national QR regulation.
func (a App) link(payload, link string) string {
	if a.Page != "" {
		return a.Page + url.QueryEscape(link)
	}
	base, err := elqr.BankBase(a.Scheme)
	if err != nil {
		return ""
	}
	return elqr.Link(base, payload)
}
