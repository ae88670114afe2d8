package recon

import (
	"testing"
	"time"

	"tolom/money"
)

// meanings are the cases of the protocol. Books are written as canonical lines of one
// day; the period is the hour from 05:00, the moment 06:10.
var meanings = []struct {
	name         string
	ours, theirs []string // left over by the search
	now          string   // what we have under the name
	class        Class
	reason       Reason
	action       Action
	due          string
	shift        money.Amount
}{
	{name: "we have a success that they have not asked for yet", ours: []string{"05:30 payment a 500 success"}, now: "05:30 payment a 500 success",
		class: Expected, reason: OutcomeNotAsked, action: AskState, due: "06:30"},
	{name: "they say themselves that the outcome is unknown", ours: []string{"05:30 payment a 500 success"}, theirs: []string{"05:30 payment a 500 in_process"},
		now: "05:30 payment a 500 success", class: Expected, reason: OutcomeNotAsked, action: AskState, due: "06:30"},
	{name: "an hour later it is missing", ours: []string{"05:10 payment a 500 success"}, now: "05:10 payment a 500 success",
		class: Mismatched, reason: MissingAtThem, action: AskState, shift: -500},
	{name: "an hour later they still do not know", ours: []string{"05:10 payment a 500 success"}, theirs: []string{"05:10 payment a 500 in_process"},
		now: "05:10 payment a 500 success", class: Mismatched, reason: StatusDiffers, action: AskState, shift: -500},
	{name: "they released what we have as a success", ours: []string{"05:59 payment a 500 success"}, theirs: []string{"05:59 payment a 500 canceled"},
		now: "05:59 payment a 500 success", class: Mismatched, reason: StatusDiffers, action: AskState, shift: -500},
	{name: "we have never heard of it", theirs: []string{"05:59 payment a 500 success"}, class: Mismatched, reason: MissingAtUs, action: GiveBack, shift: 500},
	{name: "the execute is on its way", theirs: []string{"05:59 payment a 500 success"}, now: "06:09 payment a 500 created",
		class: Expected, reason: ExecuteUnderWay, action: Wait, due: "06:11"},
	{name: "the execute came too late", theirs: []string{"05:59 payment a 500 success"}, now: "06:00 payment a 500 canceled",
		class: Mismatched, reason: StatusDiffers, action: GiveBack, shift: 500},
	{name: "a payment cannot wait for ever", theirs: []string{"05:59 payment a 500 success"}, now: "06:01 payment a 500 created",
		class: Mismatched, reason: StatusDiffers, action: LookTogether, shift: 500},
	{name: "another amount", ours: []string{"05:59 payment a 500 success"}, theirs: []string{"05:59 payment a 501 success"}, now: "05:59 payment a 500 success",
		class: Mismatched, reason: AmountDiffers, action: CorrectLine, shift: 1},
	{name: "the next minute, on both sides of the period's edge", theirs: []string{"05:59 payment a 500 success"}, now: "06:00 payment a 500 success",
		class: Expected, reason: AnotherMinute, action: Wait, due: "07:00"},
	{name: "the next minute, long ago", ours: []string{"05:05 payment a 500 success"}, theirs: []string{"05:04 payment a 500 success"}, now: "05:05 payment a 500 success",
		class: Agreed},
	{name: "another hour", ours: []string{"05:05 payment a 500 success"}, theirs: []string{"05:59 payment a 500 success"}, now: "05:05 payment a 500 success",
		class: Mismatched, reason: MinuteDiffers, action: CorrectLine},
	{name: "the same line once more", theirs: []string{"05:05 payment a 500 success"}, now: "05:05 payment a 500 success",
		class: Mismatched, reason: DoubledAtThem, action: RemoveDouble, shift: 500},
	{name: "two lines of other amounts", ours: []string{"05:05 payment a 500 success"}, theirs: []string{"05:05 payment a 200 success", "05:05 payment a 300 success"},
		now: "05:05 payment a 500 success", class: Mismatched, reason: SeveralAnswers, action: RemoveDouble, shift: 0},
	{name: "a refund was given and not acknowledged", theirs: []string{"05:50 refund re_1 200 success"}, now: "05:40 refund re_1 200 requested",
		class: Expected, reason: InTransit, action: Acknowledge, due: "06:50"},
	{name: "it is still not acknowledged", theirs: []string{"05:05 refund re_1 200 success"}, now: "05:00 refund re_1 200 requested",
		class: Mismatched, reason: StatusDiffers, action: Acknowledge, shift: -200},
	{name: "a refund that we rejected was given", theirs: []string{"05:50 refund re_1 200 success"}, now: "05:40 refund re_1 200 rejected",
		class: Mismatched, reason: StatusDiffers, action: GiveBack, shift: -200},
	{name: "a refund that was acknowledged is not in their book", ours: []string{"05:05 refund re_1 200 success"}, now: "05:05 refund re_1 200 success",
		class: Mismatched, reason: MissingAtThem, action: AskState, shift: 200},
	{name: "what moved no money on either side", theirs: []string{"05:50 payment a 500 canceled"}, now: "05:50 payment a 500 canceled", class: Agreed},
	{name: "a payout is on its way for two days", ours: []string{"05:05 payout po_1 900 success"}, now: "05:05 payout po_1 900 success",
		class: Expected, reason: OutcomeNotAsked, action: AskState, due: "05:05"},
}

