// Package page draws the screens of the payer's phone: HTML that works without JavaScript, in Kyrgyz, Russian and
// English. It knows nothing of the bank; the bank fills the structs here.
package page

import (
	"time"

	"tolom/money"
)

// Frame is what every screen shares.
type Frame struct {
	Words
	Bank    string // the bank's name
	Path    string // where the phone is mounted
	Here    string // address of this screen, for the choice of language
	Payer   string // id of the chosen payer
	Refresh bool   // look again in a moment: something is going on
	Error   string // what was wrong with the last action, in words
}

// Payer is a choice on the home screen.
type Payer struct{ ID, Name string }

// Home is the first screen: balance, scanner, history.
type Home struct {
	Frame
	Payers    []Payer
	Available money.Amount
	Held      money.Amount
	Link      string // text in the scanner's field
	History   []Line
	Faults    []Fault // nil: faults cannot be set here
	CanFault  bool
}

// Fault is trouble that is still to come.
type Fault struct {
	Trouble, Call string
	Times         int
}

// Line is a purchase in the history.
type Line struct {
	ID, Merchant string
	State        State
	Amount       money.Amount
	Refunded     money.Amount
	At           time.Time
}

// State is how a purchase stands in words of its payer.
type State string

// The states. Success is shown only after the platform has confirmed it.
const (
	Offered  State = "offered"
	Waiting  State = "waiting" // held and created; the payer has to confirm
	Running  State = "running"
	Success  State = "success"
	Failed   State = "failed"
	Declined State = "declined" // the payer said no
)

// Purchase is the screen of one purchase.
type Purchase struct {
	Frame
	ID          string
	State       State
	PayerName   string
	Available   money.Amount
	Merchant    string
	Store       string
	Description string
	Extra       []Field
	Amount      money.Amount // 0: not known yet
	Fee         money.Amount // on top
	Editable    bool
	Typed       string // what the payer typed into the amount
	Low, High   money.Amount
	Refunded    money.Amount
	Reason      string // in words
	Receipt     string // address
	ReceiptID   string
	Payment     string // the platform's id
	At          time.Time
}

// Field is a further field that the payer is shown.
type Field struct{ Label, Value string }

// Total is what leaves the account.
func (p Purchase) Total() money.Amount { return p.Amount + p.Fee }

// Poor says that the balance does not cover a known amount.
func (p Purchase) Poor() bool { return p.Amount > 0 && !p.Editable && p.Total() > p.Available }

// Initial is the first letter of the merchant, for its badge.
func (p Purchase) Initial() string {
	for _, letter := range p.Merchant {
		return string(letter)
	}
	return "?"
}
