package trail

import (
	"crypto/sha256"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tolom/id"
	"tolom/payment"
)

// Hash is a hash of the tree: SHA-256.
type Hash = tlog.Hash

// Line is one line of the log: a fact at its place in the feed.
type Line struct {
	Position int64 // from 1, without gaps
	Reader   id.ID // whose feed it is told in
	Sequence int64 // in that feed
	Fact     payment.Fact
}

// Bytes is the line as it is hashed: what a proof shows of it, and the digest of the rest. So whoever holds a receipt can
// be shown that its payment stands in the log, and learns neither the merchant's fee nor the PSP's part, nor how much the
// merchant sells.
func (l Line) Bytes() []byte { return l.Shown().Bytes() }

// Shown is the part of the line that a proof shows.
func (l Line) Shown() Shown {
	f := l.Fact
	return Shown{Position: l.Position, Type: f.Type, At: f.At.UTC().Truncate(time.Millisecond), Merchant: f.Merchant, Payment: f.Payment, Amount: f.Amount, Rest: sha256.Sum256(l.rest())}
}

// rest is what a proof does not show. Whoever has only its digest cannot find it out by trying: the ids of the fact and of
// its commit have 66 random bits each, and that of the commit is told to nobody.
func (l Line) rest() []byte {
	f := l.Fact
	b := append(make([]byte, 0, 512), "tolom fact 2, kept\n"...)
	b = text(b, "reader", string(l.Reader))
	b = number(b, "sequence", l.Sequence)
	b = text(b, "id", string(f.ID))
	b = text(b, "batch", string(f.Batch))
	b = number(b, "ordinal", int64(f.Ordinal))
	b = text(b, "psp", string(f.PSP))
	b = text(b, "request", string(f.Request))
	b = text(b, "refund", string(f.Refund))
	b = number(b, "fee", int64(f.Fee))
	b = number(b, "surcharge", int64(f.Surcharge))
	b = number(b, "interchange", int64(f.Interchange))
	b = text(b, "reason", string(f.Reason))
	return optional(optional(optional(b, "participant", string(f.Participant)), "payout", string(f.Payout)), "day", f.Day)
}

// Whole is the line as it was hashed before there were proofs for everybody: all of it in one piece. Logs that began
// then go on with lines of both kinds, told apart by their first words.
//
// It is a name and a value in each row. Texts come after their length in
// bytes, so that no two different lines have the same bytes, whatever is in their texts. Times are milliseconds since 1970, amounts tyiyn.
func (l Line) Whole() []byte {
	f := l.Fact
	b := append(make([]byte, 0, 768), "tolom fact 1\n"...)
	b = number(b, "position", l.Position)
	b = text(b, "reader", string(l.Reader))
	b = number(b, "sequence", l.Sequence)
	b = text(b, "id", string(f.ID))
	b = text(b, "batch", string(f.Batch))
	b = number(b, "ordinal", int64(f.Ordinal))
	b = text(b, "type", string(f.Type))
	b = number(b, "at", f.At.UnixMilli())
	b = text(b, "merchant", string(f.Merchant))
	b = text(b, "psp", string(f.PSP))
	b = text(b, "request", string(f.Request))
	b = text(b, "payment", string(f.Payment))
	b = text(b, "refund", string(f.Refund))
	b = number(b, "amount", int64(f.Amount))
	b = number(b, "fee", int64(f.Fee))
	if f.Surcharge != 0 { // Lines of before there were any have no such row, and keep their hashes.
		b = number(b, "surcharge", int64(f.Surcharge))
	}
	b = number(b, "interchange", int64(f.Interchange))
	b = text(b, "reason", string(f.Reason))
	return optional(optional(optional(b, "participant", string(f.Participant)), "payout", string(f.Payout)), "day", f.Day)
}

// optional adds a row that came later than the first logs: only where there is
// something to say, so that lines of before keep their hashes. Names are in a fixed
// order and never the same, so two different lines still have different bytes.
func optional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return text(b, name, value)
}

// Hash is the leaf of the line.
func (l Line) Hash() Hash { return leafOf(l.Bytes()) }

// WholeHash is the leaf of a line of before: see Whole.
func (l Line) WholeHash() Hash { return leafOf(l.Whole()) }

// leafOf is the leaf of a line of either log. The first words of the bytes say which, so a line of one is never one of the other.
func leafOf(line []byte) Hash { return tlog.RecordHash(line) }

func number(b []byte, name string, value int64) []byte {
	return append(strconv.AppendInt(append(append(b, name...), ' '), value, 10), '\n')
}

func text(b []byte, name, value string) []byte {
	b = strconv.AppendInt(append(append(b, name...), ' '), int64(len(value)), 10)
	return append(append(append(b, ' '), value...), '\n')
}
