package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"tolom/money"
	"tolom/sandbox/page"
	"tolom/wire"
)

// historyShown is how many purchases the home screen lists.
const historyShown = 30

func (d door) home(w http.ResponseWriter, r *http.Request) {
	d.showHome(w, r, r.URL.Query().Get("payer"), r.URL.Query().Get("link"), nil)
}

// nowhere draws the home screen for an address that has none, such as an old bookmark, and says so.
func (d door) nowhere(w http.ResponseWriter, r *http.Request) {
	d.showHome(w, r, "", "", errNowhere)
}

// showHome draws the home screen of a payer, or of the first one, with what was wrong.
func (d door) showHome(w http.ResponseWriter, r *http.Request, payer, link string, wrong error) {
	accounts := d.bank.Accounts()
	if len(accounts) == 0 {
		http.Error(w, "the bank has no payers", http.StatusNotFound)
		return
	}
	chosen := accounts[0]
	h := page.Home{Link: link, CanFault: d.bank.Faults != nil}
	for _, a := range accounts {
		h.Payers = append(h.Payers, page.Payer{ID: a.ID, Name: a.Name})
		if a.ID == payer {
			chosen = a
		}
	}
	status := http.StatusOK
	h.Frame = d.frame(w, r, chosen.ID)
	if wrong != nil {
		h.Error, status = explained(h.Words, wrong)
	}
	// The choice of language leads to this screen, also when it answers a form.
	h.Here = d.bank.Path + "?" + url.Values{"payer": {chosen.ID}, "link": {link}}.Encode()
	h.Available, h.Held = chosen.Available, chosen.Held
	h.History = lines(d.bank.History(chosen.ID))
	for _, fault := range d.bank.Faults.List() {
		h.Faults = append(h.Faults, page.Fault{Trouble: string(fault.Trouble), Call: fault.Call, Times: fault.Times})
	}
	render(w, r, status, page.HomeScreen(h))
}

func (d door) frame(w http.ResponseWriter, r *http.Request, payer string) page.Frame {
	return page.Frame{Words: words(w, r), Bank: d.bank.Name, Path: d.bank.Path, Payer: payer}
}

func lines(history []Purchase) []page.Line {
	out := make([]page.Line, 0, min(len(history), historyShown))
	for _, p := range history[:min(len(history), historyShown)] {
		out = append(out, page.Line{ID: p.ID, Merchant: p.Offer.Merchant.Name, State: state(p), Amount: p.Debit(),
			Refunded: p.Refunded, At: p.HeldAt})
	}
	return out
}

// state is what the payer is told of a stage. Success is told only after the platform confirmed it.
func state(p Purchase) page.State {
	switch {
	case p.Stage == Offered:
		return page.Offered
	case p.Stage == Created && !p.Confirmed:
		return page.Waiting
	case p.Stage == Succeeded:
		return page.Success
	case p.Stage == Canceled && p.Reason == "payer":
		return page.Declined
	case p.Stage.Final():
		return page.Failed
	}
	return page.Running
}

func (d door) purchase(w http.ResponseWriter, r *http.Request) {
	d.showPurchase(w, r, r.PathValue("id"), "", nil)
}

// showPurchase draws the screen of a purchase, with what the payer typed and what was wrong with it.
func (d door) showPurchase(w http.ResponseWriter, r *http.Request, name, typed string, wrong error) {
	p, err := d.bank.Purchase(name)
	if err != nil {
		d.showHome(w, r, "", "", err)
		return
	}
	account, _ := d.bank.Account(p.Payer)
	s := screen(p, account)
	status := http.StatusOK
	s.Frame = d.frame(w, r, p.Payer)
	if wrong != nil {
		s.Error, status = explained(s.Words, wrong)
	}
	s.Here = d.bank.Path + "/purchase/" + p.ID
	s.Refresh = s.State == page.Running
	s.Reason = reason(s.Words, p.Reason)
	if typed != "" {
		s.Typed = typed
	}
	render(w, r, status, page.PurchaseScreen(s))
}

func screen(p Purchase, a Account) page.Purchase {
	s := page.Purchase{
		ID: p.ID, State: state(p), PayerName: a.Name, Available: a.Available,
		Merchant: p.Offer.Merchant.Name, Store: p.Offer.Merchant.Store, Description: p.Offer.Description, Extra: fields(p.Offer.Extra),
		Amount: p.Amount, Fee: p.Fee, Low: money.Amount(p.Offer.MinAmount), High: money.Amount(p.Offer.MaxAmount),
		Refunded: p.Refunded, Receipt: p.Receipt, ReceiptID: p.ReceiptID, Payment: p.Payment, At: p.HeldAt,
	}
	if p.Stage != Offered {
		return s
	}
	s.Editable = p.Offer.AmountEditable
	if s.Amount == 0 {
		s.Amount = money.Amount(p.Offer.Amount)
	}
	if s.Amount > 0 {
		s.Fee = p.feeOf(s.Amount)
	}
	if s.Editable && s.Amount > 0 {
		s.Typed = s.Amount.Plain()
	}
	return s
}

func fields(extra []wire.Extra) []page.Field {
	var out []page.Field
	for _, e := range extra {
		if e.Visible == nil || *e.Visible {
			out = append(out, page.Field{Label: e.Label, Value: e.Value})
		}
	}
	return out
}

func (d door) pay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	typed := r.PostFormValue("amount")
	var amount money.Amount
	if typed != "" {
		var err error
		if amount, err = money.Parse(typed); err != nil || amount == 0 {
			d.showPurchase(w, r, r.PathValue("id"), typed, ErrAmount)
			return
		}
	}
	// A payer who closes the page has pressed "pay" all the same.
	if _, err := d.bank.Pay(context.WithoutCancel(r.Context()), r.PathValue("id"), amount); err != nil {
		d.showPurchase(w, r, r.PathValue("id"), typed, err)
		return
	}
	d.see(w, r, r.PathValue("id"))
}

// act has a button do something with a purchase.
func (d door) act(do func(context.Context, string) (Purchase, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("id")
		if _, err := do(context.WithoutCancel(r.Context()), name); err != nil {
			d.showPurchase(w, r, name, "", err)
			return
		}
		d.see(w, r, name)
	}
}

func (d door) see(w http.ResponseWriter, r *http.Request, purchase string) {
	http.Redirect(w, r, d.bank.Path+"/purchase/"+purchase, http.StatusSeeOther)
}

func (d door) faults(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	times, _ := strconv.Atoi(r.PostFormValue("times"))
	var err error
	switch trouble := r.PostForm["trouble"]; {
	case d.bank.Faults == nil || len(trouble) == 0:
		err = ErrTrouble
	case trouble[len(trouble)-1] == "clear":
		d.bank.Faults.Clear()
	default:
		err = d.bank.Faults.Add(Fault{Trouble: Trouble(trouble[0]), Call: r.PostFormValue("call"), Times: min(times, 100)})
	}
	if err != nil {
		d.showHome(w, r, "", "", err)
		return
	}
	http.Redirect(w, r, d.bank.Path, http.StatusSeeOther)
}

func render(w http.ResponseWriter, r *http.Request, status int, screen templ.Component) {
	templ.Handler(screen, templ.WithStatus(status)).ServeHTTP(w, r)
}
