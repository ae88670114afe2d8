package view

// Calendar is on which days banks settle.
type Calendar struct {
	Frame
	Back           string
	Months         []Month
	Earlier, Later string // addresses of the months before and after
	Weekdays       []Weekday
	Rows           []HolidayRow
	Action         string // address of the form; "" for who only looks
	Date, Name     Input
	Ways           []Option
	Wrong          Wrong
}

// Weekday is the head of a column.
type Weekday struct{ Short, Name string }

// Month is a month as it hangs on a wall.
type Month struct {
	Name  string
	Weeks [][7]CalendarDay // a day of another month has no number
}

// CalendarDay is one day.
type CalendarDay struct {
	Number  int
	Banking bool
	Changed bool // it is an exception
	Today   bool
	Name    string // of the exception
	Word    string // whether banks settle on it
}

// HolidayRow is an exception of the calendar.
type HolidayRow struct {
	Date, Name string
	Tone       Tone
	Word       string
	Drop       string // address of the form that takes it out; "" when it has come, or the person may not
}