// TestWhatADifferenceMeans goes through them.
func TestWhatADifferenceMeans(t *testing.T) {
	at := func(text string) time.Time {
		m, err := ParseMinute("2026-11-24T" + text + "Z")
		if err != nil {
			t.Fatal(err)
		}
		return m.Time()
	}
	for _, c := range meanings {
		t.Run(c.name, func(t *testing.T) {
			p := Pair{Period: Range{MinuteOf(at("05:00")), MinuteOf(at("06:00"))}}
			line := func(text string) Line {
				l, err := ParseLine("2026-11-24T" + text[:5] + "Z" + text[5:])
				if err != nil {
					t.Fatal(err)
				}
				p.Kind, p.ID = l.Kind, l.ID
				return l
			}
			for _, text := range c.ours {
				p.Ours = append(p.Ours, line(text))
			}
			for _, text := range c.theirs {
				p.Theirs = append(p.Theirs, line(text))
			}
			if c.now != "" {
				l := line(c.now)
				p.Now = &l
			}
			v := Judge(p, at("06:10"))
			want := Verdict{Class: c.class, Reason: c.reason, Action: c.action, Shift: c.shift}
			if c.due != "" {
				want.Due = at(c.due)
			}
			if p.Kind == Payout {
				want.Due = want.Due.Add(48 * time.Hour)
			}
			if v != want {
				t.Errorf("got  %+v\nwant %+v", v, want)
			}
		})
	}
}

// TestNothingIsExpectedForEver: whatever was expected is settled or mismatched once its time is over.
func TestNothingIsExpectedForEver(t *testing.T) {
	now := time.Date(2026, 11, 24, 6, 10, 0, 0, time.UTC)
	for _, status := range []Status{"", Success, Canceled, Failed, Created, InProcess, Requested, Rejected, Returned} {
		for _, kind := range []Kind{Payment, Refund, Payout, Position} {
			for _, theirs := range []Status{"", Success, InProcess} {
				p := Pair{Kind: kind, ID: "x", Period: Range{0, lastMinute}}
				line := Line{MinuteOf(now), kind, "x", 7, status}
				if status != "" {
					p.Now = &line
				}
				if status == Success && theirs != Success {
					p.Ours = []Line{line}
				}
				if theirs != "" {
					p.Theirs = []Line{{line.Minute, kind, "x", 7, theirs}}
				}
				v := Judge(p, now)
				if v.Class == Expected && !v.Due.After(now) {
					t.Errorf("%s %s/%s is expected until %v, which is over", kind, status, theirs, v.Due)
				}
				if later := Judge(p, now.Add(100*time.Hour)); later.Class == Expected {
					t.Errorf("%s %s/%s is still expected after four days: %+v", kind, status, theirs, later)
				}
			}
		}
	}
}
