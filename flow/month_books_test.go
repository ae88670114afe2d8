package flow_test

import (
	"tolom/id"
	"tolom/payment"
	"tolom/settlement"
	"tolom/tariff"
)

// ownBooks is what the people of a month write down themselves: PSPs what they took from payers, merchants what they sold,
// banks what the files say that came to them. Prices are reckoned here again; nothing is asked of the platform.
type ownBooks struct {
	merchants map[id.ID]*merchantBook
	psps      map[id.ID]*pspBook
	sales     map[id.ID]*sale
	backs     map[id.ID]*askedBack
	refunds   map[id.ID]*refundLine   // all, also those that have ended
	records   map[recordOf]recordLine // the clearing records that each participant has to find
	days      map[dayOf]position      // what each participant's PSPs took and gave on each day
	centre    int64                   // what the centre earned
	suspense  int64                   // what was corrected

	accepted       map[string]bool  // what the central bank and the banks said to each message
	credited       map[id.ID]credit // by payout, of the files of banks
	refusedCredits map[id.ID]bool

	given, rejected, overBorders, corrections, credits, creditsBack, files int
}

type merchantBook struct {
	tariff         tariff.Tariff
	bank           id.ID
	account        string
	owed           int64 // for sales, less fees and refunds
	credited, back int64 // by its bank, by the files: all payouts, and those that the account did not take
	returned       int64 // of the latter those that are in its deposits
	count          int64 // of payments
	asks           int   // of refunds
}

type pspBook struct {
	participant                           id.ID
	paid, refunded, interchange, adjusted int64
}

// sale is a payment. Of what the payer bore on top a part is promised with each refund that is asked for.
type sale struct {
	psp, merchant                    id.ID
	amount, fee, surcharge           int64
	interchange                      int64
	refunding, refunded              int64
	feeReturned, interchangeTaken    int64
	surchargePromised, surchargeBack int64
	day                              int
}

type askedBack struct {
	sale              *sale
	amount, surcharge int64
}

// refundLine is what a refund changes of its merchant's account.
type refundLine struct {
	payment                 id.ID
	amount, charge, feeBack int64
	given, rejected         bool
}

type recordOf struct{ participant, transaction id.ID }

type recordLine struct {
	kind                settlement.Kind
	amount, interchange int64
	day                 int
	times               int
}

type dayOf struct {
	day         int
	participant id.ID
}

// position is what a participant's PSPs took from payers and gave back to them on a day, their part, and corrections.
type position struct{ paid, refunded, interchange, adjusted int64 }

// credit is a payout as the merchant's bank was asked for it.
type credit struct {
	amount int64
	date   string
}

func newOwnBooks(w *town) *ownBooks {
	o := &ownBooks{merchants: map[id.ID]*merchantBook{}, psps: map[id.ID]*pspBook{}, sales: map[id.ID]*sale{}, backs: map[id.ID]*askedBack{}, refunds: map[id.ID]*refundLine{},
		records: map[recordOf]recordLine{}, days: map[dayOf]position{}, accepted: map[string]bool{}, credited: map[id.ID]credit{}, refusedCredits: map[id.ID]bool{}}
	for _, shop := range w.shops {
		m, err := w.registry.Merchant(w.ctx, shop.ID)
		w.must(err)
		o.merchants[m.ID] = &merchantBook{tariff: m.Tariff, bank: m.Participant, account: m.BankAccount}
	}
	for name, bank := range map[string]id.ID{"blue": w.banks["shop"], "red": w.banks["bazaar"], "green": w.psps["green"].ID} {
		o.psps[w.psps[name].ID] = &pspBook{participant: bank}
	}
	return o
}

// price is what a payment costs by a tariff, reckoned here once more: whole tyiyn, rounded down.
func price(t tariff.Tariff, amount int64) (fee, interchange int64) {
	fee = max(amount*t.Rate/10_000+int64(t.Fixed), int64(t.Min))
	if t.Max > 0 {
		fee = min(fee, int64(t.Max))
	}
	fee = min(fee, amount)
	return fee, min(amount*t.InterchangeRate/10_000, fee)
}

