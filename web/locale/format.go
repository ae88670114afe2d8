package locale

import (
	"strconv"
	"time"

	"tolom/money"
)

// Bishkek is the time zone of everything that people read. It is written out,
// because the country keeps UTC+6 all year and a server may lack the zone files.
var Bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// Money writes an amount with its unit, "1 234,50 сом", held together by no-break spaces.
func (t Text) Money(a money.Amount) string { return a.String() + "\u00a0" + t.Unit() }

// Percent writes a rate that is given in hundredths of a percent, "0,50 %".
func (t Text) Percent(hundredths int64) string { return money.Amount(hundredths).String() + "\u00a0%" }

// Date writes a day that is given as "2026-11-24"; what is none stays as it is.
func (t Text) Date(iso string) string {
	at, err := time.ParseInLocation(time.DateOnly, iso, Bishkek)
	if err != nil {
		return iso
	}
	return t.Day(at)
}

// Unit is the name of the currency.
func (t Text) Unit() string { return t.Say("som") }

// Day writes the date in Bishkek.
func (t Text) Day(at time.Time) string {
	at = at.In(Bishkek)
	return t.Say("day", "Day", at.Day(), "Month", t.month(at.Month()), "Year", at.Year())
}

// Month writes the month of a moment and its year, as the head of a calendar.
func (t Text) Month(at time.Time) string {
	at = at.In(Bishkek)
	return t.Say("month_of_year", "Month", t.Say("month_"+strconv.Itoa(int(at.Month()))), "Year", at.Year())
}

// Hour writes the hour and minute in Bishkek.
func (t Text) Hour(at time.Time) string { return at.In(Bishkek).Format("15:04") }

// Second writes the time of day in Bishkek to the second, for receipts.
func (t Text) Second(at time.Time) string { return at.In(Bishkek).Format("15:04:05") }

// Moment writes the date, hour and minute.
func (t Text) Moment(at time.Time) string { return t.Day(at) + ", " + t.Hour(at) }

// When writes the hour alone for today, and the date too for other days.
func (t Text) When(at, now time.Time) string {
	if at.In(Bishkek).Format(time.DateOnly) == now.In(Bishkek).Format(time.DateOnly) {
		return t.Hour(at)
	}
	return t.Moment(at)
}

func (t Text) month(m time.Month) string {
	return [...]string{
		t.Say("january"), t.Say("february"), t.Say("march"), t.Say("april"), t.Say("may"), t.Say("june"),
		t.Say("july"), t.Say("august"), t.Say("september"), t.Say("october"), t.Say("november"), t.Say("december"),
	}[m-1]
}
