package proposal

import (
	"time"

	"tolom/fault"
)

// Command is what somebody wants done with a proposal: Approve, Reject, Withdraw, Expire, Finish or Fail.
type Command interface{ command() }

// Approve has the proposal carried out. Digest is of what the approver has read.
type Approve struct {
	By     Person
	Digest string
}

// Reject ends a proposal that another person made.
type Reject struct {
	By     Person
	Reason string
}

// Withdraw takes back one's own proposal.
type Withdraw struct {
	By     Person
	Reason string
}

// Expire ends a proposal whose time is over.
type Expire struct{}

// Finish notes that an approved proposal was carried out.
type Finish struct{ Outcome string }

// Fail notes that a proposal cannot be carried out: of an approved one because the world refuses, of one that waits
// because its target has changed.
type Fail struct{ Outcome string }

func (Approve) command()  {}
func (Reject) command()   {}
func (Withdraw) command() {}
func (Expire) command()   {}
func (Finish) command()   {}
func (Fail) command()     {}

// New makes a proposal and its first event. What needs no second person begins as Approved, to be carried out, or as
// Done, when it is carried out in the same commit.
func New(p Proposal, now time.Time, as Status) (Proposal, Event) {
	p.ProposedAt, p.ExpiresAt, p.Status, p.AtOnce, p.Version = now, now.Add(Life), as, as != Proposed, 0
	e := Event{Kind: string(as), By: p.ProposedBy, Note: p.Reason}
	if p.AtOnce {
		p.Sealed = p.Digest()
	}
	if as == Done {
		p.EndedAt = now
	}
	return p, p.next(&e, now)
}

// Decide gives the proposal after a command, with the event that tells of it. An event without a kind says that
// nothing has changed. When time has run out the proposal that comes back is expired, with its event, and the command is
// refused beside: write the one, answer with the other. Refused, in this order:
//   - proposal_ended: it was decided or its time is over. Who has approved may say so again.
//   - proposal_own: approving or rejecting one's own, withdrawing another's.
//   - proposal_changed: the digest is of something else than this proposal.
func Decide(p Proposal, c Command, now time.Time) (Proposal, Event, error) {
	if repeated(p, c) {
		return p, Event{}, nil
	}
	if p.Status == Proposed && !now.Before(p.ExpiresAt) {
		late, e := p.end(Expired, Person{}, "", now)
		if _, own := c.(Expire); own {
			return late, e, nil
		}
		return late, e, ended(late)
	}
	switch c := c.(type) {
	case Approve:
		return p.approve(c, now)
	case Reject:
		return p.close(Rejected, c.By, c.Reason, now)
	case Withdraw:
		return p.close(Withdrawn, c.By, c.Reason, now)
	case Finish:
		return p.finish(Done, c.Outcome, now)
	case Fail:
		return p.finish(Failed, c.Outcome, now)
	}
	return p, Event{}, nil // Expire before the time.
}

// repeated says that a command has done its work before: its sender did not hear of it.
func repeated(p Proposal, c Command) bool {
	switch c := c.(type) {
	case Approve:
		return (p.Status == Approved || p.Status == Done || p.Status == Failed) && p.DecidedBy.ID == c.By.ID && p.Sealed != "" && p.Sealed == c.Digest
	case Reject:
		return p.Status == Rejected && p.DecidedBy.ID == c.By.ID
	case Withdraw:
		return p.Status == Withdrawn && p.DecidedBy.ID == c.By.ID
	case Expire:
		return p.Status.Final() || p.Status == Approved
	}
	return false
}

func (p Proposal) approve(c Approve, now time.Time) (Proposal, Event, error) {
	switch {
	case p.Status != Proposed:
		return p, Event{}, ended(p)
	case c.By.ID == p.ProposedBy.ID || c.By.ID == "":
		return p, Event{}, fault.New(fault.ProposalOwn).Because("another person than the proposer approves")
	case c.Digest != p.Digest():
		return p, Event{}, fault.New(fault.ProposalChanged).On("digest").Because("read the proposal again: the digest is not of what it says")
	}
	p.Status, p.DecidedBy, p.DecidedAt, p.Sealed = Approved, c.By, now, c.Digest
	e := Event{Kind: string(Approved), By: c.By}
	return p, p.next(&e, now), nil
}

// close ends a proposal that waits: another person's by rejecting it, one's own by withdrawing it.
func (p Proposal) close(to Status, by Person, why string, now time.Time) (Proposal, Event, error) {
	own := by.ID == p.ProposedBy.ID
	switch {
	case p.Status != Proposed:
		return p, Event{}, ended(p)
	case by.ID == "" || to == Rejected && own:
		return p, Event{}, fault.New(fault.ProposalOwn).Because("another person than the proposer rejects; withdraw your own")
	case to == Withdrawn && !own:
		return p, Event{}, fault.New(fault.ProposalOwn).Because("the proposer withdraws; reject what others have proposed")
	}
	p.DecidedBy, p.DecidedAt = by, now
	p, e := p.end(to, by, why, now)
	return p, e, nil
}

// finish notes what came of it. Only what was approved is carried out; what waits can fail.
func (p Proposal) finish(to Status, outcome string, now time.Time) (Proposal, Event, error) {
	if p.Status != Approved && !(p.Status == Proposed && to == Failed) {
		return p, Event{}, ended(p)
	}
	p.Outcome = outcome
	p, e := p.end(to, Person{}, outcome, now)
	return p, e, nil
}

func (p Proposal) end(to Status, by Person, note string, now time.Time) (Proposal, Event) {
	p.Status, p.EndedAt = to, now
	e := Event{Kind: string(to), By: by, Note: note}
	return p, p.next(&e, now)
}

// next numbers an event. The version of the proposal stays the stored one; whoever writes raises it.
func (p Proposal) next(e *Event, now time.Time) Event {
	e.Proposal, e.Number, e.At, e.Digest = p.ID, p.Version+1, now, p.Digest()
	return *e
}

func ended(p Proposal) error {
	return fault.New(fault.ProposalEnded).Because("the proposal is " + string(p.Status))
}
