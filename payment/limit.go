package payment

import (
	"time"

	"tolom/id"
	"tolom/money"
)

// Limits bound what the payments of one owner may come to: a merchant's, a
// PSP's, or those of all PSPs of a participant. Amounts are tyiyn; 0 is no bound.
type Limits struct {
	Owner       id.ID
	Least, Most money.Amount // of one payment
	// Daily bounds what the payments created in one business day come to,
	// reserved ones and successes. A refund gives nothing of it back.
	Daily money.Amount
	// NetDebit bounds the position: reserved and successful payments less the
	// refunds that were credited, until settlement confirms.
	NetDebit money.Amount
	// SetAt is when these limits were set, by the database's clock; the zero time
	// when that was not noted.
	SetAt time.Time
	// CountedFrom is the first moment whose payments the daily counters know; the
	// zero time when they know none.
	CountedFrom time.Time
	// NetDebitOver is how much more than NetDebit the position may be: it was more when the cap
	// was set, or a settlement or a correction, which no cap bounds, made it more since. DailyOver
	// is by how much the days were above Daily, from the one on which it was set. No order of times
	// says that: a clock may go back. OverAt is SetAt where the two were noted with these limits.
	NetDebitOver, DailyOver money.Amount
	OverAt                  time.Time
}

// Over says whether it is known how far these caps may be passed.
func (l Limits) Over() bool { return !l.SetAt.IsZero() && l.OverAt.Equal(l.SetAt) }

// Noted gives the limits as they are set at a moment at which so much is used.
func (l Limits) Noted(at time.Time, position, day money.Amount) Limits {
	l.SetAt, l.OverAt, l.NetDebitOver, l.DailyOver = at, at, 0, 0
	if l.NetDebit > 0 {
		l.NetDebitOver = max(position-l.NetDebit, 0)
	}
	if l.Daily > 0 {
		l.DailyOver = max(day-l.Daily, 0)
	}
	return l
}

// Raised gives the limits after a position was made larger by what no cap bounds, to what is used
// now. A cap that had been passed before stays passed.
func (l Limits) Raised(by, used money.Amount) Limits {
	l.NetDebitOver = max(min(l.NetDebitOver+by, used-l.NetDebit), 0)
	return l
}

// None says that nothing is bounded.
func (l Limits) None() bool { return l.Least|l.Most|l.Daily|l.NetDebit == 0 }

// Range bounds the amount of one payment; zero ends are open.
type Range struct{ Least, Most money.Amount }

// Narrowed gives the range with the owner's bounds added.
func (r Range) Narrowed(l Limits) Range {
	if l.Most > 0 && (r.Most == 0 || l.Most < r.Most) {
		r.Most = l.Most
	}
	return Range{max(r.Least, l.Least), r.Most}
}

// Caps are the limits that a decision may meet, and which participants the PSPs
// belong to. Owners without limits are absent.
type Caps struct {
	Limits       map[id.ID]Limits
	Participants map[id.ID]id.ID // by PSP; those with limits
}

// Of gives the limits that a merchant's payment through a PSP must keep, in the
// order in which they are judged: the merchant's, the PSP's, its participant's.
func (c Caps) Of(merchant, psp id.ID) (out []Limits) {
	if len(c.Limits) == 0 {
		return nil
	}
	for _, owner := range []id.ID{merchant, psp, c.Participants[psp]} {
		if l, bound := c.Limits[owner]; bound && owner != "" {
			out = append(out, l)
		}
	}
	return out
}

// Range gives the amounts that a payment of the merchant through the PSP may have.
func (c Caps) Range(merchant, psp id.ID) (r Range) {
	for _, l := range c.Of(merchant, psp) {
		r = r.Narrowed(l)
	}
	return r
}

// bishkek has had no summer time since 2005. It is written out because not
// every machine knows the zones by name.
var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// DayOf is the business day of a moment, "2026-11-24" in Bishkek. For limits a
// payment belongs to the day of its creation.
func DayOf(at time.Time) string { return at.In(bishkek).Format(time.DateOnly) }

// DayBounds gives the first moment of the business day of a moment, and that of the next.
func DayBounds(at time.Time) (from, to time.Time) {
	y, m, d := at.In(bishkek).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, bishkek).UTC(), time.Date(y, m, d+1, 0, 0, 0, 0, bishkek).UTC()
}
