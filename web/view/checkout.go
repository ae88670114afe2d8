package view

import (
	"strconv"
	"time"

	"tolom/money"
	"tolom/web/locale"
)

// Checkout is the page of a payment request that a payer sees.
type Checkout struct {
	Frame
	Merchant, Store string
	Amount          money.Amount // 0: the payer enters it in the app
	Editable        bool         // the payer may give more
	Fee             money.Amount // what the payer pays on top; 0 when that is nothing or not known yet
	FeeOnTop        bool         // the payer pays a fee on top
	Description     string
	Extra           []Field
	QR              string // the picture as SVG; not drawn once the request has ended
	Link            string // opens a bank app
	Stream          string // address of the live status
	PNG             string // address of the picture
	Live            Live
}

// State is where a request stands, as the page shows it.
type State string

// The states. Ready is a static request that takes payments; Waiting and Scanned
// are a dynamic one before it is paid.
const (
	Ready    State = "ready"
	Waiting  State = "waiting"
	Scanned  State = "scanned"
	Paid     State = "paid"
	Expired  State = "expired"
	Canceled State = "canceled"
	Paused   State = "paused"
)

// Final says that the page has nothing more to wait for.
func (s State) Final() bool { return s == Paid || s == Expired || s == Canceled }

// Payable says that the code may be scanned now.
func (s State) Payable() bool { return s == Ready || s == Waiting || s == Scanned }

// Live is the part of a page that changes while it is looked at. It is drawn
// into the page, and again into each message of the stream.
type Live struct {
	locale.Text
	State     State
	Now       time.Time
	ExpiresAt time.Time    // zero: never
	Amount    money.Amount // what was paid
	PaidAt    time.Time    // of a static request, when it was last paid
	Payer     string       // masked; only the point of sale shows it
	Receipt   string       // address; "" when there is none to show
	Return    string       // https address of the shop, after success
}

// seconds left; 0 when the request never expires or is far from it, where a
// running clock would only make people nervous.
func (l Live) seconds() int {
	left := l.ExpiresAt.Sub(l.Now)
	if l.ExpiresAt.IsZero() || left <= 0 || left > time.Hour {
		return 0
	}
	return int((left + time.Second - 1) / time.Second)
}

func (l Live) until() string {
	if l.ExpiresAt.IsZero() {
		return ""
	}
	return l.Say("valid_until", "Time", l.When(l.ExpiresAt, l.Now))
}

func (l Live) left() string {
	s := l.seconds()
	return twoDigits(s/60) + ":" + twoDigits(s%60)
}

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10%10), '0' + byte(n%10)}) }

// Mark tells one drawing of the live part from another, so that a browser
// replaces it, and reads it out, only when something happened.
func (l Live) Mark() string {
	return string(l.State) + "-" + strconv.FormatInt(l.PaidAt.UnixMilli(), 36)
}
