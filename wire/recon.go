package wire

// ReconRange is the minutes from From up to, but without, To: "2026-11-24T05:40Z".
type ReconRange struct {
	From string `json:"from" doc:"A minute of UTC, as 2026-11-24T05:40Z; it is in the range"`
	To   string `json:"to" doc:"A minute of UTC; it is not in the range"`
}

// ReconDigest stands for the lines of a range; docs/reconciliation.md says how it is computed.
type ReconDigest struct {
	From   string `json:"from" doc:"A minute of UTC, as 2026-11-24T05:40Z"`
	To     string `json:"to,omitempty" doc:"The first minute after the range; absent: the range is one minute"`
	Count  int64  `json:"count" doc:"How many lines there are in the range"`
	SHA256 string `json:"sha256" doc:"SHA-256 of the sorted lines, hexadecimal, small letters"`
}

// ReconDigests is the body of POST /psp/v1/reconciliation/digests.
type ReconDigests struct {
	Name    string        `json:"name" pattern:"^[A-Za-z0-9._-]{1,50}$" doc:"Your own for this comparison: 1 to 50 letters, digits, point, underscore, hyphen. The same name again goes on with it"`
	Book    string        `json:"book,omitempty" enum:"payments,payouts" doc:"payments when absent"`
	From    string        `json:"from" doc:"The first minute of the period, UTC, as 2026-11-24T05:40Z"`
	To      string        `json:"to" doc:"The first minute after the period; at least two minutes ago"`
	Each    string        `json:"each,omitempty" enum:"minute" doc:"minute: the digests are those of all minutes that have lines; others are empty"`
	Digests []ReconDigest `json:"digests"`
}

// ReconLine is one movement of money in a book.
type ReconLine struct {
	Minute string `json:"minute" doc:"The minute of ended_at, UTC, as 2026-11-24T05:40Z"`
	Kind   string `json:"kind" enum:"payment,refund,payout,position"`
	ID     string `json:"id" doc:"Of a payment your psp_payment_id, otherwise the platform's id"`
	Amount int64  `json:"amount"`
	Status string `json:"status" enum:"success,canceled,error,created,in_process,requested,rejected,returned"`
}

// ReconLines is the body of POST /psp/v1/reconciliation/lines.
type ReconLines struct {
	Name   string       `json:"name" pattern:"^[A-Za-z0-9._-]{1,50}$"`
	Ranges []ReconRange `json:"ranges" doc:"The minutes whose lines these are, all of each"`
	Lines  []ReconLine  `json:"lines"`
}

// ReconRun is a comparison of two books and where it stands.
type ReconRun struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	PSPID      string       `json:"psp_id"`
	Book       string       `json:"book" enum:"payments,payouts"`
	Period     ReconRange   `json:"period"`
	State      string       `json:"state" enum:"asking,done"`
	AskDigests []ReconRange `json:"ask_digests" doc:"Ranges whose digests are wanted next"`
	AskLines   []ReconRange `json:"ask_lines" doc:"Minutes whose lines are wanted next"`
	Same       int64        `json:"same" doc:"Lines that both books have"`
	Expected   int64        `json:"expected" doc:"Differences that time heals"`
	Mismatched int64        `json:"mismatched" doc:"Differences that somebody has to look at"`
	Healed     int64        `json:"healed" doc:"Cases of earlier comparisons that this one closed"`
	Cases      []ReconCase  `json:"cases" doc:"The first hundred cases that this was the last to show; GET /psp/v1/cases?run_id= lists all"`
	CreatedAt  Time         `json:"created_at"`
	EndedAt    Time         `json:"ended_at"`
}

// ReconCase is a difference that both sides see until it is gone.
type ReconCase struct {
	ID         string      `json:"id"`
	PSPID      string      `json:"psp_id"`
	RunID      string      `json:"run_id" doc:"The last comparison that showed it"`
	Kind       string      `json:"kind" enum:"payment,refund,payout,position"`
	Name       string      `json:"name" doc:"The id of the line"`
	Class      string      `json:"class" enum:"expected,mismatched,agreed"`
	Reason     string      `json:"reason"`
	Action     string      `json:"action" doc:"What is proposed"`
	Status     string      `json:"status" enum:"open,explained,proposed,fixed,closed"`
	Ours       []ReconLine `json:"ours" doc:"Lines that only the platform has"`
	Theirs     []ReconLine `json:"theirs" doc:"Lines that only the PSP has"`
	Now        *ReconLine  `json:"now,omitempty" doc:"What the platform has under this name now; absent for nothing"`
	Shift      int64       `json:"shift" doc:"How much more the PSP owes by its own book, tyiyn; below zero it owes less"`
	Suspense   int64       `json:"suspense" doc:"How much of the shift is booked into suspense"`
	ProposalID string      `json:"proposal_id,omitempty" doc:"The correction that waits or was decided last"`
	DueAt      Time        `json:"due_at" doc:"When an expected difference is looked at again"`
	CreatedAt  Time        `json:"created_at"`
	UpdatedAt  Time        `json:"updated_at"`
	ClosedAt   Time        `json:"closed_at"`
	History    []CaseNote  `json:"history,omitempty" doc:"What happened, in order; of one case only"`
}

// CaseNote is a line of a case's history.
type CaseNote struct {
	Number int64  `json:"number"`
	At     Time   `json:"at"`
	Side   string `json:"side" enum:"psp,operator,platform"`
	By     string `json:"by" doc:"Who of the side"`
	Kind   string `json:"kind" enum:"opened,comment,judged,explained,proposed,fixed,closed"`
	Status string `json:"status" enum:"open,explained,proposed,fixed,closed"`
	Body   string `json:"body"`
}

// NewComment is the body of POST …/cases/{id}/comments.
type NewComment struct {
	Comment string `json:"comment" doc:"At most 2,000 characters"`
}
