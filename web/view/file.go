package view

// Files lists files of closed days and answers to them.
type Files struct {
	Frame
	Here   string // address of this page
	Day    string // that was asked for; "" for all
	Last   string // the latest day that makes sense
	Kinds  []Option
	States []Option
	Rows   []FileRow
	Next   string // address of older ones
	Upload string // address of the form that takes an answer; "" for who may not
	Most   string // how large an answer may be, in MiB
	Wrong  Wrong
	Off    bool // this node makes no files
}

// FileRow is a file in a list.
type FileRow struct {
	Link, Name, Kind, Day, Whose, Size string
	Tone                               Tone
	Status                             string
}

// FileDetail is one file.
type FileDetail struct {
	Frame
	Back         string
	Title, Name  string
	Tone         Tone
	Status       string
	Reason       string // what went wrong, or what to know
	Details      []Field
	Digest       string
	Content      string // address of what is in it; "" while it is not made
	Again        string // address of the form that delivers it again; "" when it cannot be
	AgainHint    string
	Error        string
	Day, DayName string // address and name of its day
}
