package flow_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tolom/clearing"
	"tolom/flow"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
)

// ownBooks is what the people of a month write down themselves: PSPs what they took from payers, merchants what they sold,
// banks what the files say that came to them. Prices are reckoned here again; nothing is asked of the platform.
type ownBooks struct {
	merchants map[id.ID]*merchantBook
	psps      map[id.ID]*pspBook
	sales     map[id.ID]*sale
	backs     map[id.ID]*askedBack
	records   map[recordOf]recordLine // the clearing records that each participant has to find
	centre    int64                   // what the centre earned

	nets           map[string]int64 // sums of the positions of days
	accepted       map[string]bool  // what the central bank and the banks said to each message
	refusedCredits map[id.ID]bool

	given, rejected, overBorders, credits, creditsBack, files int
}

type merchantBook struct {
	tariff         tariff.Tariff
	bank           id.ID
	account        string
	owed           int64 // for sales, less fees and refunds
	credited, back int64 // by its bank, by the files: all payouts, and those that the account did not take
	count          int64 // of payments
}

type pspBook struct {
	participant                 id.ID
	paid, refunded, interchange int64
}

type sale struct {
	psp, merchant                           id.ID
	amount, fee, interchange                int64
	refunded, feeReturned, interchangeTaken int64
	day                                     int
}

type askedBack struct {
	sale   *sale
	amount int64
}

type recordOf struct{ participant, transaction id.ID }

type recordLine struct {
	kind                settlement.Kind
	amount, interchange int64
	times               int
}

