package report

import (
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/sheet"
)

// Deposit is a payout with the positions of the feed that it is made of, (From, To]: from the end of the business day of
// the deposit before to the end of its own. Its Opening is what the one before has held.
type Deposit struct {
	settlement.Payout
	From, To int64
}

// depositTable is every deposit with what it is made of: what the one before has held, each payment and refund since, what
// is held now. Amounts of the rows of a deposit sum to it.
type depositTable struct {
	writer
	next  int // deposit
	open  bool
	sum   money.Amount // of the rows of the open deposit
	all   money.Amount
	gross money.Amount
	fees  money.Amount
	count int64
}

func (t *depositTable) columns() []column {
	return []column{
		{"business_day", sheet.Words, 3.2}, {"deposit_id", sheet.Words, 0}, {"type", sheet.Words, 4.5}, {"time", sheet.Moment, 3.8}, {"payment_id", sheet.Words, 5.8}, {"refund_id", sheet.Words, 0},
		{"order_id", sheet.Words, 2.4}, {"store", sheet.Words, 2.3}, {"till", sheet.Words, 1.9}, {"amount", sheet.Money, 2.2}, {"fee", sheet.Money, 2.3}, {"net", sheet.Money, 2.2},
		{"bank_account", sheet.Words, 3.8},
	}
}

func (t *depositTable) begin() []sheet.Row { return nil }

// take puts a move into the deposit that it is in.
func (t *depositTable) take(m Move) (out []sheet.Row) {
	out = t.upTo(m.Position)
	if m.Fact.Type == payment.PayoutWasMade || t.next >= len(t.Deposits) || m.Position <= t.Deposits[t.next].From {
		return out
	}
	out = append(out, t.begun()...)
	d := t.Deposits[t.next]
	t.sum += m.Change()
	if m.Kind() == Paid {
		t.count++
	}
	t.fees += m.Fee()
	t.gross += m.Gross()
	return append(out, sheet.Row{Cells: []any{
		d.Day, string(d.ID), t.kind(m), m.At(), string(m.Fact.Payment), string(m.Fact.Refund), m.OrderID, t.name(m.Store), t.name(m.Till),
		m.Gross(), m.Fee(), m.Change(), nil,
	}})
}

// upTo ends the deposits whose days lie before a position.
func (t *depositTable) upTo(position int64) (out []sheet.Row) {
	for t.next < len(t.Deposits) && t.Deposits[t.next].To < position {
		out = append(out, t.ended()...)
	}
	return out
}

// begun opens a deposit with what was carried over to it.
func (t *depositTable) begun() []sheet.Row {
	if t.open {
		return nil
	}
	d := t.Deposits[t.next]
	t.open, t.sum = true, d.Opening
	return []sheet.Row{t.line(d, "opening_carried", d.Opening)}
}

// ended closes a deposit with what was held and what was paid out.
func (t *depositTable) ended() []sheet.Row {
	out := t.begun()
	d := t.Deposits[t.next]
	if d.Held != 0 {
		out = append(out, t.line(d, "held", -d.Held))
	}
	last := t.line(d, "deposit", d.Amount)
	last.Strong, last.Cells[12] = true, d.BankAccount
	t.all += d.Amount
	t.next, t.open = t.next+1, false
	return append(out, last)
}

func (t *depositTable) line(d Deposit, key string, amount money.Amount) sheet.Row {
	return sheet.Row{Cells: []any{d.Day, string(d.ID), t.say(key), nil, nil, nil, nil, nil, nil, nil, nil, amount, nil}}
}

func (t *depositTable) end() []sheet.Row { return t.upTo(1<<62 - 1) }

func (t *depositTable) foot() []Fact {
	return []Fact{{"deposits", int64(t.next)}, {"count", t.count}, {"amount", t.gross}, {"fee", t.fees}, {"deposit", t.all}}
}
