// Package proposal holds the rules of four eyes: what touches money, keys or
// limits is proposed by one person and happens when a second one approves what
// was written down, word for word. Like all of the ground it is pure:
// Decide(proposal, command, now) gives the next state and the event to keep, or a refusal.
package proposal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"tolom/id"
)

// Life is how long a proposal waits for a decision.
const Life = 72 * time.Hour

// Status is where a proposal stands.
type Status string

// The statuses. A proposal begins as Proposed; Approved is on the way to Done or Failed; the others are ends.
const (
	Proposed  Status = "proposed"
	Approved  Status = "approved" // and not carried out yet
	Done      Status = "done"
	Rejected  Status = "rejected"
	Withdrawn Status = "withdrawn"
	Expired   Status = "expired"
	Failed    Status = "failed" // could not be carried out; Outcome says why
)

// Statuses are all there are, in the order in which a person would look through them.
var Statuses = []Status{Proposed, Approved, Done, Failed, Rejected, Withdrawn, Expired}

// Final says that nothing more happens to a proposal.
func (s Status) Final() bool { return s != Proposed && s != Approved }

// Person is who did something, with the name they had then.
type Person struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
}

// Line is one thing that a proposal changes. Values are texts for machines (digits of tyiyn, RFC 3339, true); As says
// how a page shows them.
type Line struct {
	Name   string `json:"name"` // a word of the page's language, such as daily
	Before string `json:"before"`
	After  string `json:"after"`
	As     As     `json:"as,omitempty"`
}

// As is how a value of a line is to be read.
type As string

// The ways to read a value.
const (
	Text   As = ""
	Amount As = "amount" // tyiyn; 0 and "" are none
	Rate   As = "rate"   // hundredths of a percent
	Moment As = "time"   // RFC 3339
	Truth  As = "truth"  // true or false
)

// Proposal is a wish to change something, and what became of it.
type Proposal struct {
	ID         id.ID
	Action     string // what kind of thing is done, such as limits.set
	Target     id.ID  // whom or what it concerns; "" for the platform itself
	Body       string // what exactly is done: canonical JSON, read by the action alone
	Summary    []Line // the same for people, with how things were when it was proposed
	Reason     string // the proposer's words
	ProposedBy Person
	ProposedAt time.Time
	ExpiresAt  time.Time
	AtOnce     bool // one person was enough

	Status    Status
	DecidedBy Person // who approved, rejected or withdrew it; nobody when it expired or needed nobody
	DecidedAt time.Time
	Sealed    string // the digest that the approver saw; what is carried out must still have it
	Outcome   string // what came of it: an id that was made, or why it failed
	EndedAt   time.Time
	Version   int64 // counts its events
}

// Event is one thing that happened to a proposal. Events are only ever added.
type Event struct {
	Proposal id.ID
	Number   int64 // from 1, without gaps
	At       time.Time
	Kind     string // proposed, or the Status that the proposal came to
	By       Person // nobody for what the clock and the platform do
	Note     string // a reason, or what came of it
	Digest   string // of the proposal, as it was at that time
}

// Digest covers everything that an approver decides on, so that nobody approves what they did not see: hex of SHA-256.
func (p Proposal) Digest() string {
	h := sha256.New()
	add := func(text string) { fmt.Fprintf(h, "%d:%s,", len(text), text) }
	for _, text := range []string{string(p.ID), p.Action, string(p.Target), p.Body, p.Reason, string(p.ProposedBy.ID), p.ProposedBy.Name} {
		add(text)
	}
	fmt.Fprintf(h, "%d,%d,%d,", p.ProposedAt.UnixMilli(), p.ExpiresAt.UnixMilli(), len(p.Summary))
	for _, l := range p.Summary {
		for _, text := range []string{l.Name, l.Before, l.After, string(l.As)} {
			add(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// SameBefore says whether two summaries speak of the same state of things: of a proposal and of its target now.
func SameBefore(a, b []Line) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || a[i].Before != b[i].Before {
			return false
		}
	}
	return true
}
