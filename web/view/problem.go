package view

// Problem is an error page: what was wrong and what to do.
type Problem struct {
	Frame
	Status    int
	Heading   string
	Advice    string
	RequestID string // to name when asking for help; "" where it would not help
}
