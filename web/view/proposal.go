package view

import "time"

// Proposals lists what was proposed.
type Proposals struct {
	Frame
	Tabs     []Tab
	Rows     []ProposalRow
	FourEyes bool // without, everything is done at once
	Next     string
}

// Tab is one of several lists on a page.
type Tab struct {
	Path, Name string
	Here       bool
}

// ProposalRow is a proposal in the list.
type ProposalRow struct {
	Link, What, About string
	Tone              Tone
	Status            string
}

// ProposalDetail is one proposal: what it changes, and what happened to it. The addresses of forms are "" for who may
// not send them.
type ProposalDetail struct {
	Frame
	Back            string
	What, Whom      string
	Tone            Tone
	Status          string
	Details         []Field
	Changes         []ChangeRow
	New             bool // nothing was there before
	Digest          string
	Approve, Reject string
	Withdraw        string
	Own             bool // the person's own, which another must approve
	Error           string
	Events          []ProposalEvent
	SameAsBefore    bool // nothing would change
}

// ChangeRow is a line of what a proposal changes.
type ChangeRow struct {
	Name, Before, After string
	Same                bool
}

// ProposalEvent is something that happened to a proposal.
type ProposalEvent struct {
	At         time.Time
	What, Note string
}
