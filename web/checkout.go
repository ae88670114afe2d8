package web

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"tolom/fault"
	"tolom/flow"
	"tolom/payment"
	"tolom/qrimage"
	"tolom/web/view"
)

// refresh is how often a browser without scripts looks again, in seconds.
const refresh = 5

// checkout is the page of a request, for its payer.
func (p *pages) checkout(v *visit) error {
	pub, err := p.Platform.Public(v.r.Context(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	c, err := p.checkoutOf(v, pub)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, view.CheckoutPage(c))
}

func (p *pages) checkoutOf(v *visit, pub flow.PublicRequest) (view.Checkout, error) {
	r, path := pub.Request, "/p/"+pub.Request.ID.Token()
	live, err := p.live(v.r.Context(), v.text, pub)
	if err != nil {
		return view.Checkout{}, err
	}
	c := view.Checkout{
		Frame:    v.frame(v.text.Say("title_checkout", "Merchant", pub.Merchant.Name), "live.js").ForPayers(),
		Merchant: pub.Merchant.Name, Store: pub.Store.Name, Amount: r.Amount, Editable: r.AmountEditable,
		Description: r.Description, Extra: extras(r), Link: p.Platform.Site().LinkOf(r.Payload), Live: live,
		Stream: path + "/stream?lang=" + string(v.text.Lang), PNG: path + "/qr.png",
	}
	if c.FeeOnTop = pub.Tariff.PayerBears && !live.State.Final(); c.FeeOnTop && r.Amount > 0 {
		c.Fee, _ = pub.Tariff.Price(r.Amount)
	}
	if live.State.Final() {
		return c, nil
	}
	c.Refresh = refresh
	c.QR, err = p.code(r, v.text.Say("how_scan"))
	return c, err
}

// code draws the link of a request: a camera without a bank app finds the way, too.
func (p *pages) code(r payment.Request, title string) (string, error) {
	svg, err := qrimage.SVG(p.Platform.Site().LinkOf(r.Payload), qrimage.Options{Label: title})
	return string(svg), err
}

// extras gives the further fields that a payer is to see.
func extras(r payment.Request) (out []view.Field) {
	for _, x := range r.Extra {
		if !x.Visible {
			continue
		}
		label := x.Label
		if label == "" {
			label = x.Key
		}
		out = append(out, view.Field{Label: label, Value: x.Value})
	}
	return out
}

// checkoutStream tells the page of a request what changes.
func (p *pages) checkoutStream(v *visit) error {
	pub, err := p.Platform.Public(v.r.Context(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	return p.stream(v, pub.Request.ID, func(l view.Live) templ.Component { return view.LiveStatus(l) })
}

// painter draws the picture of a link; size is 0 when nobody asked for one.
type painter func(pub flow.PublicRequest, link string, size int) ([]byte, error)

// picture answers with the QR code of a request. The link of a request never
// changes, so the picture may be kept.
func (p *pages) picture(draw painter, kind string) func(*visit) error {
	return func(v *visit) error {
		pub, err := p.Platform.Public(v.r.Context(), v.r.PathValue("token"))
		if err != nil {
			return err
		}
		size, err := sizeOf(v.r)
		if err != nil {
			return err
		}
		picture, err := draw(pub, p.Platform.Site().LinkOf(pub.Request.Payload), size)
		if errors.Is(err, qrimage.ErrSize) {
			return fault.Wrap(fault.InvalidRequest, err).On("size")
		}
		if err != nil {
			return err
		}
		v.w.Header().Set("Content-Type", kind)
		v.w.Header().Set("Cache-Control", "public, max-age=86400")
		http.ServeContent(v.w, v.r, "", pub.Request.CreatedAt, bytes.NewReader(picture))
		return nil
	}
}

func sizeOf(r *http.Request) (int, error) {
	text := r.URL.Query().Get("size")
	if text == "" {
		return 0, nil
	}
	size, err := strconv.Atoi(text)
	if err != nil {
		return 0, fault.New(fault.InvalidRequest).On("size")
	}
	return size, nil
}

func drawPNG(_ flow.PublicRequest, link string, size int) ([]byte, error) {
	return qrimage.PNG(link, qrimage.Options{Size: size})
}

func drawSVG(_ flow.PublicRequest, link string, size int) ([]byte, error) {
	return qrimage.SVG(link, qrimage.Options{Size: size})
}

// drawPDF is the sticker for a counter.
func (p *pages) drawPDF(pub flow.PublicRequest, link string, _ int) ([]byte, error) {
	s := qrimage.Sticker{Merchant: pub.Merchant.Name, Store: pub.Store.Name, Till: pub.Till.Name}
	if pub.Request.Amount > 0 {
		s.Amount = pub.Request.Amount.String() + " сом"
	}
	return qrimage.PDF(link, s)
}
