package settlement

import (
	"errors"
	"time"
)

// Holiday is a day without banking, beside Saturdays and Sundays; or, when it says
// Banking, a Saturday or Sunday with it.
type Holiday struct {
	Date    string // "2026-03-21"
	Name    string
	Banking bool
}

// bishkek has had no summer time since 2005. It is written out because not every
// machine knows the zones by name.
var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// DefaultCloseAt is when the national operating day ends: 09:05 in Bishkek.
const DefaultCloseAt = "09:05"

// ErrTime says that a time of day is not written as hours and minutes.
var ErrTime = errors.New(`settlement: a time of day is written as "09:05"`)

// Timetable says when business days end.
type Timetable struct {
	CloseAt  string // "09:05" in Bishkek; DefaultCloseAt when empty
	Holidays map[string]Holiday
}

// Check refuses a timetable that cannot be read; ErrTime.
func (t Timetable) Check() error {
	if _, err := time.Parse("15:04", t.closeAt()); err != nil {
		return ErrTime
	}
	return nil
}

func (t Timetable) closeAt() string {
	if t.CloseAt == "" {
		return DefaultCloseAt
	}
	return t.CloseAt
}

// Banking says whether banks settle on a date.
func (t Timetable) Banking(date time.Time) bool {
	if h, listed := t.Holidays[date.Format(time.DateOnly)]; listed {
		return h.Banking
	}
	return date.Weekday() != time.Saturday && date.Weekday() != time.Sunday
}

// CutOf is the moment at which the day of that date ends; ErrTime when either cannot be read.
func (t Timetable) CutOf(date string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly+" 15:04", date+" "+t.closeAt(), bishkek)
	if err != nil {
		return at, ErrTime
	}
	return at.UTC(), nil
}

// longestHoliday is how many days without banking may follow each other; a calendar
// with more is taken for a mistake and closes the day anyway.
const longestHoliday = 31

// After gives the banking day that follows a date, and its cut-off. A day that would
// end when banks are closed ends on the next one with them.
func (t Timetable) After(date string) (next string, cut time.Time, err error) {
	at, err := time.ParseInLocation(time.DateOnly, date, bishkek)
	if err != nil {
		return "", cut, err
	}
	for n := 1; ; n++ {
		at = at.AddDate(0, 0, 1)
		if t.Banking(at) || n == longestHoliday {
			next = at.Format(time.DateOnly)
			cut, err = t.CutOf(next)
			return next, cut, err
		}
	}
}

// First gives the banking day that a moment belongs to, and its cut-off.
func (t Timetable) First(moment time.Time) (date string, cut time.Time, err error) {
	date, cut, err = t.After(moment.In(bishkek).AddDate(0, 0, -1).Format(time.DateOnly))
	if err == nil && !moment.Before(cut) {
		return t.After(date)
	}
	return date, cut, err
}
