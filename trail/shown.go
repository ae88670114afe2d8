package trail

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// Shown is what a proof shows of a line of the log of facts, and what its leaf is made of.
type Shown struct {
	Position int64 // from 1
	Type     payment.FactType
	At       time.Time // whole milliseconds
	Merchant id.ID
	Payment  id.ID
	Amount   money.Amount
	Rest     Hash // of what is not shown
}

// ErrLine says that bytes are no line of the log.
var ErrLine = errors.New("trail: these bytes are no line of the log of facts")

// Bytes is the line as it is hashed.
func (s Shown) Bytes() []byte {
	b := append(make([]byte, 0, 256), "tolom fact 2\n"...)
	b = number(b, "position", s.Position)
	b = text(b, "type", string(s.Type))
	b = number(b, "at", s.At.UnixMilli())
	b = text(b, "merchant", string(s.Merchant))
	b = text(b, "payment", string(s.Payment))
	b = number(b, "amount", int64(s.Amount))
	return text(b, "rest", s.Rest.String())
}

// Hash is the leaf of the line.
func (s Shown) Hash() Hash { return leafOf(s.Bytes()) }

// ReadShown reads a line of which a proof is. It accepts only what Bytes writes. ErrLine.
func ReadShown(line []byte) (s Shown, err error) {
	r := rows{left: string(line)}
	if !r.word("tolom fact 2\n") {
		return s, ErrLine
	}
	s.Position = r.number("position")
	s.Type = payment.FactType(r.text("type"))
	s.At = time.UnixMilli(r.number("at")).UTC()
	s.Merchant, s.Payment = id.ID(r.text("merchant")), id.ID(r.text("payment"))
	s.Amount = money.Amount(r.number("amount"))
	s.Rest, err = tlog.ParseHash(r.text("rest"))
	if err != nil || r.broken || r.left != "" || string(s.Bytes()) != string(line) {
		return Shown{}, ErrLine
	}
	return s, nil
}

// rows reads names and values as number and text write them.
type rows struct {
	left   string
	broken bool
}

func (r *rows) word(w string) bool {
	left, found := strings.CutPrefix(r.left, w)
	r.left, r.broken = left, r.broken || !found
	return found
}

func (r *rows) number(name string) int64 {
	r.word(name + " ")
	value, left, _ := strings.Cut(r.left, "\n")
	n, err := strconv.ParseInt(value, 10, 64)
	r.left, r.broken = left, r.broken || err != nil
	return n
}

func (r *rows) text(name string) string {
	r.word(name + " ")
	length, left, _ := strings.Cut(r.left, " ")
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > len(left) {
		r.broken = true
		return ""
	}
	r.left = left[n:]
	r.word("\n")
	return left[:n]
}
