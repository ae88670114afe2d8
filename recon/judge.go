package recon

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tolom/money"
)

// Class says what a difference needs.
type Class string

// The classes. Agreed is what turned out to be no difference.
const (
	Agreed     Class = "agreed"
	Expected   Class = "expected"   // timing: time alone brings both sides to the same
	Mismatched Class = "mismatched" // data: somebody has to look
)

// Reason names a difference for programs.
type Reason string

// The reasons: first those of timing, then those of data.
const (
	OutcomeNotAsked Reason = "outcome_not_asked" // we have a success that the other side has not heard of
	ExecuteUnderWay Reason = "execute_under_way" // they have a success, ours is not final
	InTransit       Reason = "in_transit"        // money given back or paid out there is not acknowledged here
	AnotherMinute   Reason = "another_minute"    // on both sides, a few minutes apart

	MissingAtUs    Reason = "missing_at_us"
	MissingAtThem  Reason = "missing_at_them"
	AmountDiffers  Reason = "amount_differs"
	StatusDiffers  Reason = "status_differs"
	MinuteDiffers  Reason = "minute_differs"
	DoubledAtThem  Reason = "doubled_at_them"
	SeveralAnswers Reason = "several_amounts" // the other side has the name more than once, in different ways
)

// Action is what is proposed about a difference.
type Action string

// The actions, each with who acts.
const (
	Wait         Action = "wait"          // nobody: it heals by itself until its time is over
	AskState     Action = "ask_state"     // the PSP asks for the state and books what it is told
	GiveBack     Action = "give_back"     // the PSP gives its payer the money back and removes its line
	CorrectLine  Action = "correct_line"  // the other side corrects amount or minute
	RemoveDouble Action = "remove_double" // the other side keeps one line and gives the rest back
	Acknowledge  Action = "acknowledge"   // the PSP acknowledges the refund
	LookTogether Action = "look_together" // both sides look; a correction needs four eyes
	CheckDay     Action = "check_day"     // both sides compare with the settlement of the day
)

// The windows of the protocol, after which a difference of timing is one of data.
const (
	// OutcomeWithin is how long the outcome of an execute may stay unknown: the national
	// protocol gives a broken network an hour.
	OutcomeWithin = 3600 * time.Second
	// ExecuteWithin is how long a created payment lives, and a minute for clocks and commits.
	ExecuteWithin = 120 * time.Second
	// ClockApart is how far the minutes of one movement may be apart.
	ClockApart = 5 * time.Minute
	// SettleWithin is how long a payout of a settled day may be on its way.
	SettleWithin = 48 * time.Hour
)

// Pair is everything both sides have under one name.
type Pair struct {
	Kind         Kind
	ID           string
	Ours, Theirs []Line // left over by the search
	Now          *Line  // what we have under the name now, whatever its status and minute; nil for nothing
	Period       Range  // that was compared
}

// Pairs groups what a search has left over by names, in order.
func (s Search) Pairs() []Pair {
	type named struct {
		kind Kind
		id   string
	}
	found := map[named]*Pair{}
	of := func(l Line) *Pair {
		n := named{l.Kind, l.ID}
		if found[n] == nil {
			found[n] = &Pair{Kind: l.Kind, ID: l.ID, Period: s.Period}
		}
		return found[n]
	}
	for _, l := range s.Ours {
		p := of(l)
		p.Ours = append(p.Ours, l)
	}
	for _, l := range s.Theirs {
		p := of(l)
		p.Theirs = append(p.Theirs, l)
	}
	all := make([]Pair, 0, len(found))
	for _, p := range found {
		slices.SortFunc(p.Ours, byText)
		slices.SortFunc(p.Theirs, byText)
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b Pair) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
	})
	return all
}

// Verdict is what a pair comes to.
type Verdict struct {
	Class  Class
	Reason Reason
	Action Action
	// Due is when an expected difference becomes a mismatched one; zero for others.
	Due time.Time
	// Shift is how much more than our books say the PSP owes by its own, in tyiyn; below
	// zero it owes less. A correction moves it.
	Shift money.Amount
}

// Judge says what a pair means at a moment. It is asked again whenever something may
// have changed, and when a difference that was expected is due.
func Judge(p Pair, now time.Time) Verdict {
	v := p.judged(now)
	if v.Class == Expected && !now.Before(v.Due) {
		v = p.overdue(v)
	}
	if v.Class != Expected {
		v.Due = time.Time{}
	}
	if v.Class == Mismatched {
		v.Shift = p.shift()
	}
	return v
}

