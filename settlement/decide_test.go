package settlement

import (
	"testing"
	"time"

	"tolom/fault"
)

var (
	noon = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	open = Day{Date: "2026-11-24", Number: 3, Status: Open, Stage: PayOut, Cursor: "mer_x"}
	shut = with(open, func(d *Day) { d.Status, d.ClosedAt, d.Stage, d.Cursor = Closed, noon, Wait, "" })
	sent = with(shut, func(d *Day) {
		d.Status, d.Message, d.Digest, d.Attempt, d.SubmittedAt = Submitted, "file-1", "aa", 1, noon
	})
	yes   = with(sent, func(d *Day) { d.AcceptedAt, d.Stage = noon, Move })
	no    = with(sent, func(d *Day) { d.Status, d.Reason = Returned, "AM04" })
	again = with(no, func(d *Day) { d.Status, d.Message, d.Digest, d.Attempt, d.Reason = Submitted, "file-2", "bb", 2, "" })
	done  = with(yes, func(d *Day) { d.Status, d.EndedAt, d.Stage = Settled, noon, Wait })
)

func with(d Day, change func(*Day)) Day {
	change(&d)
	return d
}

// TestEveryStepOfADay is the whole machine: from each state by each command, to a state or a refusal.
func TestEveryStepOfADay(t *testing.T) {
	submit1, submit2 := Submit{"file-1", "aa"}, Submit{"file-2", "bb"}
	accept, refuse := Answer{Message: "file-1", Accepted: true}, Answer{Message: "file-1", Reason: "AM04"}
	for _, c := range []struct {
		name    string
		from    Day
		command Command
		to      Day
		refusal fault.Code
	}{
		{"the close is written down", open, Close{}, shut, ""},
		{"and again", shut, Close{}, shut, ""},
		{"a day that is settled stays so", done, Close{}, done, ""},
		{"an open day has no file", open, submit1, open, fault.DayNotClosed},
		{"a closed day is submitted", shut, submit1, sent, ""},
		{"and again under the same name", sent, submit1, sent, ""},
		{"the same name with other bytes", sent, Submit{"file-1", "cc"}, sent, fault.DayMessage},
		{"a second file while the first is there", sent, submit2, sent, fault.DaySubmitted},
		{"a file without a name", shut, Submit{}, shut, fault.InvalidRequest},
		{"the central bank accepts", sent, accept, yes, ""},
		{"and says it again", yes, accept, yes, ""},
		{"and again when all is done", done, accept, done, ""},
		{"it cannot take its yes back", yes, refuse, yes, fault.DaySettled},
		{"nor later", done, refuse, done, fault.DaySettled},
		{"it refuses", sent, refuse, no, ""},
		{"and says it again", no, refuse, no, ""},
		{"what was refused cannot be accepted", no, accept, no, fault.DayMessage},
		{"nor submitted again under its name", no, submit1, no, fault.DayMessage},
		{"it is submitted under another", no, submit2, again, ""},
		{"the late answer to the first file is for nobody", again, accept, again, fault.DayMessage},
		{"an answer to a file of another day", sent, Answer{Message: "file-9", Accepted: true}, sent, fault.DayMessage},
		{"an answer to no file", shut, Answer{Accepted: true}, shut, fault.DayMessage},
		{"all that follows is written down", yes, Settle{}, done, ""},
		{"and again", done, Settle{}, done, ""},
		{"nothing follows without a yes", sent, Settle{}, sent, fault.DayNotClosed},
		{"a settled day is not submitted", done, submit2, done, fault.DaySettled},
	} {
		got, refusal := Decide(c.from, c.command, noon)
		code := fault.Code("")
		if refusal != nil {
			code = refusal.Code
		}
		if code != c.refusal || got != c.to {
			t.Errorf("%s: %q and\n%+v, want %q and\n%+v", c.name, code, got, c.refusal, c.to)
		}
	}
}

func TestTheTimetable(t *testing.T) {
	table := Timetable{Holidays: map[string]Holiday{"2026-03-23": {Date: "2026-03-23"}, "2026-03-28": {Date: "2026-03-28", Banking: true}}}
	for _, c := range []struct{ after, next, cut string }{
		{"2026-03-18", "2026-03-19", "2026-03-19T03:05:00Z"},
		{"2026-03-20", "2026-03-24", "2026-03-24T03:05:00Z"}, // Friday: the weekend, and Monday is a holiday
		{"2026-03-27", "2026-03-28", "2026-03-28T03:05:00Z"}, // a Saturday with banking
	} {
		next, cut, err := table.After(c.after)
		if err != nil || next != c.next || cut.Format(time.RFC3339) != c.cut {
			t.Errorf("after %s comes %s until %v, %v; want %s until %s", c.after, next, cut, err, c.next, c.cut)
		}
	}
	for _, c := range []struct{ moment, date string }{
		{"2026-03-19T03:04:59Z", "2026-03-19"}, // 09:04:59 in Bishkek
		{"2026-03-19T03:05:00Z", "2026-03-20"},
		{"2026-03-20T12:00:00Z", "2026-03-24"},
		{"2026-03-18T19:00:00Z", "2026-03-19"}, // past midnight in Bishkek
	} {
		moment, err := time.Parse(time.RFC3339, c.moment)
		if err != nil {
			t.Fatal(err)
		}
		if date, _, err := table.First(moment); err != nil || date != c.date {
			t.Errorf("%s belongs to %s, %v; want %s", c.moment, date, err, c.date)
		}
	}
	for _, at := range []string{"9", "25:00", "09:60", "noon"} {
		if (Timetable{CloseAt: at}).Check() == nil {
			t.Errorf("%q is taken for a time", at)
		}
	}
	if err := (Timetable{CloseAt: "18:30"}).Check(); err != nil {
		t.Error(err)
	}
}

// TestACalendarWithoutBankingClosesAllTheSame: a mistake in it must not stop settlement for good.
func TestACalendarWithoutBankingClosesAllTheSame(t *testing.T) {
	table := Timetable{Holidays: map[string]Holiday{}}
	for at := noon; at.Before(noon.AddDate(0, 6, 0)); at = at.AddDate(0, 0, 1) {
		date := at.Format(time.DateOnly)
		table.Holidays[date] = Holiday{Date: date}
	}
	next, _, err := table.After("2026-11-24")
	if err != nil || next != "2026-12-25" {
		t.Errorf("the next day is %s, %v", next, err)
	}
}
