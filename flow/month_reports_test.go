package flow_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"tolom/flow"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/store"
	"tolom/wire"
)

// monthlong is the time that reports of a month are of: all of it, and the dates of days that were ended early.
func (m *month) monthlong() (from, to time.Time) {
	now := m.world.Clock.Now()
	return now.Add(-80 * 24 * time.Hour), now.Add(10 * 24 * time.Hour)
}

func (m *month) office() *office {
	o := &office{kit: m.kit, reports: flow.NewReports(m.store, m.store, m.registry, m.world, "https://tolom.example")}
	o.number()
	return o
}

// reported orders a report of the whole month in JSON.
func (m *month) reported(who flow.Reader, kind string) (store.Report, []byte) {
	m.t.Helper()
	from, to := m.monthlong()
	return m.office().made(who, wire.NewReport{Type: kind, Format: "json", Language: "en", From: from.Format(time.RFC3339), To: to.Format(time.RFC3339)})
}

// sums is the foot of a report of the whole month.
func (m *month) sums(who flow.Reader, kind string) map[string]int64 {
	m.t.Helper()
	_, body := m.reported(who, kind)
	return summary(m.t, body)
}

// merchantsAgree compares each merchant's book with the ledger, its statement and its report of deposits.
func (m *month) merchantsAgree() {
	m.t.Helper()
	from, to := m.monthlong()
	for _, name := range m.shopsBy {
		b, reader := m.own.merchants[m.shops[name].ID], flow.MerchantReader(m.shops[name])
		left := b.owed - b.credited + b.back
		s, err := m.platform.Statement(m.ctx, m.shops[name], from, to)
		m.must(err)
		table := m.sums(reader, "statement")
		if int64(m.payable(name)) != left || s.Closing != left || table["closing"] != left || table["opening"] != 0 || s.Totals.PaymentsCount != b.count {
			m.t.Errorf("%s has %d left of %d payments, the ledger says %d, its statement %d of %d, its report %v", name, left, b.count, m.payable(name), s.Closing, s.Totals.PaymentsCount, table)
		}
		_, body := m.reported(reader, "settlement")
		if deposits := summary(m.t, body); deposits["deposit"] != b.credited || b.bank != "" && left > 0 {
			m.t.Errorf("%s was credited %d and has %d left, its report of deposits says %v", name, b.credited, left, deposits)
		}
		if b.bank != "" {
			m.explained(name, body, left)
		}
	}
}

// depositRow is a row of a settlement statement.
type depositRow struct {
	Deposit id.ID  `json:"deposit_id"`
	Day     string `json:"business_day"`
	Type    string `json:"type"`
	Payment id.ID  `json:"payment_id"`
	Refund  id.ID  `json:"refund_id"`
	Amount  int64  `json:"amount"`
	Fee     int64  `json:"fee"`
	Net     int64  `json:"net"`
	Account string `json:"bank_account"`
}

// explained holds a merchant's settlement statement to its book: each deposit is the sum of its rows and what its bank
// was asked to credit, begins with what the one before has held, and each payment and refund is in exactly one, as it was.
func (m *month) explained(name string, body []byte, left int64) {
	m.t.Helper()
	var table struct {
		Rows []depositRow `json:"rows"`
	}
	m.must(json.Unmarshal(body, &table))
	sum, held, open, inDeposits := int64(0), int64(0), id.ID(""), map[id.ID]int{}
	for _, r := range table.Rows {
		switch r.Type {
		case "opening_carried":
			if r.Net != held || open != "" {
				m.t.Errorf("%s: %s opens with %d, held was %d, and %q is open", name, r.Deposit, r.Net, held, open)
			}
			open, sum, held = r.Deposit, r.Net, 0
			continue
		case "held":
			held = -r.Net
		case "deposit":
			want := m.own.credited[r.Deposit]
			if r.Net != sum || r.Deposit != open || want != (credit{r.Net, r.Day}) || r.Account != m.own.merchants[m.shops[name].ID].account {
				m.t.Errorf("%s: %s of %s to %s is %d, its rows sum to %d, its bank was asked for %+v", name, r.Deposit, r.Day, r.Account, r.Net, sum, want)
			}
			open, inDeposits[r.Deposit] = "", inDeposits[r.Deposit]+1
			continue
		default:
			m.rowAgrees(name, r, inDeposits)
		}
		sum += r.Net
	}
	m.allExplained(name, inDeposits, held, left)
}

// rowAgrees holds a row to what it was, and counts it under the name of what it is of.
func (m *month) rowAgrees(name string, r depositRow, found map[id.ID]int) {
	m.t.Helper()
	s, back := m.own.sales[r.Payment], m.own.refunds[r.Refund]
	var amount, fee int64
	what := r.Refund
	switch {
	case r.Type == "payment" && s != nil:
		amount, fee, what = s.amount, s.fee, r.Payment
	case r.Type == "refund" && back != nil && back.payment == r.Payment:
		amount, fee = -back.amount, back.charge
	case r.Type == "refund_rejected" && back != nil && back.rejected:
		amount, fee, what = back.amount, -back.charge, r.Refund+"-"
	case r.Type == "refund_given" && back != nil && back.given:
		fee, what = -back.feeBack, r.Refund+"+"
	case r.Type == "payout.returned":
		m.own.merchants[m.shops[name].ID].returned += r.Net
		amount, what = r.Amount, ""
	default:
		m.t.Errorf("%s: a deposit has %+v, which never was", name, r)
		return
	}
	if r.Amount != amount || r.Fee != fee || r.Net != amount-fee {
		m.t.Errorf("%s: a deposit has %+v, it was %d less %d", name, r, amount, fee)
	}
	found[what]++
}

