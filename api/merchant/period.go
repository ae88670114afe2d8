package merchant

import (
	"time"
	_ "time/tzdata" // Days are those of Bishkek, also on machines without a time zone database.

	"tolom/fault"
)

var bishkek = func() *time.Location {
	l, err := time.LoadLocation("Asia/Bishkek")
	if err != nil {
		panic(err) // It is embedded.
	}
	return l
}()

// moment reads a time of a query: RFC 3339, or a date of Bishkek. As an end a date counts whole, so it means the
// midnight after it. An absent one is zero.
func moment(param, text string, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, bishkek); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1 {
		return time.Time{}, fault.New(fault.InvalidRequest).On(param).Because("write a date such as 2026-11-24, or RFC 3339 such as 2026-11-24T05:40:00Z (and + as %2B)")
	}
	return at.UTC(), nil
}

// period reads the time of a statement. Without an end it is the day of Bishkek that it begins with, or for a
// precise beginning everything until now; without a beginning it is the day that it ends with; without both, today.
func period(fromText, toText string, now time.Time) (from, to time.Time, err error) {
	if from, err = moment("from", fromText, false); err != nil {
		return from, to, err
	}
	if to, err = moment("to", toText, true); err != nil {
		return from, to, err
	}
	switch {
	case from.IsZero() && to.IsZero():
		from = midnight(now)
		to = from.In(bishkek).AddDate(0, 0, 1).UTC()
	case from.IsZero():
		from = midnight(to.Add(-time.Nanosecond))
	case to.IsZero() && len(fromText) == len(time.DateOnly):
		to = from.In(bishkek).AddDate(0, 0, 1).UTC()
	case to.IsZero():
		to = now
	}
	return from, to, nil
}

// midnight is the beginning of the day in Bishkek.
func midnight(at time.Time) time.Time {
	y, m, d := at.In(bishkek).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, bishkek).UTC()
}
