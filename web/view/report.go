package view

// Reports is where reports are ordered, followed and fetched, and what is ordered by itself.
type Reports struct {
	Frame
	Order, Plan string // addresses of the forms
	Types       []Option
	Places      []Option // stores and tills; none in the console
	Formats     []Option
	Everys      []Option
	From, To    string // days, as the form has them
	Last        string // the latest day that makes sense
	Cashier     bool   // a cashier can be asked for
	Rows        []ReportRow
	Plans       []PlanRow
	Next        string // address of older ones
	Busy        bool   // something waits or runs: the page is worth looking at again
	Again       string // address of this page
	Error       string
}

// Option is an entry of a list to choose from.
type Option struct {
	Value, Name string
	Chosen      bool
}

// ReportRow is one report.
type ReportRow struct {
	What, About string
	Tone        Tone
	Status      string
	Done, Total int64  // of facts, while it runs
	File, Size  string // address of the file and how large it is; "" while there is none
}

// PlanRow is one schedule.
type PlanRow struct {
	What, About string
	End         string // address of the form; "" once it has ended
}
