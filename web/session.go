package web

import (
	"net/http"
	"net/netip"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
	"tolom/web/view"
)

// sessionCookie carries the token of a session, which is no key and is worth nothing once the session is ended. Scripts cannot read it, other sites
// cannot send it, and it goes to the point of sale only.
const sessionCookie = "tolom_till"

// cashier is who stands at the till.
type cashier struct {
	access.Merchant
	session id.ID
	header  view.Till
}

// caller is the address that a browser is at.
func (p *pages) caller(r *http.Request) netip.Addr {
	return p.Proxies.Caller(r.RemoteAddr, r.Header["X-Forwarded-For"])
}

// who recognises the cashier; ok is false when nobody is signed in, or not any more.
func (p *pages) who(v *visit) (c cashier, ok bool, err error) {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		return c, false, nil
	}
	c.Merchant, c.session, err = p.Gate.Session(v.r.Context(), cookie.Value, p.caller(v.r))
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

// signedIn lets only a cashier through whose key has the scope; others are led to the door.
func (p *pages) signedIn(need access.Scope, show func(*visit, cashier) error) func(*visit) error {
	return func(v *visit) error {
		c, ok, err := p.who(v)
		if err != nil {
			return err
		}
		if !ok {
			return v.then(string(view.AtSale))
		}
		if err := c.Allow(need, false); err != nil {
			return err
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

// enter signs in with the code of a till, or with the key that was pasted.
func (p *pages) enter(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	if code := strings.TrimSpace(v.r.PostForm.Get("code")); code != "" {
		return p.pair(v, code)
	}
	return p.openTill(v, strings.TrimSpace(v.r.PostForm.Get("key")))
}

// pair opens the till that a code was made for.
func (p *pages) pair(v *visit, code string) error {
	token, s, err := p.Platform.Registry().PairTill(v.r.Context(), code, p.caller(v.r))
	switch {
	case fault.Has(err, fault.Unauthorized):
		return p.door(v, http.StatusUnauthorized, v.text.Say("error_code"))
	case fault.Has(err, fault.RateLimited):
		return p.door(v, http.StatusTooManyRequests, v.text.Say("error_codes"))
	case err != nil:
		return err
	}
	return p.let(v, token, s)
}

// enterDemo opens the till of the demo, which has no secret to keep.
func (p *pages) enterDemo(v *visit) error {
	if p.DemoKey == "" {
		return fault.New(fault.NotFound)
	}
	return p.openTill(v, p.DemoKey)
}

func (p *pages) openTill(v *visit, key string) error {
	who, err := p.Gate.MerchantFrom(v.r.Context(), key, p.caller(v.r))
	if fault.Has(err, fault.Unauthorized) {
		return p.door(v, http.StatusUnauthorized, v.text.Say("error_key"))
	}
	if err != nil {
		return err
	}
	if err := who.Allow(access.Read, false); err != nil {
		return err
	}
	token, s, err := p.Platform.Registry().OpenTill(v.r.Context(), who)
	if err != nil {
		return err
	}
	return p.let(v, token, s)
}

// let gives the browser its token.
func (p *pages) let(v *visit, token string, s store.TillSession) error {
	p.keep(v, token, int(s.ExpiresAt.Sub(s.CreatedAt).Seconds()))
	return v.then(string(view.AtSale))
}

// leave signs out: the session ends, so a copy of its token is worth nothing.
func (p *pages) leave(v *visit) error {
	c, ok, err := p.who(v)
	if err == nil && ok {
		_, err = p.Platform.Registry().EndSession(v.r.Context(), c.ID, c.session)
	}
	if err != nil {
		return err
	}
	p.keep(v, "", -1)
	return v.then(string(view.AtSale))
}

func (p *pages) keep(v *visit, token string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: sessionCookie, Value: token, Path: string(view.AtSale), MaxAge: seconds,
		HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteStrictMode,
	})
}
