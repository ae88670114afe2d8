package web

import (
	"net/http"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/web/view"
)

// sessionCookie carries the key of the till. Scripts cannot read it, other sites
// cannot send it, and it goes to the point of sale only.
const sessionCookie = "tolom_till"

// sessionLife is a long working day, after which a forgotten till closes itself.
const sessionLife = 16 * time.Hour

// cashier is who stands at the till.
type cashier struct {
	access.Merchant
	header view.Till
}

// who recognises the cashier; ok is false when nobody is signed in, or not any more.
func (p *pages) who(v *visit) (c cashier, ok bool, err error) {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		return c, false, nil
	}
	c.Merchant, err = p.Gate.Merchant(v.r.Context(), cookie.Value)
	if fault.Has(err, fault.Unauthorized) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	c.header, err = p.header(v, c.Merchant)
	return c, err == nil, err
}

func (p *pages) header(v *visit, who access.Merchant) (h view.Till, err error) {
	m, err := p.Platform.Registry().Merchant(v.r.Context(), who.ID)
	if err != nil {
		return h, err
	}
	h.Merchant = m.Name
	if who.Till == "" {
		return h, nil
	}
	till, err := p.Platform.Registry().Till(v.r.Context(), who.Till)
	h.Name = till.Name
	return h, err
}

// signedIn lets only a cashier through; others are led to the door.
func (p *pages) signedIn(show func(*visit, cashier) error) func(*visit) error {
	return func(v *visit) error {
		c, ok, err := p.who(v)
		if err != nil {
			return err
		}
		if !ok {
			return v.then(string(view.AtSale))
		}
		return show(v, c)
	}
}

// frame starts a page of the point of sale.
func (c cashier) frame(v *visit, path string, here view.Place, title string) view.Frame {
	f := v.frameAt(path, title, "live.js", "pos.js")
	header := c.header
	header.Here = here
	f.Till = &header
	return f
}

// door shows where to sign in.
func (p *pages) door(v *visit, status int, refusal string) error {
	return v.show(status, view.EnterPage(view.Enter{Frame: v.frameAt(string(view.AtSale), v.text.Say("pos_title")), Demo: p.DemoKey != "", Error: refusal}))
}

// enter signs in with the key that was pasted.
func (p *pages) enter(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	return p.openTill(v, strings.TrimSpace(v.r.PostForm.Get("key")))
}

// enterDemo opens the till of the demo, which has no secret to keep.
func (p *pages) enterDemo(v *visit) error {
	if p.DemoKey == "" {
		return fault.New(fault.NotFound)
	}
	return p.openTill(v, p.DemoKey)
}

func (p *pages) openTill(v *visit, key string) error {
	_, err := p.Gate.Merchant(v.r.Context(), key)
	if fault.Has(err, fault.Unauthorized) {
		return p.door(v, http.StatusUnauthorized, v.text.Say("error_key"))
	}
	if err != nil {
		return err
	}
	p.keep(v, key, int(sessionLife.Seconds()))
	return v.then(string(view.AtSale))
}

// leave signs out.
func (p *pages) leave(v *visit) error {
	p.keep(v, "", -1)
	return v.then(string(view.AtSale))
}

func (p *pages) keep(v *visit, key string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Value: key, Path: string(view.AtSale), MaxAge: seconds,
		HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteStrictMode,
	})
}
