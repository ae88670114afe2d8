package merchant

import (
	"errors"
	"testing"
	"time"

	"tolom/fault"
)

var now = time.Date(2026, 11, 24, 19, 30, 0, 0, time.UTC) // 25 November, 01:30, in Bishkek

func TestPeriods(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	for _, c := range []struct{ from, to, begins, ends string }{
		{"", "", "2026-11-25T00:00:00+06:00", "2026-11-26T00:00:00+06:00"},
		{"2026-11-24", "", "2026-11-24T00:00:00+06:00", "2026-11-25T00:00:00+06:00"},
		{"2026-11-01", "2026-11-30", "2026-11-01T00:00:00+06:00", "2026-12-01T00:00:00+06:00"},
		{"2024-02-29", "2024-02-29", "2024-02-29T00:00:00+06:00", "2024-03-01T00:00:00+06:00"},
		{"", "2026-11-24", "2026-11-24T00:00:00+06:00", "2026-11-25T00:00:00+06:00"},
		{"2026-11-24T05:00:00Z", "", "2026-11-24T05:00:00Z", "2026-11-24T19:30:00Z"},
		{"2026-11-24T05:00:00+06:00", "2026-11-24T05:00:00.500Z", "2026-11-24T05:00:00+06:00", "2026-11-24T05:00:00.500Z"},
		{"", "2026-11-24T18:00:00Z", "2026-11-24T00:00:00+06:00", "2026-11-25T00:00:00+06:00"},
	} {
		from, to, err := period(c.from, c.to, now)
		if err != nil || !from.Equal(at(c.begins)) || !to.Equal(at(c.ends)) {
			t.Errorf("%q to %q is %v to %v, %v", c.from, c.to, from, to, err)
		}
	}
	for _, text := range []string{"24.11.2026", "2026-11-31", "2026-11-24 05:00", "2026-11-24T05:00:00 06:00", "now", "0000-01-01T00:00:00Z"} {
		_, _, err := period(text, "", now)
		_, _, err2 := period("", text, now)
		if !fault.Has(err, fault.InvalidRequest) || !fault.Has(err2, fault.InvalidRequest) {
			t.Errorf("%q is %v and %v", text, err, err2)
		}
		var f *fault.Error
		if !errors.As(err2, &f) || f.Param != "to" {
			t.Errorf("%q names %v", text, f)
		}
	}
}
