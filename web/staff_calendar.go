package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/settlement"
	"tolom/web/locale"
	"tolom/web/view"
)

// calendarPages are the calendar of banking days.
func (p *pages) calendarPages() []staffPage {
	return []staffPage{
		{"GET", calendarPath, access.SeePlatform, "", p.calendar},
		{"POST", calendarPath, access.HandleRegistry, "", p.putHoliday},
		{"POST", calendarPath + "/{date}/drop", access.HandleRegistry, "", p.dropHoliday},
	}
}

const calendarPath = "/days/calendar"

// monthsShown is how many months a page shows.
const monthsShown = 3

func (p *pages) calendar(v *visit, s staff) error {
	return p.showCalendar(v, s, view.Wrong{}, http.StatusOK)
}

// showCalendar shows some months and all exceptions, with what was wrong with the form.
func (p *pages) showCalendar(v *visit, s staff, wrong view.Wrong, status int) error {
	first, err := monthOf(v.r.URL.Query().Get("month"), v.now())
	if err != nil {
		return err
	}
	holidays, err := p.Days.Holidays(v.r.Context())
	if err != nil {
		return err
	}
	at := s.at(calendarPath)
	page := view.Calendar{Frame: s.frame(v, v.text.Say("calendar")), Back: s.at("/days"), Wrong: wrong, Weekdays: weekdays(v),
		Earlier: at + "?month=" + first.AddDate(0, -monthsShown, 0).Format(yearMonth), Later: at + "?month=" + first.AddDate(0, monthsShown, 0).Format(yearMonth)}
	if v.r.Method != http.MethodGet {
		page.Frame = s.frameAt(v, at, page.Title)
	}
	table := settlement.Timetable{Holidays: map[string]settlement.Holiday{}}
	for _, h := range holidays {
		table.Holidays[h.Date] = h
	}
	for n := range monthsShown {
		page.Months = append(page.Months, monthView(v, table, first.AddDate(0, n, 0)))
	}
	slices.SortFunc(holidays, func(a, b settlement.Holiday) int { return strings.Compare(b.Date, a.Date) })
	tomorrow := v.now().In(locale.Bishkek).AddDate(0, 0, 1).Format(time.DateOnly)
	for _, h := range holidays {
		row := view.HolidayRow{Date: v.text.Date(h.Date), Name: h.Name, Word: bankingWord(v, h.Banking), Tone: either(h.Banking, view.Good, view.Warn)}
		if h.Date >= tomorrow && s.may(access.HandleRegistry) {
			row.Drop = at + "/" + h.Date + "/drop"
		}
		page.Rows = append(page.Rows, row)
	}
	if s.may(access.HandleRegistry) {
		holidayForm(v, at, tomorrow, &page)
	}
	return v.show(status, view.CalendarPage(page))
}

func holidayForm(v *visit, at, tomorrow string, page *view.Calendar) {
	typed := v.r.PostForm
	page.Action = at
	page.Date = view.Input{Name: "date", Type: "date", Label: v.text.Say("diff_day"), Value: typed.Get("date"), More: templ.Attributes{"min": tomorrow}}
	page.Name = view.Input{Name: "name", Label: v.text.Say("diff_name"), Value: typed.Get("name"), More: templ.Attributes{"maxlength": "50"}}
	page.Ways = []view.Option{{Value: "no", Name: bankingWord(v, false), Chosen: typed.Get("banking") != "yes"}, {Value: "yes", Name: bankingWord(v, true), Chosen: typed.Get("banking") == "yes"}}
}

func bankingWord(v *visit, banking bool) string {
	if banking {
		return v.text.Say("calendar_banking")
	}
	return v.text.Say("calendar_closed")
}

const yearMonth = "2006-01"

// monthOf reads a month, the present one when there is none; it is its first day in Bishkek.
func monthOf(text string, now time.Time) (time.Time, error) {
	if text == "" {
		text = now.In(locale.Bishkek).Format(yearMonth)
	}
	at, err := time.ParseInLocation(yearMonth, text, locale.Bishkek)
	if err != nil || at.Year() < 2000 || at.Year() > 2200 {
		return at, fault.New(fault.InvalidRequest).On("month")
	}
	return at, nil
}

// weekdays are the heads of the columns, from Monday on.
func weekdays(v *visit) (out []view.Weekday) {
	for n := range 7 {
		day := string(rune('1' + n))
		out = append(out, view.Weekday{Short: v.text.Say("weekday_short_" + day), Name: v.text.Say("weekday_" + day)})
	}
	return out
}

// monthView lays a month out in weeks that begin on Monday.
func monthView(v *visit, table settlement.Timetable, first time.Time) view.Month {
	m := view.Month{Name: v.text.Month(first)}
	today := v.now().In(locale.Bishkek).Format(time.DateOnly)
	var week [7]view.CalendarDay
	for at := first; at.Month() == first.Month(); at = at.AddDate(0, 0, 1) {
		column := (int(at.Weekday()) + 6) % 7
		if column == 0 && at.Day() > 1 {
			m.Weeks, week = append(m.Weeks, week), [7]view.CalendarDay{}
		}
		iso := at.Format(time.DateOnly)
		h, changed := table.Holidays[iso]
		banking := table.Banking(at)
		week[column] = view.CalendarDay{Number: at.Day(), Banking: banking, Changed: changed, Name: h.Name, Today: iso == today, Word: bankingWord(v, banking)}
	}
	m.Weeks = append(m.Weeks, week)
	return m
}

// putHoliday makes a date an exception.
func (p *pages) putHoliday(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	form := v.r.PostForm
	body := flow.HolidayBody{Name: strings.TrimSpace(form.Get("name")), Banking: form.Get("banking") == "yes"}
	return p.askOfCalendar(v, s, flow.Ask{Action: flow.PutHolidayAction, Target: id.ID(form.Get("date")), Body: body})
}

func (p *pages) dropHoliday(v *visit, s staff) error {
	date, err := dated(v)
	if err != nil {
		return err
	}
	return p.askOfCalendar(v, s, flow.Ask{Action: flow.DropHolidayAction, Target: id.ID(date), Body: flow.NoBody{}})
}

// askOfCalendar changes the calendar, or proposes it.
func (p *pages) askOfCalendar(v *visit, s staff, a flow.Ask) error {
	return p.propose(v, s, a, s.at(calendarPath), func(err error) error { return p.afterHoliday(v, s, err) })
}

// afterHoliday shows the calendar with what was wrong.
func (p *pages) afterHoliday(v *visit, s staff, err error) error {
	f := fault.From(err)
	if f.Kind() != fault.Invalid {
		return err
	}
	wrong := view.Wrong{Text: v.text.Say("error_holiday_date"), Field: "date"}
	if f.Param == "name" {
		wrong = view.Wrong{Text: v.text.Say("error_holiday_name"), Field: "name"}
	}
	return p.showCalendar(v, s, wrong, statuses[f.Kind()])
}
