package view

// Parties lists participants.
type Parties struct {
	Frame
	Rows  []ProposalRow
	Next  string
	Find  string // address of the form that finds somebody by number
	Typed string
	Wrong Wrong
}

// PartyDetail is a participant, a payment service or a merchant: who it is, its limits, and who belongs to it.
type PartyDetail struct {
	Frame
	Back, BackName string
	Title          string
	Tone           Tone
	Status         string
	Details        []Field
	Tariff         string // address of its tariff; "" for who has none
	Limits         []LimitRow
	Form           *LimitForm // nil for who only looks
	Switch         string     // address of the form that suspends it or lets it go on; "" for who may not
	SwitchTo       string     // what the form makes of it
	SwitchName     string
	SwitchHint     string
	Services       []ProposalRow // of a participant
	Merchants      []ProposalRow
	Bank           bool // it is a participant, which has lists
	Next           string
}

// LimitRow is a limit, and what is used of it.
type LimitRow struct {
	Name, Value string
	Used        string // in words; "" where nothing is counted
	Part        int    // of hundred
	Near        bool   // little is left
}

// LimitForm changes limits.
type LimitForm struct {
	Action   string
	Wrong    Wrong
	Sums     []Input
	Reason   Input
	FourEyes bool
}