// judged takes the pair for what it is while there is time left.
func (p Pair) judged(now time.Time) Verdict {
	theirs := paid(p.Theirs)
	switch {
	case len(theirs) == 0 && len(p.Ours) == 0:
		return Verdict{Class: Agreed}
	case len(theirs) == 0:
		return p.notHeard()
	case len(theirs) > 1 || p.counted():
		return Verdict{Class: Mismatched, Reason: several(theirs, p.Now), Action: RemoveDouble}
	case p.Now == nil:
		return Verdict{Class: Mismatched, Reason: MissingAtUs, Action: GiveBack}
	case p.Now.Status == Success:
		return apart(*p.Now, theirs[0], now)
	}
	return p.notEnded(theirs[0])
}

func paid(lines []Line) (all []Line) {
	for _, l := range lines {
		if l.Status == Success {
			all = append(all, l)
		}
	}
	return all
}

// counted says that our line has its like among theirs already, so that what is left is one too many.
func (p Pair) counted() bool {
	return p.Now != nil && p.Now.Status == Success && len(p.Ours) == 0 && p.Period.Has(p.Now.Minute)
}

func several(theirs []Line, ours *Line) Reason {
	for _, l := range theirs {
		if l.Amount != theirs[0].Amount || ours != nil && l.Amount != ours.Amount {
			return SeveralAnswers
		}
	}
	return DoubledAtThem
}

// notHeard is a success of ours that they do not have as one.
func (p Pair) notHeard() Verdict {
	last := p.Ours[len(p.Ours)-1]
	for _, l := range p.Theirs {
		if known(l.Status, Canceled, Failed, Rejected, Returned) {
			return Verdict{Class: Mismatched, Reason: StatusDiffers, Action: AskState}
		}
	}
	within := OutcomeWithin
	if last.Kind == Payout || last.Kind == Position {
		within = SettleWithin
	}
	return Verdict{Class: Expected, Reason: OutcomeNotAsked, Action: AskState, Due: last.Minute.Time().Add(within)}
}

// apart compares one success on each side.
func apart(ours, theirs Line, now time.Time) Verdict {
	between := ours.Minute.Time().Sub(theirs.Minute.Time()).Abs()
	switch {
	case ours.Amount != theirs.Amount:
		return Verdict{Class: Mismatched, Reason: AmountDiffers, Action: CorrectLine}
	case between == 0:
		return Verdict{Class: Agreed}
	case between <= ClockApart:
		due := max(int64(ours.Minute), int64(theirs.Minute))
		if at := Minute(due).Time().Add(OutcomeWithin); now.Before(at) {
			return Verdict{Class: Expected, Reason: AnotherMinute, Action: Wait, Due: at}
		}
		return Verdict{Class: Agreed}
	}
	return Verdict{Class: Mismatched, Reason: MinuteDiffers, Action: CorrectLine}
}

// notEnded is a success of theirs that is none with us now.
func (p Pair) notEnded(theirs Line) Verdict {
	switch {
	case known(p.Now.Status, Created, InProcess) && p.Kind == Payment:
		return Verdict{Class: Expected, Reason: ExecuteUnderWay, Action: Wait, Due: p.Now.Minute.Time().Add(ExecuteWithin)}
	case p.Now.Status == Requested && p.Kind == Refund:
		return Verdict{Class: Expected, Reason: InTransit, Action: Acknowledge, Due: theirs.Minute.Time().Add(OutcomeWithin)}
	case known(p.Now.Status, Created, InProcess):
		return Verdict{Class: Expected, Reason: InTransit, Action: Wait, Due: theirs.Minute.Time().Add(SettleWithin)}
	}
	return Verdict{Class: Mismatched, Reason: StatusDiffers, Action: GiveBack}
}

// overdue is what an expected difference is after its time.
func (p Pair) overdue(v Verdict) Verdict {
	v.Class = Mismatched
	switch v.Reason {
	case OutcomeNotAsked:
		v.Reason = MissingAtThem
		if len(p.Theirs) > 0 {
			v.Reason = StatusDiffers
		}
	default:
		v.Reason = StatusDiffers
	}
	if p.Kind == Payout || p.Kind == Position {
		v.Action = CheckDay
	} else if v.Action == Wait {
		v.Action = LookTogether
	}
	return v
}

// shift adds up what a PSP owes by its book and by ours under one name.
func (p Pair) shift() (sum money.Amount) {
	if p.Kind != Payment && p.Kind != Refund {
		return 0
	}
	for _, l := range paid(p.Theirs) {
		sum += l.Amount
	}
	switch {
	case p.counted(): // its like is not among what is left
	case p.Now != nil && p.Now.Status == Success:
		sum -= p.Now.Amount
	}
	if p.Kind == Refund {
		return -sum
	}
	return sum
}
