package web

import (
	"net/http"

	"tolom/fault"
	"tolom/payment"
	"tolom/store"
	"tolom/web/view"
	"tolom/wire"
)

// sticker shows the static code of the till, or of the merchant when the key is the merchant's.
func (p *pages) sticker(v *visit, c cashier) error {
	return p.showSticker(v, c, http.StatusOK, "")
}

func (p *pages) showSticker(v *visit, c cashier, status int, refusal string) error {
	s := view.Sticker{Frame: c.frame(v, string(view.AtSticker), view.AtSticker, v.text.Say("sticker_title")), Error: refusal}
	r, found, err := p.standing(v, c)
	if err != nil {
		return err
	}
	if !found {
		if s.Key, err = p.newKey(); err != nil {
			return err
		}
		return v.show(status, view.StickerPage(s))
	}
	pub, err := p.Platform.Public(v.r.Context(), string(r.ID))
	if err != nil {
		return err
	}
	path := "/p/" + r.ID.Token()
	s.Merchant, s.Store, s.State = pub.Merchant.Name, pub.Store.Name, stateOf(pub)
	s.Page, s.PDF, s.Link = path, path+"/qr.pdf", p.Platform.Site().LinkOf(r.Payload)
	if s.QR, err = p.code(r, v.text.Say("sticker_scan")); err != nil {
		return err
	}
	return v.show(status, view.StickerPage(s))
}

// standing finds the newest static request without an amount that has not ended.
func (p *pages) standing(v *visit, c cashier) (payment.Request, bool, error) {
	rows, _, err := p.Platform.Requests(v.r.Context(), c.Merchant, store.RequestFilter{Till: c.Till, Kind: payment.Static, Limit: 20})
	if err != nil {
		return payment.Request{}, false, err
	}
	for _, r := range rows {
		if !r.Status.Final() && r.Amount == 0 {
			return r, true, nil
		}
	}
	return payment.Request{}, false, nil
}

// newSticker makes the static request of the till. A form sent twice makes one.
func (p *pages) newSticker(v *visit, c cashier) error {
	if err := v.form(); err != nil {
		return err
	}
	key, err := once(v)
	if err != nil {
		return err
	}
	_, _, err = p.Platform.CreateRequest(v.r.Context(), c.Merchant, key, wire.NewPaymentRequest{Kind: string(payment.Static)})
	if err == nil {
		return v.then(string(view.AtSticker))
	}
	f := fault.From(err)
	if !answerable(f) {
		return err
	}
	return p.showSticker(v, c, statuses[f.Kind()], refusalIn(v, f))
}
