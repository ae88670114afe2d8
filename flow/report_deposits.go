package flow

import (
	"cmp"
	"slices"
	"time"

	"tolom/report"
	"tolom/settlement"
	"tolom/store"
)

// mostPayouts is how many payouts are read at once.
const mostPayouts = 500

// deposits finds what was paid out for the business days that begin in the order's time, as far as the report's position
// knows of it, and bounds what is read to what happened since the deposit before the first of them.
func (m *making) deposits() (out []report.Deposit, err error) {
	o := m.report.Order
	first, last := o.From.In(report.Bishkek).Format(time.DateOnly), o.To.Add(-time.Millisecond).In(report.Bishkek).Format(time.DateOnly)
	all, err := m.payouts()
	if err != nil {
		return nil, err
	}
	var before settlement.Payout
	for _, p := range all {
		if p.Day >= first && p.Day <= last {
			d, err := m.deposit(p, before)
			if err != nil {
				return nil, err
			}
			out = append(out, d)
		}
		before = p
	}
	for len(out) > 0 {
		known, err := m.knows(out[len(out)-1])
		if err != nil {
			return nil, err
		}
		if known {
			break
		}
		out = out[:len(out)-1]
	}
	return out, m.boundTo(out)
}

// payouts gives all that were made to the merchant, by day: days that were closed one right after another may have given
// their payouts ids in any order.
func (m *making) payouts() (out []settlement.Payout, err error) {
	for filter := (store.PayoutFilter{Merchant: m.report.Owner, Ascending: true, Limit: mostPayouts}); ; {
		rows, err := m.days.Payouts(m.ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			filter.After = p.ID
		}
		if out = append(out, rows...); len(rows) < mostPayouts {
			slices.SortFunc(out, func(a, b settlement.Payout) int { return cmp.Compare(a.Day, b.Day) })
			return out, nil
		}
	}
}

// deposit is a payout with everything since the one before: days without a payout are in it. So each payment is in one
// deposit, and what one deposit opens with is what the one before has held.
func (m *making) deposit(p, before settlement.Payout) (report.Deposit, error) {
	d := report.Deposit{Payout: p}
	day, err := m.days.Day(m.ctx, p.Day)
	if d.To = day.To; err != nil || before.ID == "" {
		d.Opening = 0
		return d, err
	}
	day, err = m.days.Day(m.ctx, before.Day)
	d.From, d.Opening = day.To, before.Held
	return d, err
}

// knows says whether the payout was made by the report's position: it is a fact as others are. Payouts are made day by
// day, so those before one that is known are known too.
func (m *making) knows(d report.Deposit) (bool, error) {
	at, err := m.search(func(position int64, _ time.Time) bool { return position > d.To })
	for ; err == nil && at < m.last; at += window {
		page, failed := m.at.Moves(m.ctx, m.reader, "", at, min(at+window, m.last))
		for _, move := range page {
			if move.Fact.Payout == d.ID {
				return true, nil
			}
		}
		err = failed
	}
	return false, err
}

// boundTo has the moves of the deposits' days read, and no others.
func (m *making) boundTo(deposits []report.Deposit) (err error) {
	if len(deposits) == 0 {
		return nil
	}
	from, to := deposits[0].From, deposits[len(deposits)-1].To
	if m.after, err = m.search(func(position int64, _ time.Time) bool { return position > from }); err != nil {
		return err
	}
	m.upTo, err = m.search(func(position int64, _ time.Time) bool { return position > to })
	return err
}
