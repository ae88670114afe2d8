package report

import (
	"tolom/money"
	"tolom/sheet"
)

// feeTable is what the payments and refunds of each day cost their merchant, or earned for PSPs and the centre.
type feeTable struct {
	writer
	days days
	day  sums
	all  sums
}

func (t *feeTable) columns() []column {
	return []column{
		{"day", sheet.Words, 2}, {"count", sheet.Count, 1.4}, {"paid", sheet.Money, 2}, {"payment_fees", sheet.Money, 2}, {"refund_count", sheet.Count, 1.4},
		{"refund_fees", sheet.Money, 2}, {"fees_returned", sheet.Money, 2}, {"fees_net", sheet.Money, 2}, {"surcharge", sheet.Money, 2},
		{"interchange", sheet.Money, 2}, {"centre", sheet.Money, 2},
	}
}

func (t *feeTable) begin() []sheet.Row { return nil }

func (t *feeTable) take(m Move) (out []sheet.Row) {
	if m.Payout() || m.Kind() == Corrected {
		return nil
	}
	if day := t.days.of(m.At()); day != t.days.day {
		out = t.flush()
		t.days.day = day
	}
	t.day.add(m)
	t.all.add(m)
	return out
}

// flush gives the day that has ended. Facts come in the order of the feed, so one of the last moments of a day may come
// after the first of the next: a day may then have two rows, and the sums are right.
func (t *feeTable) flush() []sheet.Row {
	if t.days.day == "" {
		return nil
	}
	row := t.row(t.days.day, t.day, false)
	t.day = sums{}
	return []sheet.Row{row}
}

func (t *feeTable) row(title any, s sums, strong bool) sheet.Row {
	return sheet.Row{Strong: strong, Cells: []any{
		title, s.paymentCount, s.payments, s.paymentFees, s.refundCount, s.refundFees, s.feesBack, s.fees(), s.surcharge, s.interchange, s.centre,
	}}
}

func (t *feeTable) end() []sheet.Row { return append(t.flush(), t.row(t.say("total"), t.all, true)) }

func (t *feeTable) foot() []Fact {
	return []Fact{{"count", t.all.paymentCount}, {"paid", t.all.payments}, {"fees_net", t.all.fees()},
		{"surcharge", t.all.surcharge}, {"interchange", t.all.interchange}, {"centre", t.all.centre}}
}

// taxTable is a merchant's takings by day, with a row for each month: what payers paid, what they asked back and got,
// and what is left. A refund counts on the day on which it was asked for; one that is rejected counts back.
type taxTable struct {
	writer
	days              days
	month             string
	day, ofMonth, all sums
}

func (t *taxTable) columns() []column {
	return []column{
		{"day", sheet.Words, 3}, {"count", sheet.Count, 2}, {"paid", sheet.Money, 3}, {"refund_count", sheet.Count, 2}, {"refunded", sheet.Money, 3},
		{"rejected", sheet.Money, 3}, {"turnover", sheet.Money, 3}, {"fees_net", sheet.Money, 3},
	}
}

func (t *taxTable) begin() []sheet.Row { return nil }

func (t *taxTable) take(m Move) (out []sheet.Row) {
	if m.Payout() || m.Kind() == Corrected {
		return nil
	}
	day := t.days.of(m.At())
	if day != t.days.day {
		out = t.flush(day[:7])
		t.days.day, t.month = day, day[:7]
	}
	t.day.add(m)
	t.ofMonth.add(m)
	t.all.add(m)
	return out
}

// flush gives the day that has ended, and its month when the next day is of another.
func (t *taxTable) flush(next string) (out []sheet.Row) {
	if t.days.day == "" {
		return nil
	}
	out = append(out, t.row(t.days.day, t.day, false))
	t.day = sums{}
	if next != t.month {
		out = append(out, t.row(sheet.Term{Code: t.month, Text: t.say("month").Text + " " + t.month}, t.ofMonth, true))
		t.ofMonth = sums{}
	}
	return out
}

// turnover is what payers paid less what went back to them.
func (s *sums) turnover() money.Amount { return s.payments - s.refunds + s.rejected }

func (t *taxTable) row(title any, s sums, strong bool) sheet.Row {
	return sheet.Row{Strong: strong, Cells: []any{title, s.paymentCount, s.payments, s.refundCount, s.refunds, s.rejected, s.turnover(), s.fees()}}
}

func (t *taxTable) end() []sheet.Row { return append(t.flush(""), t.row(t.say("total"), t.all, true)) }

func (t *taxTable) foot() []Fact {
	return []Fact{{"count", t.all.paymentCount}, {"paid", t.all.payments}, {"refunded", t.all.refunds}, {"rejected", t.all.rejected},
		{"turnover", t.all.turnover()}, {"fees_net", t.all.fees()}}
}
