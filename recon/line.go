package recon

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tolom/money"
)

// Kind says what a line is about.
type Kind string

// The kinds of lines. The first two are of a PSP's book, the others of a settling bank's.
const (
	Payment  Kind = "payment"  // named by the psp_payment_id
	Refund   Kind = "refund"   // named by the platform's id, re_…
	Payout   Kind = "payout"   // named by the platform's id, po_…
	Position Kind = "position" // named by the business day; below zero the bank pays
)

// Status is where a line stands, in the words of the PSP API. Only lines with
// Success have moved money; digests are made of them alone.
type Status string

// The statuses of lines.
const (
	Success   Status = "success"
	Canceled  Status = "canceled"
	Failed    Status = "error"
	Created   Status = "created"
	InProcess Status = "in_process"
	Requested Status = "requested" // of a refund
	Rejected  Status = "rejected"  // of a refund
	Returned  Status = "returned"  // of a payout
)

// Minute is a minute of time in UTC, counted from 1970.
type Minute int64

// minuteLayout is how a minute is written: "2026-11-24T05:40Z".
const minuteLayout = "2006-01-02T15:04Z"

// MinuteOf gives the minute that a moment is in.
func MinuteOf(at time.Time) Minute {
	seconds := at.Unix()
	m := seconds / 60
	if seconds%60 < 0 {
		m--
	}
	return Minute(m)
}

// Time gives the moment at which the minute begins, UTC.
func (m Minute) Time() time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// String writes the minute as lines do.
func (m Minute) String() string { return m.Time().Format(minuteLayout) }

// Valid says that the minute can be written with four digits of the year.
func (m Minute) Valid() bool { return m >= firstMinute && m <= lastMinute }

const (
	firstMinute Minute = 0          // 1970-01-01T00:00Z
	lastMinute  Minute = 4223371679 // 9999-12-31T23:59Z
)

// ParseMinute reads what String writes.
func ParseMinute(text string) (Minute, error) {
	at, err := time.Parse(minuteLayout, text)
	if err != nil || len(text) != len(minuteLayout) || !MinuteOf(at).Valid() {
		return 0, fmt.Errorf("%w: %q is no minute such as 2026-11-24T05:40Z", ErrLine, text)
	}
	return MinuteOf(at), nil
}

// Line is one movement of money in a book.
type Line struct {
	Minute Minute
	Kind   Kind
	ID     string
	Amount money.Amount // tyiyn, without what the payer pays on top
	Status Status
}

// ErrLine says that a line or a part of it cannot be read.
var ErrLine = errors.New("recon: not a line of a book")

// String writes the line in its one canonical form, without the line break:
//
//	2026-11-24T05:40Z payment demo-000017 150000 success
//
// Five fields with one space between them, the amount in decimal digits without
// leading zeros. Digests are made of this text, so it never changes.
func (l Line) String() string {
	return l.Minute.String() + " " + string(l.Kind) + " " + l.ID + " " + strconv.FormatInt(int64(l.Amount), 10) + " " + string(l.Status)
}

// ParseLine reads what String writes, and nothing else.
func ParseLine(text string) (Line, error) {
	f := strings.Split(text, " ")
	if len(f) != 5 {
		return Line{}, fmt.Errorf("%w: %d fields instead of 5", ErrLine, len(f))
	}
	minute, err := ParseMinute(f[0])
	if err != nil {
		return Line{}, err
	}
	amount, err := strconv.ParseInt(f[3], 10, 64)
	if err != nil || strconv.FormatInt(amount, 10) != f[3] {
		return Line{}, fmt.Errorf("%w: %q is no amount in tyiyn", ErrLine, f[3])
	}
	l := Line{minute, Kind(f[1]), f[2], money.Amount(amount), Status(f[4])}
	return l, l.Check()
}

// MaxID is how long the name of a line may be, in letters, digits, ".", "_" and "-".
const MaxID = 50

// Check refuses lines that a book cannot have: unknown words, names with other
// letters than a psp_payment_id may have, amounts that are zero or, but for
// positions, below it.
func (l Line) Check() error {
	switch {
	case !l.Minute.Valid():
		return fmt.Errorf("%w: the minute is out of range", ErrLine)
	case !known(l.Kind, Payment, Refund, Payout, Position):
		return fmt.Errorf("%w: kind %q is not payment, refund, payout or position", ErrLine, l.Kind)
	case !name(l.ID):
		return fmt.Errorf("%w: the id is 1 to %d letters, digits, \".\", \"_\" and \"-\"", ErrLine, MaxID)
	case l.Amount > money.Max || l.Amount < -money.Max || l.Amount < 0 && l.Kind != Position || l.Amount == 0 && l.Kind != Position:
		return fmt.Errorf("%w: the amount is tyiyn above zero, at most %d", ErrLine, money.Max)
	case !known(l.Status, Success, Canceled, Failed, Created, InProcess, Requested, Rejected, Returned):
		return fmt.Errorf("%w: status %q is not one that this API writes", ErrLine, l.Status)
	}
	return nil
}

func known[T comparable](v T, all ...T) bool {
	for _, x := range all {
		if v == x {
			return true
		}
	}
	return false
}

func name(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return id != "" && len(id) <= MaxID
}
