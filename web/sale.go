package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"

	"github.com/a-h/templ"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/money"
	"tolom/store"
	"tolom/web/view"
	"tolom/wire"
)

// recentRows is how many last payments stand beside the keypad.
const recentRows = 8

// entry is where a sale begins, or the door when nobody is signed in.
func (p *pages) entry(v *visit) error {
	c, ok, err := p.who(v)
	if err != nil {
		return err
	}
	if !ok {
		return p.door(v, http.StatusOK, "")
	}
	if err := c.Allow(access.Read, false); err != nil {
		return err
	}
	return p.showEntry(v, c, http.StatusOK, view.Entry{})
}

// showEntry fills in what every drawing of the page needs: a new name for the
// next sale, and the last payments.
func (p *pages) showEntry(v *visit, c cashier, status int, e view.Entry) error {
	rows, _, err := p.Platform.Payments(v.r.Context(), c.Merchant, store.PaymentFilter{Till: c.Till, Limit: recentRows})
	if err != nil {
		return err
	}
	if e.Key, err = p.newKey(); err != nil {
		return err
	}
	e.Frame = c.frame(v, string(view.AtSale), view.AtSale, v.text.Say("nav_sale"))
	e.Now, e.Recent = v.now(), paymentRows(v.text, rows)
	return v.show(status, view.EntryPage(e))
}

// newKey names a form, so that sending it twice does one thing.
func (p *pages) newKey() (string, error) {
	name, err := p.random(16)
	return "pos-" + name, err
}

var keyShape = regexp.MustCompile(`^pos-[0-9a-f]{32}$`)

// once makes the form's name and content the idempotency of what it asks for. A
// form without its name is not ours: sent twice, it would do the thing twice.
func once(v *visit, words ...string) (flow.Idempotency, error) {
	key := v.r.PostForm.Get("key")
	if !keyShape.MatchString(key) {
		return flow.Idempotency{}, fault.New(fault.InvalidRequest).On("key")
	}
	sum := sha256.Sum256([]byte(v.r.URL.Path + "\x00" + strings.Join(words, "\x00")))
	return flow.Idempotency{Key: key, Fingerprint: hex.EncodeToString(sum[:])}, nil
}

// newSale makes the request of a sale. Pressing the button twice, or again after
// a lost answer, leads to the one request that was made.
func (p *pages) newSale(v *visit, c cashier) error {
	if err := v.form(); err != nil {
		return err
	}
	e := view.Entry{Amount: v.r.PostForm.Get("amount"), Description: strings.TrimSpace(v.r.PostForm.Get("description"))}
	amount, err := money.Parse(e.Amount)
	if err != nil || amount == 0 {
		e.Error = v.text.Say("error_amount")
		return p.showEntry(v, c, http.StatusBadRequest, e)
	}
	key, err := once(v, amount.Plain(), e.Description)
	if err != nil {
		return err
	}
	made, _, err := p.Platform.CreateRequest(v.r.Context(), c.Merchant, key, wire.NewPaymentRequest{Amount: int64(amount), Description: e.Description})
	if err != nil {
		return p.saleRefused(v, c, e, err)
	}
	return v.then("/pos/sales/" + made.ID.Token())
}

// saleRefused shows the form again with what was typed and what is wrong with it.
func (p *pages) saleRefused(v *visit, c cashier, e view.Entry, err error) error {
	f := fault.From(err)
	if !answerable(f) {
		return err
	}
	e.Error = refusalIn(v, f)
	return p.showEntry(v, c, statuses[f.Kind()], e)
}

// answerable says that the form itself can show the refusal, so that nothing
// typed is lost; mistakes of ours and absent things have a page of their own.
func answerable(f *fault.Error) bool { return f.Kind() != fault.Internal && f.Kind() != fault.Missing }

// refusalIn words a refusal for a cashier. Of a repeated form only the catalogue's
// word for programs exists.
func refusalIn(v *visit, f *fault.Error) string {
	if f.Code == fault.IdempotencyReused {
		return v.text.Say("error_repeat")
	}
	return f.Message(string(v.text.Lang))
}

// ownSale reads a request of the cashier's merchant; another's is not found.
func (p *pages) ownSale(v *visit, c cashier) (flow.PublicRequest, error) {
	pub, err := p.Platform.Public(v.r.Context(), v.r.PathValue("token"))
	if r := pub.Request; err == nil && !c.Reaches(r.Merchant, r.Store, r.Till) {
		return flow.PublicRequest{}, fault.New(fault.NotFound)
	}
	return pub, err
}

// sale is the screen that is turned to the payer.
func (p *pages) sale(v *visit, c cashier) error {
	pub, err := p.ownSale(v, c)
	if err != nil {
		return err
	}
	live, err := p.live(v.r.Context(), v.text, pub)
	if err != nil {
		return err
	}
	r, path := pub.Request, "/pos/sales/"+pub.Request.ID.Token()
	s := view.Sale{
		Frame: c.frame(v, path, view.AtSale, pub.Merchant.Name), Merchant: pub.Merchant.Name, Amount: r.Amount, Description: r.Description,
		Stream: path + "/stream?lang=" + string(v.text.Lang), Live: live,
	}
	if live.State.Final() {
		return v.show(http.StatusOK, view.SalePage(s))
	}
	s.Refresh, s.Cancel = refresh, path+"/cancel"
	if s.QR, err = p.code(r, v.text.Say("how_scan")); err != nil {
		return err
	}
	return v.show(http.StatusOK, view.SalePage(s))
}

// saleStream tells the screen of a sale what changes.
func (p *pages) saleStream(v *visit, c cashier) error {
	pub, err := p.ownSale(v, c)
	if err != nil {
		return err
	}
	return p.stream(v, pub.Request.ID, func(l view.Live) templ.Component { return view.SaleStatus(l) })
}

// cancelSale takes the request back. When it was paid a moment before, the
// screen says so: the cashier must not take cash then.
func (p *pages) cancelSale(v *visit, c cashier) error {
	pub, err := p.ownSale(v, c)
	if err != nil {
		return err
	}
	request := string(pub.Request.ID)
	_, _, err = p.Platform.CancelRequest(v.r.Context(), c.Merchant, flow.Idempotency{Key: "pos-cancel-" + request, Fingerprint: request}, request)
	if err != nil && !fault.Has(err, fault.AlreadyPaid) && !fault.Has(err, fault.RequestExpired) {
		return err
	}
	return v.then("/pos/sales/" + pub.Request.ID.Token())
}
