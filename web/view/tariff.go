package view

// Tariffs lists whose tariffs there are.
type Tariffs struct {
	Frame
	Find  string // address of the form that finds somebody's
	Typed string // what the form was asked for
	Wrong Wrong
	Rows  []ProposalRow
	More  bool // there are more than are shown
}

// TariffDetail is what payments cost somebody's customers: what holds, what an amount would cost, and all versions.
type TariffDetail struct {
	Frame
	Back, BackName string // "" where there is no page above it
	Title, About   string
	Now            []Field
	NowOf          string // whose the tariff is that holds
	Here           string // address of this page, which the form of the example asks
	Amount         string // of the example, as typed
	Example        []Field
	ExampleWrong   Wrong
	Versions       []VersionRow
	Form           *TariffForm // nil for who only looks
}

// VersionRow is one version of a tariff.
type VersionRow struct {
	From     string // since when, or from when on
	Tone     Tone
	Status   string
	Terms    []Field
	Withdraw string // address of the form; "" when it has begun, or the person may not
}

// TariffForm makes a new version.
type TariffForm struct {
	Action       string
	Wrong        Wrong
	Rates, Sums  []Input
	Shares       []Input // a rate for each payment service
	SharesOpen   bool
	Bearers      []Option
	RefundsFee   bool
	Ends, CanEnd bool
	EndsHint     string
	From, Reason Input
	FourEyes     bool
}
