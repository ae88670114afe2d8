package report

import (
	"time"

	"tolom/money"
	"tolom/sheet"
)

// statementTable is every line of a merchant's account with the balance after it.
type statementTable struct {
	writer
	balance money.Amount
	sums    sums
}

// sums are what moves of a merchant come to.
type sums struct {
	payments, refunds, rejected        money.Amount // gross
	paymentFees, refundFees, feesBack  money.Amount
	paymentCount, refundCount          int64
	given, surcharge, interchange, all money.Amount
	centre, payouts, corrected         money.Amount
}

func (s *sums) add(m Move) {
	switch m.Kind() {
	case Paid:
		s.payments += m.Gross()
		s.paymentFees += m.Fee()
		s.paymentCount++
	case Refunded:
		s.refunds -= m.Gross()
		s.refundFees += m.Fee()
		s.refundCount++
	case RefundRejected:
		s.rejected += m.Gross()
		s.refundFees += m.Fee()
	case RefundGiven:
		s.given += m.Fact.Amount
		s.feesBack -= m.Fee()
	case Corrected:
		s.corrected += m.Fact.Amount
	default:
		s.payouts -= m.Change()
	}
	s.surcharge += m.Surcharge()
	s.interchange += m.Interchange()
	s.centre += m.Centre()
	s.all += m.Change()
}

// fees is what the merchant bears in all.
func (s *sums) fees() money.Amount { return s.paymentFees + s.refundFees - s.feesBack }

func (t *statementTable) columns() []column {
	return []column{
		{"time", sheet.Moment, 3.2}, {"type", sheet.Words, 4.2}, {"payment_id", sheet.Words, 0}, {"refund_id", sheet.Words, 0},
		{"payment_request_id", sheet.Words, 0}, {"order_id", sheet.Words, 2.6}, {"store_id", sheet.Words, 0}, {"store", sheet.Words, 3},
		{"till_id", sheet.Words, 0}, {"till", sheet.Words, 2.4}, {"cashier", sheet.Words, 2.4}, {"psp", sheet.Words, 2.6},
		{"amount", sheet.Money, 2.4}, {"fee", sheet.Money, 2.2}, {"change", sheet.Money, 2.4}, {"balance", sheet.Money, 2.6},
	}
}

// edge is a line that says a balance.
func (t *statementTable) edge(key string, at time.Time) []sheet.Row {
	cells := make([]any, 16)
	cells[0], cells[1], cells[15] = at, t.say(key), t.balance
	return []sheet.Row{{Cells: cells, Strong: true}}
}

func (t *statementTable) begin() []sheet.Row { return t.edge("opening", time.Time{}) }
func (t *statementTable) end() []sheet.Row   { return t.edge("closing", time.Time{}) }

func (t *statementTable) take(m Move) []sheet.Row {
	if m.Kind() == RefundGiven && m.Change() == 0 {
		return nil // It moves nothing of the merchant's.
	}
	t.sums.add(m)
	t.balance += m.Change()
	f := m.Fact
	return []sheet.Row{{Cells: []any{
		m.At(), t.kind(m), string(f.Payment), string(f.Refund), string(f.Request), m.OrderID, string(m.Store), t.name(m.Store),
		string(m.Till), t.name(m.Till), m.Cashier, t.name(f.PSP), m.Gross(), m.Fee(), m.Change(), t.balance,
	}}}
}

func (t *statementTable) foot() []Fact {
	s := t.sums
	return []Fact{
		{"opening", t.Opening}, {"count", s.paymentCount}, {"paid", s.payments}, {"payment_fees", s.paymentFees}, {"refund_count", s.refundCount},
		{"refunded", s.refunds}, {"rejected", s.rejected}, {"refund_fees", s.refundFees}, {"fees_returned", s.feesBack},
		{"fees_net", s.fees()}, {"payout.made", s.payouts}, {"closing", t.balance},
	}
}
