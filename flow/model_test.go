package flow_test

import (
	"time"

	"tolom/fault"
	"tolom/money"
)

// shopModel is one merchant's requests, payments and refunds and the limits on them, told as plainly as possible: no
// commands, claims, batches or entries, only what a person with pencil and paper would keep. Each method does what its
// name says and gives the code of the refusal, "" for none.
type shopModel struct {
	requests []*askedFor
	payments []*paidFor
	refunds  []*givenBack
	daily    money.Amount            // of the merchant; 0: no limit
	netDebit map[string]money.Amount // by PSP; 0: no limit
}

type askedFor struct {
	dynamic bool
	amount  money.Amount
	status  string
	ends    time.Time // zero: never
}

type paidFor struct {
	of               *askedFor
	psp, name, payer string
	status           string // with the reason
	ends             time.Time
	day              string
}

type givenBack struct {
	of     *paidFor
	ref    string
	amount money.Amount
	status string
}

func newShopModel() *shopModel {
	return &shopModel{netDebit: map[string]money.Amount{}}
}

// tick lets the clock end what it ends of a request.
func (m *shopModel) tick(r *askedFor, now time.Time) {
	if r.status == "active" && !r.ends.IsZero() && !now.Before(r.ends) {
		r.status = "expired"
	}
	for _, p := range m.payments {
		if p.of == r && p.status == "created" && (r.status == "expired" || !now.Before(p.ends)) {
			p.status = "canceled (expired)"
		}
	}
}

// live gives the payments of a request that wait, of one payer or of all.
func (m *shopModel) live(r *askedFor, psp, payer string) (out []*paidFor) {
	for _, p := range m.payments {
		if p.of == r && p.status == "created" && (payer == "" || p.psp == psp && p.payer == payer) {
			out = append(out, p)
		}
	}
	return out
}

// counts says whether a payment counts for limits: it is reserved or was paid.
func (p *paidFor) counts() bool { return p.status == "created" || p.status == "success" }

// usedToday is what the payments of a day come to.
func (m *shopModel) usedToday(day string) (sum money.Amount) {
	for _, p := range m.payments {
		if p.counts() && p.day == day {
			sum += p.of.amount
		}
	}
	return sum
}

// position is what a PSP owes: reserved and paid, less what was given back.
func (m *shopModel) position(psp string) (sum money.Amount) {
	for _, p := range m.payments {
		if p.psp == psp && p.counts() {
			sum += p.of.amount - m.back(p, "success")
		}
	}
	return sum
}

// back is what of a payment is in refunds of a status.
func (m *shopModel) back(p *paidFor, status string) (sum money.Amount) {
	for _, r := range m.refunds {
		if r.of == p && r.status == status {
			sum += r.amount
		}
	}
	return sum
}

// paid is what the payments of a request came to, and how many there were.
func (m *shopModel) paid(r *askedFor) (sum money.Amount, n int64) {
	for _, p := range m.payments {
		if p.of == r && p.status == "success" {
			sum, n = sum+r.amount, n+1
		}
	}
	return sum, n
}

// create says what comes of a create whose name is new. made is what to note when it is not refused.
func (m *shopModel) create(r *askedFor, psp, name, payer string, wrong bool, day string, now time.Time) (made *paidFor, code fault.Code) {
	m.tick(r, now)
	switch {
	case r.status == "paid":
		return nil, fault.AlreadyPaid
	case r.status == "expired":
		return nil, fault.RequestExpired
	case r.status == "canceled":
		return nil, fault.RequestCanceled
	case wrong:
		return nil, fault.AmountMismatch
	}
	var older []*paidFor
	if payer != "" {
		older = m.live(r, psp, payer)
	}
	if r.dynamic && len(m.live(r, "", ""))-len(older) >= 20 {
		return nil, fault.RequestBusy
	}
	freedToday, freed := money.Amount(0), money.Amount(0)
	for _, p := range older {
		if freed += r.amount; p.day == day {
			freedToday += r.amount
		}
	}
	limit := m.netDebit[psp]
	switch up := r.amount - freed; {
	case m.daily > 0 && r.amount > freedToday && m.usedToday(day)+r.amount-freedToday > m.daily:
		return nil, fault.LimitMerchantDaily
	case limit > 0 && up > 0 && m.position(psp)+up > limit:
		return nil, fault.LimitPSPPosition
	}
	for _, p := range older {
		p.status = "canceled (superseded)"
	}
	ends := now.Add(time.Minute)
	if !r.ends.IsZero() && r.ends.Before(ends) {
		ends = r.ends
	}
	made = &paidFor{of: r, psp: psp, name: name, payer: payer, status: "created", ends: ends, day: day}
	m.payments = append(m.payments, made)
	return made, ""
}

