package report

import (
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/sheet"
)

// Deposit is a payout with the positions of the feed of its business day, (From, To].
type Deposit struct {
	settlement.Payout
	From, To int64
}

// depositTable is every deposit with what it is made of: what was carried over, each payment and refund of its business
// day, what was held. Amounts of the rows of a deposit sum to it.
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
		{"business_day", sheet.Words, 2.6}, {"deposit_id", sheet.Words, 0}, {"type", sheet.Words, 4}, {"time", sheet.Moment, 3.6}, {"payment_id", sheet.Words, 5.6}, {"refund_id", sheet.Words, 0},
		{"order_id", sheet.Words, 3}, {"store", sheet.Words, 2.4}, {"till", sheet.Words, 2.2}, {"amount", sheet.Money, 2.4}, {"fee", sheet.Money, 2.4}, {"net", sheet.Money, 2.4},
		{"bank_account", sheet.Words, 3.4},
	}
}

func (t *depositTable) begin() []sheet.Row { return nil }

// take puts a move into the deposit of its day. Moves of a day without a deposit are in the next one's "carried over".
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
