package report

import (
	"tolom/sheet"
)

// refundTable is every refund: asked for, given, rejected, a row each.
type refundTable struct {
	writer
	sums sums
}

func (t *refundTable) columns() []column {
	return []column{
		{"time", sheet.Moment, 3}, {"type", sheet.Words, 3}, {"refund_id", sheet.Words, 0}, {"refund_ref", sheet.Words, 3}, {"payment_id", sheet.Words, 5},
		{"order_id", sheet.Words, 3}, {"merchant_id", sheet.Words, 0}, {"merchant", sheet.Words, 3}, {"store", sheet.Words, 2.4}, {"till", sheet.Words, 2},
		{"psp", sheet.Words, 2.4}, {"reason", sheet.Words, 3}, {"amount", sheet.Money, 2.4}, {"fee", sheet.Money, 2},
	}
}

func (t *refundTable) begin() []sheet.Row { return nil }
func (t *refundTable) end() []sheet.Row   { return nil }

func (t *refundTable) take(m Move) []sheet.Row {
	f := m.Fact
	if f.Refund == "" {
		return nil
	}
	t.sums.add(m)
	return []sheet.Row{{Cells: []any{
		m.At(), t.kind(m), string(f.Refund), m.RefundRef, string(f.Payment), m.OrderID, string(f.Merchant), t.name(f.Merchant),
		t.name(m.Store), t.name(m.Till), t.name(f.PSP), m.RefundReason, f.Amount, m.Fee(),
	}}}
}

func (t *refundTable) foot() []Fact {
	s := t.sums
	return []Fact{{"refund_count", s.refundCount}, {"refunded", s.refunds}, {"given", s.given}, {"rejected", s.rejected}, {"refund_fees", s.refundFees}, {"fees_returned", s.feesBack}}
}

// pspTable is every payment and refund of a PSP, by its own names for them, to be laid beside its own list.
type pspTable struct {
	writer
	sums sums
}

func (t *pspTable) columns() []column {
	return []column{
		{"time", sheet.Moment, 3}, {"type", sheet.Words, 3}, {"payment_id", sheet.Words, 5.4}, {"psp_payment_id", sheet.Words, 4}, {"refund_id", sheet.Words, 0},
		{"psp_refund_id", sheet.Words, 3}, {"merchant_id", sheet.Words, 0}, {"merchant", sheet.Words, 3}, {"amount", sheet.Money, 2.2},
		{"surcharge", sheet.Money, 2}, {"interchange", sheet.Money, 2.6}, {"net", sheet.Money, 2.2},
	}
}

func (t *pspTable) begin() []sheet.Row { return nil }
func (t *pspTable) end() []sheet.Row   { return nil }

// take lists what has moved money between the PSP and the centre: a payment, which the PSP owes, a refund that was given,
// which it is owed, and a correction of the books, which it owes when it is above zero.
func (t *pspTable) take(m Move) []sheet.Row {
	f, sign := m.Fact, m.Fact.Amount
	switch m.Kind() {
	case Paid:
	case RefundGiven:
		sign = -sign
	case Corrected:
	default:
		return nil
	}
	t.sums.add(m)
	return []sheet.Row{{Cells: []any{
		m.At(), t.kind(m), string(f.Payment), m.PSPPaymentID, string(f.Refund), m.PSPRefundID, string(f.Merchant), t.name(f.Merchant),
		sign, m.Surcharge(), m.Interchange(), sign + m.Surcharge() - m.Interchange(),
	}}}
}

// foot sums up; net is what the PSP owes.
func (t *pspTable) foot() []Fact {
	s := t.sums
	return []Fact{{"count", s.paymentCount}, {"paid", s.payments}, {"given", s.given}, {"surcharge", s.surcharge}, {"interchange", s.interchange},
		{"corrected", s.corrected}, {"net", s.payments - s.given + s.surcharge - s.interchange + s.corrected}}
}
