package settlement

import (
	"time"

	"tolom/fault"
)

// Stage is what is to be written down next of a day. Whoever is interrupted goes on there.
type Stage string

// The stages, in their order. Carry to Weigh belong to the close, Move to Finish to the settlement.
const (
	Carry   Stage = "carry"   // what merchants are owed from the day before
	Gather  Stage = "gather"  // which participant each PSP settles through; zero totals
	Collect Stage = "collect" // what PSPs owe goes to their participants
	PayOut  Stage = "pay_out" // what merchants are owed goes to their banks
	Weigh   Stage = "weigh"   // positions, which must sum to zero
	Wait    Stage = ""        // nothing: the central bank is next
	Move    Stage = "move"    // what participants owe goes to the account at the central bank
	Release Stage = "release" // limits are free of what is settled
	Tell    Stage = "tell"    // payouts are paid
	Finish  Stage = "finish"
)

// Command is something that happens to a day: Close, Submit, Answer or Settle.
type Command interface{ command() }

// Close says that positions and payouts are written down and final.
type Close struct{}

// Submit says that the file for the central bank was handed over.
type Submit struct{ Message, Digest string }

// Answer is what the central bank said to a submitted file.
type Answer struct {
	Message  string
	Accepted bool
	Reason   string // of a refusal
}

// Settle says that everything that follows from a yes is written down.
type Settle struct{}

func (Close) command()  {}
func (Submit) command() {}
func (Answer) command() {}
func (Settle) command() {}

// Decide gives the day after a command. What was done before is no error and changes
// nothing, so every command may be repeated. Refused: day_not_closed while positions
// are not final; day_submitted when another file is with the central bank; day_settled
// when the answer is final; day_message for an answer to a file that is not the last one.
func Decide(d Day, c Command, now time.Time) (Day, *fault.Error) {
	switch c := c.(type) {
	case Close:
		return weighed(d, now)
	case Submit:
		return submitted(d, c, now)
	case Answer:
		return answered(d, c, now)
	case Settle:
		return settled(d, now)
	}
	return d, fault.New(fault.InternalError)
}

func weighed(d Day, now time.Time) (Day, *fault.Error) {
	if d.Status == Open {
		d.Status, d.ClosedAt, d.Stage, d.Cursor = Closed, now, Wait, ""
	}
	return d, nil
}

func submitted(d Day, c Submit, now time.Time) (Day, *fault.Error) {
	same := c.Message == d.Message
	switch {
	case c.Message == "":
		return d, fault.New(fault.InvalidRequest).On("message").Because("message names the file")
	case d.Status == Open:
		return d, fault.New(fault.DayNotClosed)
	case same && d.Digest != c.Digest:
		return d, fault.New(fault.DayMessage).On("message").Because("a file of this name and of other bytes was submitted; give the new one another name")
	case same && d.Status != Closed && d.Status != Returned:
		return d, nil
	case same:
		return d, fault.New(fault.DayMessage).On("message").Because("the central bank has refused this file; give the next one another name")
	case d.Status == Settled:
		return d, fault.New(fault.DaySettled)
	case d.Status == Submitted:
		return d, fault.New(fault.DaySubmitted)
	}
	d.Status, d.Message, d.Digest, d.SubmittedAt, d.Reason = Submitted, c.Message, c.Digest, now, ""
	d.Attempt++
	return d, nil
}

func answered(d Day, c Answer, now time.Time) (Day, *fault.Error) {
	accepted := !d.AcceptedAt.IsZero()
	switch {
	case d.Message == "" || c.Message != d.Message:
		return d, fault.New(fault.DayMessage).On("message").Because("it is not the file that was submitted last")
	case accepted && c.Accepted, d.Status == Returned && !c.Accepted:
		return d, nil
	case accepted, d.Status == Settled:
		return d, fault.New(fault.DaySettled)
	case d.Status != Submitted:
		return d, fault.New(fault.DayMessage).On("message").Because("this file was refused before; submit the day again")
	case c.Accepted:
		d.AcceptedAt, d.Stage, d.Cursor, d.Reason = now, Move, "", ""
		return d, nil
	}
	d.Status, d.Reason = Returned, c.Reason
	return d, nil
}

func settled(d Day, now time.Time) (Day, *fault.Error) {
	switch {
	case d.Status == Settled:
		return d, nil
	case d.AcceptedAt.IsZero():
		return d, fault.New(fault.DayNotClosed)
	}
	d.Status, d.EndedAt, d.Stage, d.Cursor = Settled, now, Wait, ""
	return d, nil
}