func newOwnBooks(w *town) *ownBooks {
	o := &ownBooks{merchants: map[id.ID]*merchantBook{}, psps: map[id.ID]*pspBook{}, sales: map[id.ID]*sale{}, backs: map[id.ID]*askedBack{}, records: map[recordOf]recordLine{},
		nets: map[string]int64{}, accepted: map[string]bool{}, refusedCredits: map[id.ID]bool{}}
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

func (o *ownBooks) sold(name, psp, merchant id.ID, amount int64, day int) {
	m, p := o.merchants[merchant], o.psps[psp]
	s := &sale{psp: psp, merchant: merchant, amount: amount, fee: amount * m.tariff.Rate / 10_000, interchange: amount * m.tariff.InterchangeRate / 10_000, day: day}
	o.sales[name] = s
	m.owed += amount - s.fee
	m.count++
	p.paid += amount
	p.interchange += s.interchange
	o.centre += s.fee - s.interchange
	o.record(name, s, recordLine{settlement.C2B, amount, s.interchange, 1})
}

func (o *ownBooks) charge(b *askedBack) int64 {
	return min(int64(o.merchants[b.sale.merchant].tariff.RefundCharge), b.amount)
}

func (o *ownBooks) asked(name, of id.ID, amount int64) {
	b := &askedBack{o.sales[of], amount}
	o.backs[name] = b
	o.merchants[b.sale.merchant].owed -= amount + o.charge(b)
	o.centre += o.charge(b)
}

func (o *ownBooks) answered(r payment.Refund, given bool, day int) {
	b := o.backs[r.ID]
	s, m := b.sale, o.merchants[b.sale.merchant]
	delete(o.backs, r.ID)
	if !given {
		m.owed += b.amount + o.charge(b)
		o.centre -= o.charge(b)
		o.rejected++
		return
	}
	fee, interchange := int64(0), int64(0)
	s.refunded += b.amount
	if m.tariff.RefundsFee && s.fee > 0 {
		all := s.fee * s.refunded / s.amount
		fee, interchange = all-s.feeReturned, s.interchange*all/s.fee-s.interchangeTaken
	}
	s.feeReturned += fee
	s.interchangeTaken += interchange
	m.owed += fee
	o.centre -= fee - interchange
	o.psps[s.psp].refunded += b.amount
	o.psps[s.psp].interchange -= interchange
	o.record(r.ID, s, recordLine{settlement.B2C, b.amount, interchange, 1})
	if o.given++; day > s.day {
		o.overBorders++
	}
}

// record notes that both sides have to find a transaction in their files, once.
func (o *ownBooks) record(name id.ID, s *sale, line recordLine) {
	o.records[recordOf{o.psps[s.psp].participant, name}] = line
	if bank := o.merchants[s.merchant].bank; bank != "" {
		o.records[recordOf{bank, name}] = line
	}
}

// participants are those who settle: the two banks, and the PSP that has none.
func (m *month) participants() []id.ID {
	return []id.ID{m.banks["shop"], m.banks["bazaar"], m.psps["green"].ID}
}

// agrees compares everybody's books at the end of the month.
func (m *month) agrees() {
	m.t.Helper()
	for date, net := range m.own.nets {
		if net != 0 {
			m.t.Errorf("the nets of %s sum to %d", date, net)
		}
	}
	legs := m.legsOf()
	m.readCredits()
	m.recordsAgree()
	m.banksAgree(legs)
	reports := m.reporting()
	m.merchantsAgree(reports)
	m.pspsAgree(reports)
	m.centreAgrees(legs, reports)
	m.sound()
}

// lying gives the contents of the files of a kind that lie with an owner.
func (m *month) lying(owner id.ID, kind string) (out [][]byte) {
	m.t.Helper()
	for _, place := range []string{"out", "out/taken"} {
		names, err := filepath.Glob(filepath.Join(m.folder(owner, place), "*_"+kind+"_*"))
		m.must(err)
		for _, name := range names {
			if strings.HasSuffix(name, ".sha256") {
				continue
			}
			content, err := os.ReadFile(name)
			m.must(err)
			out = append(out, content)
		}
	}
	m.own.files += len(out)
	return out
}

// legsOf adds up what the central bank moved to each participant, below zero from it, by the files that it accepted.
func (m *month) legsOf() map[id.ID]int64 {
	m.t.Helper()
	out, days := map[id.ID]int64{}, map[string]bool{}
	for _, content := range m.lying(store.CentralBank, flow.FileTransfers) {
		f, err := clearing.ReadTransfers(bytes.NewReader(content))
		m.must(err)
		if !m.own.accepted[f.Message] {
			continue
		}
		if days[f.Date] {
			m.t.Errorf("%s was settled twice", f.Date)
		}
		days[f.Date] = true
		of := map[string]id.ID{}
		for _, p := range m.participants() {
			of[clearing.LegID(f.Date, p)] = p
		}
		for _, l := range f.Legs {
			p, known := of[l.ID]
			if !known {
				m.t.Errorf("%s has a leg %s of nobody", f.Message, l.ID)
			}
			if l.To == f.Sender {
				out[p] -= int64(l.Amount)
			} else {
				out[p] += int64(l.Amount)
			}
		}
	}
	if len(days) != len(m.own.nets) {
		m.t.Errorf("%d days were settled of %d", len(days), len(m.own.nets))
	}
	return out
}

// readCredits has the banks write down what they were asked to credit; each payout is asked for once.
func (m *month) readCredits() {
	m.t.Helper()
	accounts, seen := map[string]*merchantBook{}, map[string]bool{}
	for _, b := range m.own.merchants {
		accounts[string(b.bank)+b.account] = b
	}
	for _, bank := range m.participants()[:2] {
		for _, content := range m.lying(bank, flow.FileCredits) {
			f, err := clearing.ReadCredits(bytes.NewReader(content))
			m.must(err)
			for _, c := range f.Items {
				b := accounts[string(bank)+c.Account]
				if b == nil || seen[c.ID] {
					m.t.Fatalf("%s asks for %s to %s: the account is nobody's, or was credited before", f.Message, c.ID, c.Account)
				}
				seen[c.ID] = true
				m.own.credits++
				b.credited += int64(c.Amount)
				if m.own.refusedCredits[id.ID(c.ID)] {
					m.own.creditsBack++
					b.back += int64(c.Amount)
				}
			}
		}
	}
}

// recordsAgree holds the clearing records of all days to what happened: each payment and refund once, and nothing else.
func (m *month) recordsAgree() {
	m.t.Helper()
	got := map[recordOf]recordLine{}
	for _, owner := range m.participants() {
		for _, content := range m.lying(owner, flow.FileRecords) {
			for r, err := range clearing.ReadRecords(bytes.NewReader(content)) {
				m.must(err)
				key := recordOf{owner, r.Transaction}
				got[key] = recordLine{r.Kind, int64(r.Amount), int64(r.Interchange), got[key].times + 1}
			}
		}
	}
	if maps.Equal(got, m.own.records) {
		return
	}
	for key, want := range m.own.records {
		if got[key] != want {
			m.t.Errorf("%v: the files have %+v, it was %+v", key, got[key], want)
		}
	}
	m.t.Errorf("the files have %d records, %d are expected", len(got), len(m.own.records))
}

// banksAgree compares what the central bank moved to each participant with what its PSPs took and gave, and its merchants were credited.
func (m *month) banksAgree(legs map[id.ID]int64) {
	m.t.Helper()
	want := map[id.ID]int64{}
	for _, p := range m.own.psps {
		want[p.participant] += p.refunded + p.interchange - p.paid
	}
	for _, b := range m.own.merchants {
		want[b.bank] += b.credited - b.back
	}
	for _, p := range m.participants() {
		if legs[p] != want[p] || legs[p] == 0 {
			m.t.Errorf("%s was moved %d by the files, by its own books %d", p, legs[p], want[p])
		}
		if owed := m.balance(ledger.Of(p, ledger.Bank)); owed != 0 {
			m.t.Errorf("%s is owed %d after the last settlement", p, owed)
		}
	}
}

// reporting orders a report of the whole month in JSON, and gives its sums.
type reporting func(who flow.Reader, kind string) map[string]int64

// monthlong is the time that reports of a month are of: all of it, and the dates of days that were ended early.
func (m *month) monthlong() (from, to time.Time) {
	now := m.world.Clock.Now()
	return now.Add(-80 * 24 * time.Hour), now.Add(10 * 24 * time.Hour)
}

func (m *month) reporting() reporting {
	from, to := m.monthlong()
	o := &office{kit: m.kit, reports: flow.NewReports(m.store, m.store, m.registry, m.world, "https://tolom.example")}
	o.number()
	return func(who flow.Reader, kind string) map[string]int64 {
		m.t.Helper()
		_, body := o.made(who, wire.NewReport{Type: kind, Format: "json", Language: "en", From: from.Format(time.RFC3339), To: to.Format(time.RFC3339)})
		return summary(m.t, body)
	}
}

// merchantsAgree compares each merchant's book with the ledger, its statement and its report of deposits.
func (m *month) merchantsAgree(reports reporting) {
	m.t.Helper()
	from, to := m.monthlong()
	for _, name := range m.shopsBy {
		b, reader := m.own.merchants[m.shops[name].ID], flow.MerchantReader(m.shops[name])
		left := b.owed - b.credited + b.back
		s, err := m.platform.Statement(m.ctx, m.shops[name], from, to)
		m.must(err)
		table, deposits := reports(reader, "statement"), reports(reader, "settlement")
		if int64(m.payable(name)) != left || s.Closing != left || table["closing"] != left || table["opening"] != 0 || s.Totals.PaymentsCount != b.count {
			m.t.Errorf("%s has %d left of %d payments, the ledger says %d, its statement %d of %d, its report %v", name, left, b.count, m.payable(name), s.Closing, s.Totals.PaymentsCount, table)
		}
		if deposits["deposit"] != b.credited || b.bank != "" && left > 0 {
			m.t.Errorf("%s was credited %d and has %d left, its report of deposits says %v", name, b.credited, left, deposits)
		}
	}
}

// pspsAgree compares each PSP's book with its report.
func (m *month) pspsAgree(reports reporting) {
	m.t.Helper()
	for name, p := range m.own.psps {
		if got, want := reports(flow.PSPReader(name), "psp_reconciliation"), p.paid-p.refunded-p.interchange; got["net"] != want {
			m.t.Errorf("%s owes %d, its report says %v", name, want, got)
		}
	}
}

// centreAgrees compares what stays on the centre's account with what it earned, what merchants are still owed and what
// refunds are on their way.
func (m *month) centreAgrees(legs map[id.ID]int64, reports reporting) {
	m.t.Helper()
	var stays, want int64
	for _, moved := range legs {
		stays -= moved
	}
	want = m.own.centre
	for _, b := range m.own.merchants {
		want += b.owed - b.credited + b.back
	}
	for _, b := range m.own.backs {
		want += b.amount
	}
	fees, overview := m.balance(ledger.Platform(ledger.Fees))-m.fees, reports(flow.CentreReader(), "overview")
	if stays != want || fees != money.Amount(m.own.centre) || overview["centre"] != m.own.centre {
		m.t.Errorf("%d stays with the centre, by the books %d; it earned %d, the ledger says %d, the overview %v", stays, want, m.own.centre, fees, overview)
	}
}
