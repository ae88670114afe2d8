package view

// Keys are the keys of a merchant: those of programs, those of paired tills, and those that have ended.
type Keys struct {
	Frame
	Programs, Tills, Ended []KeyRow
	Form                   KeyForm
}

// KeyRow is a key in a list.
type KeyRow struct {
	Name, About string
	Path        string // of its page
	Tone        Tone
	Status      string
}

// KeyForm makes a key.
type KeyForm struct {
	Action      string
	Wrong       Wrong
	Name        string
	Networks    string
	Scopes      []RoleChoice // that the person may give
	Where, Ends []Option
	TOTP        bool // the code of an app is asked for
}

// KeyMade shows the secret of a key, once.
type KeyMade struct {
	Frame
	Back, Title, About, Secret string
	Fields                     []Field
}

// KeyDetail is one key, with what can be done to it.
type KeyDetail struct {
	Frame
	Back, Title string
	Tone        Tone
	Status      string
	Fields      []Field
	Roll, End   string // addresses of the forms; "" when it cannot be done
	Sure        string // asked before it is ended
	Overlaps    []Option
	Wrong       Wrong
	TOTP        bool
}