// allExplained sees that each payment and refund of a merchant is in one deposit, but for those after the last one,
// which with what was held come to what is left.
func (m *month) allExplained(name string, found map[id.ID]int, held, left int64) {
	m.t.Helper()
	merchant := m.shops[name].ID
	rest := held
	once := func(what id.ID, change int64) {
		if found[what] > 1 {
			m.t.Errorf("%s: %s is in %d deposits", name, what, found[what])
		}
		if found[what] == 0 {
			rest += change
		}
	}
	for payment, s := range m.own.sales {
		if s.merchant == merchant {
			once(payment, s.amount-s.fee)
		}
	}
	for refund, r := range m.own.refunds {
		if m.own.sales[r.payment].merchant != merchant {
			continue
		}
		if once(refund, -r.amount-r.charge); r.rejected {
			once(refund+"-", r.amount+r.charge)
		} else if r.given {
			once(refund+"+", r.feeBack)
		}
	}
	b := m.own.merchants[merchant]
	if rest += b.back - b.returned; rest != left {
		m.t.Errorf("%s: what is in no deposit comes to %d, and %d is left", name, rest, left)
	}
}

// pspsAgree compares each PSP's book with its report.
func (m *month) pspsAgree() {
	m.t.Helper()
	for name, p := range m.own.psps {
		if got, want := m.sums(flow.PSPReader(name), "psp_reconciliation"), p.paid-p.refunded-p.interchange+p.adjusted; got["net"] != want || got["corrected"] != p.adjusted {
			m.t.Errorf("%s owes %d, of which %d were corrected, its report says %v", name, want, p.adjusted, got)
		}
	}
}

// centreAgrees compares what stays on the centre's account with what it earned, what merchants are still owed and what
// refunds are on their way, and what was corrected.
func (m *month) centreAgrees(legs map[id.ID]int64) {
	m.t.Helper()
	var stays, want int64
	for _, moved := range legs {
		stays -= moved
	}
	want = m.own.centre + m.own.suspense
	for _, b := range m.own.merchants {
		want += b.owed - b.credited + b.back
	}
	for _, b := range m.own.backs {
		want += b.amount
	}
	fees, overview := m.balance(ledger.Platform(ledger.Fees))-m.fees, m.sums(flow.CentreReader(), "overview")
	if stays != want || fees != money.Amount(m.own.centre) || overview["centre"] != m.own.centre {
		m.t.Errorf("%d stays with the centre, by the books %d; it earned %d, the ledger says %d, the overview %v", stays, want, m.own.centre, fees, overview)
	}
}

// earlier is a report that was made in the middle of the month.
type earlier struct {
	who    flow.Reader
	report store.Report
	body   []byte
}

// remembers has reports made of this moment, whose sums are those of the ledger now.
func (m *month) remembers() {
	m.t.Helper()
	m.endsWithARefund()
	for _, name := range m.shopsBy[:12] {
		for _, kind := range []string{"statement", "settlement", "refunds"} {
			m.remember(flow.MerchantReader(m.shops[name]), kind)
		}
		if sums := summary(m.t, m.before[len(m.before)-3].body); sums["closing"] != int64(m.payable(name)) {
			m.t.Errorf("%s: in the middle of the month the statement says %v, the ledger %d", name, sums, m.payable(name))
		}
	}
	for _, name := range payingPSPs {
		m.remember(flow.PSPReader(m.psps[name].ID), "psp_reconciliation")
	}
	m.remember(flow.CentreReader(), "overview")
	m.endsWithARefund() // so that a report of one position more is another one too
}

// endsWithARefund has one of the shops of the reports ask for a refund: the last fact moves its balance, so that a report
// of one position less is another one.
func (m *month) endsWithARefund() {
	m.t.Helper()
	for _, p := range slices.Backward(m.paid) {
		if !slices.Contains(m.shopsBy[:12], m.nameOf(p.Merchant)) || !m.wants(p, 1) {
			continue
		}
		list := m.refunds[string(p.PSP)]
		m.own.asked(list[len(list)-1].ID, p.ID, 1)
		return
	}
	m.t.Error("no shop could ask for a refund")
}

func (m *month) remember(who flow.Reader, kind string) {
	m.t.Helper()
	r, body := m.reported(who, kind)
	m.before = append(m.before, earlier{who, r, body})
}

// stillSays has the reports of the middle of the month made again: of the same position, they are the same bytes.
func (m *month) stillSays() {
	m.t.Helper()
	for _, b := range m.before {
		o := b.report.Order
		_, again := m.office().made(b.who, wire.NewReport{Type: string(o.Type), Format: "json", Language: "en", From: o.From.Format(time.RFC3339), To: o.To.Format(time.RFC3339), Position: b.report.Position})
		if !bytes.Equal(again, b.body) {
			m.t.Errorf("%s of %s as of %d was\n%s\nand is\n%s", o.Type, b.who.Owner, b.report.Position, b.body, again)
		}
	}
}