func (m *shopModel) execute(p *paidFor, now time.Time) fault.Code {
	m.tick(p.of, now)
	switch p.status {
	case "success":
		return ""
	case "canceled (expired)":
		return fault.PaymentExpired
	case "created":
	default:
		return fault.PaymentCanceled
	}
	p.status = "success"
	if p.of.dynamic {
		p.of.status = "paid"
		for _, other := range m.live(p.of, "", "") {
			other.status = "canceled (lost_race)"
		}
	}
	return ""
}

func (m *shopModel) cancel(p *paidFor, now time.Time) fault.Code {
	m.tick(p.of, now)
	if p.status == "success" {
		return fault.PaymentSucceeded
	}
	if p.status == "created" {
		p.status = "canceled (psp)"
	}
	return ""
}

func (m *shopModel) cancelRequest(r *askedFor, now time.Time) fault.Code {
	m.tick(r, now)
	switch r.status {
	case "paid":
		return fault.AlreadyPaid
	case "expired":
		return fault.RequestExpired
	case "active":
		r.status = "canceled"
		for _, p := range m.live(r, "", "") {
			p.status = "canceled (merchant)"
		}
	}
	return ""
}

// refund takes money back of a payment; 0 is all that is left. A name that was used for the payment stands for the
// refund that has it.
func (m *shopModel) refund(p *paidFor, ref string, amount money.Amount, now time.Time) (made *givenBack, code fault.Code) {
	m.tick(p.of, now)
	for _, r := range m.refunds {
		if ref != "" && r.of == p && r.ref == ref {
			if amount != 0 && amount != r.amount {
				return nil, fault.RefundRefReused
			}
			return r, ""
		}
	}
	if p.status != "success" {
		return nil, fault.NotRefundable
	}
	left := p.of.amount - m.back(p, "success") - m.back(p, "requested")
	if amount == 0 {
		amount = left
	}
	switch {
	case amount == 0 || amount > left:
		return nil, fault.RefundTooLarge
	case amount > m.payable():
		return nil, fault.InsufficientFunds
	}
	made = &givenBack{of: p, ref: ref, amount: amount, status: "requested"}
	m.refunds = append(m.refunds, made)
	return made, ""
}

func (m *shopModel) ack(r *givenBack, credited bool) fault.Code {
	word := "rejected"
	if credited {
		word = "success"
	}
	if r.status != "requested" && r.status != word {
		return fault.RefundFinal
	}
	r.status = word
	return ""
}

// The tariff of these tests is half a percent, two fifths of it for the PSP; amounts are whole thousands, so that no
// fee is rounded. What goes back with refunds is rounded down, of all that was given back at once.
func feeOf(amount money.Amount) (fee, interchange money.Amount) { return amount / 200, amount / 500 }

// payable is what the merchant is owed.
func (m *shopModel) payable() (sum money.Amount) {
	for _, p := range m.payments {
		if p.status == "success" {
			fee, _ := feeOf(p.of.amount)
			returned, _ := m.returned(p)
			sum += p.of.amount - fee + returned - m.back(p, "success") - m.back(p, "requested")
		}
	}
	return sum
}

// returned is what of the fees of a payment went back with its refunds.
func (m *shopModel) returned(p *paidFor) (fee, interchange money.Amount) {
	fee, interchange = feeOf(p.of.amount)
	given := m.back(p, "success")
	return fee * given / p.of.amount, interchange * given / p.of.amount
}

// books is what all accounts stand at: the merchant's, those of each PSP, and the platform's fees.
func (m *shopModel) books() (accounts map[string]money.Amount) {
	accounts = map[string]money.Amount{"payable": m.payable()}
	for _, p := range m.payments {
		if p.status != "success" {
			continue
		}
		fee, interchange := feeOf(p.of.amount)
		feeBack, interchangeBack := m.returned(p)
		accounts["clearing "+p.psp] += m.back(p, "success") - p.of.amount
		accounts["interchange "+p.psp] += interchange - interchangeBack
		accounts["refunds "+p.psp] += m.back(p, "requested")
		accounts["fees"] += fee - interchange - (feeBack - interchangeBack)
	}
	return accounts
}
