package store

import (
	"context"
	"errors"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/settlement"
)

// ErrEarly says that a day cannot end yet: its time has not come, or facts from before
// its end are not counted yet.
var ErrEarly = errors.New("store: the day cannot end yet")

// Days keeps business days and what they come to. It moves no money: the engine does,
// and writes payouts with it. Writers compare versions, so of two nodes that do the same
// one gets ErrRetry and finds it done.
type Days interface {
	// Folding gives the day that is going on.
	Folding(ctx context.Context) (Folding, error)
	// Fold adds totals to the day that is going on and moves its position, one commit.
	Fold(ctx context.Context, from Folding, to, late int64, totals []settlement.Total) error
	// EndEarly has the day that is going on end now instead of by the timetable. A day
	// that was told to end before keeps its end.
	EndEarly(ctx context.Context, from Folding) error
	// Cut ends the day that is going on and begins the next. It waits until all open
	// transactions have ended, so that afterwards nothing can have happened before the
	// end that is not in the feed. ErrEarly before the day's CutAt, and while facts from
	// before it wait for their numbers, for so long at most; and when the next fact of
	// the feed is from before it.
	Cut(ctx context.Context, from Folding, day settlement.Day, patience time.Duration) (settlement.Day, error)

	// Day gives a day that was cut; ErrNotFound.
	Day(ctx context.Context, date string) (settlement.Day, error)
	DayNumbered(ctx context.Context, number int64) (settlement.Day, error)
	// Days lists them, newest first, before a date; the empty date is no bound.
	Days(ctx context.Context, before string, limit int) ([]settlement.Day, error)
	// Unfinished gives the oldest day of which something is still to be written down; ErrNotFound.
	Unfinished(ctx context.Context) (settlement.Day, error)
	// PutDay writes a day, as loaded but for what changed, with what belongs to it.
	PutDay(ctx context.Context, d settlement.Day, w DayRows) error
	// Recount holds the counter of each net debit cap against what is reserved and not
	// settled, sets right those that say otherwise, and gives their owners. None does, unless
	// a program that did not count everything has written to the database. Payments wait
	// for it only where there is something to set right.
	Recount(ctx context.Context) (owners []id.ID, err error)

	// Totals gives a day's totals of owners of one kind, by owner.
	Totals(ctx context.Context, number int64, kind id.Kind, after id.ID, limit int) ([]settlement.Total, error)
	// Total gives those of one owner, zero when there are none.
	Total(ctx context.Context, number int64, owner id.ID) (settlement.Total, error)
	// TotalsOf gives a day's totals of these owners, at most 1,000, in no order; of those that have none there is none.
	TotalsOf(ctx context.Context, number int64, owners []id.ID) ([]settlement.Total, error)
	// SumOfTotals adds up a day's totals of owners of one kind.
	SumOfTotals(ctx context.Context, number int64, kind id.Kind) (settlement.Total, error)
	// Positions gives those of a closed day, the centre's first, then by participant.
	Positions(ctx context.Context, date string) ([]settlement.Position, error)
	// Payout gives a payout; ErrNotFound.
	Payout(ctx context.Context, payout id.ID) (settlement.Payout, error)
	Payouts(ctx context.Context, f PayoutFilter) ([]settlement.Payout, error)
	// PayoutsOf gives the payouts of one day to these merchants, in no order; at most 1,000.
	PayoutsOf(ctx context.Context, date string, merchants []id.ID) ([]settlement.Payout, error)
	// Unpayable gives merchants that are owed money and have no account at a bank for it, after an id, by id; UnpayableSum
	// how many there are and what they are owed together.
	Unpayable(ctx context.Context, after id.ID, limit int) ([]Unpayable, error)
	UnpayableSum(ctx context.Context) (count int, owed money.Amount, err error)
	// PaidOut sums a day's payouts by participant.
	PaidOut(ctx context.Context, date string) ([]settlement.PaidOut, error)

	// Holidays lists the calendar's exceptions by date; PutHoliday writes one,
	// DropHoliday takes one out, which may not be there.
	Holidays(ctx context.Context) ([]settlement.Holiday, error)
	PutHoliday(ctx context.Context, h settlement.Holiday) error
	DropHoliday(ctx context.Context, date string) error
}

// Folding is the day that is going on: what is counted of it so far.
type Folding struct {
	Number   int64
	Position int64     // all facts up to here are in this day or an earlier one
	CutAt    time.Time // its end, where an operator has set it; else the timetable's
	Late     int64
	Version  int64
}

// DayRows are written with a day in one commit.
type DayRows struct {
	Openings  []settlement.Total // added to the day's totals
	Gathered  []settlement.Total // of PSPs their Participant is set, of merchants their BankAccount, and they are there
	Positions []settlement.Position
}

// DayArchive is what an audit reads of business days.
type DayArchive interface {
	// AllDays gives the days that were cut, by number, and the one that is going on.
	AllDays(ctx context.Context) ([]settlement.Day, Folding, error)
	// TotalPage gives a day's totals by owner.
	TotalPage(ctx context.Context, number int64, after id.ID, limit int) ([]settlement.Total, error)
	// PositionsOf gives a day's positions by participant.
	PositionsOf(ctx context.Context, date string) ([]settlement.Position, error)
	// PayoutPage gives payouts by id; PayoutsOf those of these ids that exist, in no order.
	PayoutPage(ctx context.Context, after id.ID, limit int) ([]settlement.Payout, error)
	PayoutsOf(ctx context.Context, names []id.ID) ([]settlement.Payout, error)
}

// PayoutFilter picks payouts. Zero fields do not filter; one of Day and Merchant is required.
// Ascending lists run oldest first and take After; others run newest first and take Before.
type PayoutFilter struct {
	Day         string
	Merchant    id.ID
	Participant id.ID
	Status      settlement.PayoutStatus
	Ascending   bool
	After       id.ID
	Before      id.ID
	Limit       int
}

// Unpayable is a merchant whose money waits because nobody has said where it is to go.
type Unpayable struct {
	Merchant    id.ID
	Name        string
	Participant id.ID // the bank, where there is one but no account
	Owed        money.Amount
}
