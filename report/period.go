package report

import (
	"time"
	_ "time/tzdata" // Days are those of Bishkek, also on machines without a time zone database.
)

// Bishkek is the clock of days.
var Bishkek = func() *time.Location {
	l, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		return time.FixedZone("Asia/Bishkek", 6*60*60) // It is embedded, and this is what it says.
	}
	return l
}()

// Every is how often a report is ordered by itself.
type Every string

// The rhythms.
const (
	Daily   Every = "day"
	Weekly  Every = "week"
	Monthly Every = "month"
)

// Known says whether there is such a rhythm.
func (e Every) Known() bool { return e == Daily || e == Weekly || e == Monthly }

// settle is how long after a day has ended its reports are ordered, so that what happened at its very end is numbered.
const settle = 10 * time.Minute

// begin is the beginning of the day, week or month of a moment, in Bishkek.
func (e Every) begin(at time.Time) time.Time {
	y, m, d := at.In(Bishkek).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, Bishkek)
	switch e {
	case Weekly:
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7) // Weeks begin on Monday.
	case Monthly:
		return day.AddDate(0, 0, 1-d)
	}
	return day
}

// next is the beginning of the one after.
func (e Every) next(begin time.Time) time.Time {
	switch e {
	case Weekly:
		return begin.AddDate(0, 0, 7)
	case Monthly:
		return begin.AddDate(0, 1, 0)
	}
	return begin.AddDate(0, 0, 1)
}

// Next is when the report of the time that a moment is in is ordered: always after the moment.
func (e Every) Next(at time.Time) time.Time {
	return e.next(e.begin(at.Add(-settle))).Add(settle).UTC()
}

// Period is the time that has ended when a report is due.
func (e Every) Period(due time.Time) (from, to time.Time) {
	to = e.begin(due)
	return e.begin(to.Add(-time.Hour)).UTC(), to.UTC()
}

// ReadPeriod reads the times of an order: each a date of Bishkek or RFC 3339. As an end a date counts whole. Without an
// end it is the day of the beginning. problem names the field that cannot be read; "" when both can.
func ReadPeriod(fromText, toText string) (from, to time.Time, problem string) {
	from, ok := moment(fromText, false)
	if !ok {
		return from, to, "from"
	}
	if toText == "" {
		return from, Daily.next(Daily.begin(from)).UTC(), ""
	}
	if to, ok = moment(toText, true); !ok {
		return from, to, "to"
	}
	return from, to, ""
}

func moment(text string, end bool) (time.Time, bool) {
	if day, err := time.ParseInLocation(time.DateOnly, text, Bishkek); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day.UTC(), day.Year() > 1
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC().Truncate(time.Millisecond), err == nil && at.Year() > 1
}