func (o *ownBooks) sold(name, psp, merchant id.ID, amount int64, day int) {
	m, p := o.merchants[merchant], o.psps[psp]
	s := &sale{psp: psp, merchant: merchant, amount: amount, day: day}
	fee, interchange := price(m.tariff, amount)
	if s.fee, s.interchange = fee, interchange; m.tariff.PayerBears {
		s.fee, s.surcharge = 0, fee
	}
	o.sales[name] = s
	m.owed += amount - s.fee
	m.count++
	p.paid += amount + s.surcharge
	p.interchange += interchange
	o.centre += fee - interchange
	o.counts(day, p, position{paid: amount + s.surcharge, interchange: interchange})
	o.record(name, s, recordLine{settlement.C2B, amount + s.surcharge, interchange, day, 1})
}

func (o *ownBooks) charge(b *askedBack) int64 {
	return min(int64(o.merchants[b.sale.merchant].tariff.RefundCharge), b.amount)
}

func (o *ownBooks) asked(name, of id.ID, amount int64) {
	b := &askedBack{sale: o.sales[of], amount: amount}
	s, m := b.sale, o.merchants[b.sale.merchant]
	if s.refunding += amount; m.tariff.RefundsFee {
		b.surcharge = max(0, s.surcharge*(s.refunded+s.refunding)/s.amount-s.surchargeBack-s.surchargePromised)
	}
	s.surchargePromised += b.surcharge
	o.backs[name] = b
	o.refunds[name] = &refundLine{payment: of, amount: amount, charge: o.charge(b)}
	m.owed -= amount + o.charge(b)
	m.asks++
	o.centre += o.charge(b)
}

func (o *ownBooks) answered(r payment.Refund, given bool, day int) {
	b := o.backs[r.ID]
	s, m := b.sale, o.merchants[b.sale.merchant]
	delete(o.backs, r.ID)
	s.refunding -= b.amount
	s.surchargePromised -= b.surcharge
	if o.refunds[r.ID].given, o.refunds[r.ID].rejected = given, !given; !given {
		m.owed += b.amount + o.charge(b)
		o.centre -= o.charge(b)
		o.rejected++
		return
	}
	fee, interchange := s.returns(m.tariff, b)
	m.owed += fee
	o.refunds[r.ID].feeBack = fee
	o.centre -= fee + b.surcharge - interchange
	p := o.psps[s.psp]
	p.refunded += b.amount + b.surcharge
	p.interchange -= interchange
	o.counts(day, p, position{refunded: b.amount + b.surcharge, interchange: -interchange})
	o.record(r.ID, s, recordLine{settlement.B2C, b.amount + b.surcharge, interchange, day, 1})
	if o.given++; day > s.day {
		o.overBorders++
	}
}

// returns is what goes back of a fee to the merchant, and of the PSP's part.
func (s *sale) returns(t tariff.Tariff, b *askedBack) (fee, interchange int64) {
	s.refunded += b.amount
	s.surchargeBack += b.surcharge
	switch {
	case t.RefundsFee && s.fee > 0:
		all := s.fee * s.refunded / s.amount
		fee, interchange = all-s.feeReturned, s.interchange*all/s.fee-s.interchangeTaken
	case t.RefundsFee && s.surcharge > 0:
		interchange = s.interchange*s.surchargeBack/s.surcharge - s.interchangeTaken
	}
	s.feeReturned += fee
	s.interchangeTaken += interchange
	return fee, interchange
}

// corrected writes down what a PSP owes more since its book and ours were compared.
func (o *ownBooks) corrected(psp id.ID, amount int64, day int) {
	o.psps[psp].adjusted += amount
	o.suspense += amount
	o.corrections++
	o.counts(day, o.psps[psp], position{adjusted: amount})
}

// counts adds to what a participant comes to on a day.
func (o *ownBooks) counts(day int, p *pspBook, x position) {
	key := dayOf{day, p.participant}
	sum := o.days[key]
	o.days[key] = position{sum.paid + x.paid, sum.refunded + x.refunded, sum.interchange + x.interchange, sum.adjusted + x.adjusted}
}

// record notes that both sides have to find a transaction in their files, once.
func (o *ownBooks) record(name id.ID, s *sale, line recordLine) {
	o.records[recordOf{o.psps[s.psp].participant, name}] = line
	if bank := o.merchants[s.merchant].bank; bank != "" {
		o.records[recordOf{bank, name}] = line
	}
}
