package view

import (
	"strings"
	"time"
)

// Staff is the header of the pages of people: who is signed in, and where.
type Staff struct {
	Where   string // the centre, or the merchant's name
	Name    string
	Stops   []Stop
	Here    string // path of the page
	Several bool   // there are other places that the person can go to
}

// Stop is one entry of the navigation of people.
type Stop struct{ Path, Name string }

// current says whether a stop is the one whose page, or a page below it, is shown: the longest that fits.
func (s Staff) current(stop Stop) bool {
	best := ""
	for _, x := range s.Stops {
		if (s.Here == x.Path || strings.HasPrefix(s.Here, x.Path+"/")) && len(x.Path) > len(best) {
			best = x.Path
		}
	}
	return stop.Path == best
}

// SignIn is the door of people.
type SignIn struct {
	Frame
	Login, Next, Error string
	Demo               []Field // logins of the demo with their roles; none elsewhere
}

// Code asks for the second factor.
type Code struct {
	Frame
	TOTP, Passkeys bool
	Next, Error    string
}

// Join is an invitation.
type Join struct {
	Frame
	Where, Roles       string
	Me                 string // login of who is signed in; "" when nobody is
	Login, Name, Error string
	Field              string // that was wrong
}

// Choice lists where a person can go.
type Choice struct {
	Frame
	Stops []Stop
}

// Account is a person's own access.
type Account struct {
	Frame
	Login, Name, Roles string
	Unproven           bool // a second factor must be set up first
	TOTP               bool
	Recovery           int
	Passkeys           []PasskeyRow
	Sessions           []SessionRow
	Events             []EventRow
	Done               string // what was just done
	Error              string
	Form               string // the form that Error belongs to
}

// errorOf is what was wrong with a form of the account; "" when nothing was.
func (a Account) errorOf(form string) string {
	if a.Form != form {
		return ""
	}
	return a.Error
}

// PasskeyRemove asks for the proof before a passkey is given up, or the app.
type PasskeyRemove struct {
	Frame
	Heading, Action, Error string
	TOTP                   bool
}

// PasskeyRow is a passkey in a list.
type PasskeyRow struct {
	Name   string
	Since  time.Time
	Remove string // address of the form
}

// SessionRow is a session in a list.
type SessionRow struct {
	Agent string
	About string // how and from where it was begun, and when it was last used
	This  bool   // the one that looks
	End   string // address of the form that ends it; "" when it cannot be
}

// EventRow is something that happened to people's access.
type EventRow struct {
	At    time.Time
	What  string
	About string // whom, by whom, from where
}

// TOTPSetup shows the seed of an authenticator app.
type TOTPSetup struct {
	Frame
	QR, Seed, Ticket string
	Replaces         bool // the person has one, whose code is asked for too
	Error            string
}

// RecoveryCodes shows codes, once.
type RecoveryCodes struct {
	Frame
	Codes []string
	Next  string
}

// People is who belongs to a merchant or the centre.
type People struct {
	Frame
	Members     []MemberRow
	Invitations []InvitationRow
	Roles       []RoleChoice // that the person may give; none: only looks
	Several     bool         // somebody may have several roles
	Invite      string       // address of the form
	Link        string       // of the invitation that was just made
	Waits       bool         // the link works only when a second person has approved it
	Error       string
}

// RoleChoice is a role in a form.
type RoleChoice struct {
	Role, Name, About string
	Chosen            bool
}

// MemberRow is somebody in the list of people.
type MemberRow struct {
	Name, Login, Roles string
	Second             bool // signs in with a second factor
	Sessions           []SessionRow
	Change, End        string // addresses of the forms; "" when the person may not
	Choices            []RoleChoice
	Me                 bool
}

// InvitationRow is an invitation that waits.
type InvitationRow struct {
	Roles, About string
	Withdraw     string
}

// Events lists what happened to people's access.
type Events struct {
	Frame
	Rows []EventRow
	Next string // address of older ones; "" at the end
}

// Console is the first page of the centre.
type Console struct {
	Frame
	Figures     []Figure
	Health      []HealthRow
	Unpayable   string // that merchants wait for money which cannot be paid out; "" when none does
	UnpayableAt string
}

// Figure is one number with its name.
type Figure struct{ Name, Value, Note string }

// HealthRow is a part of the platform that is well or not.
type HealthRow struct {
	Name, Word string
	Tone       Tone
}

// Dashboard is the first page of a merchant's people. What a role does not see is absent.
type Dashboard struct {
	Frame
	Merchant string
	Day      time.Time
	Now      time.Time
	Figures  []Figure
	Rows     []PaymentRow
	Payments bool     // are shown
	Deaf     []string // receivers of events that nothing is sent to any more, in sentences
}
