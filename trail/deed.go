package trail

import (
	"time"

	"tolom/id"
)

// The kinds of records that deeds are kept in.
const (
	OfPeople    = "person_event"   // what happened to people's access, and what they did to keys and people
	OfProposals = "proposal_event" // what was proposed, decided and carried out
)

// Deed is one line of the log of deeds: who did what, at its place. It is the second log beside that of facts, with hashes,
// proofs and checkpoints of the same kind.
type Deed struct {
	Position int64  // from 1, without gaps
	Of       string // OfPeople or OfProposals
	Name     id.ID  // of the event, or of the proposal that it is about
	Number   int64  // of the event of the proposal; 0 of others
	At       time.Time
	Kind     string // what was done
	By       id.ID  // who did it; "" when nobody known did
	ByName   string
	Owner    id.ID // whose people it is about: a merchant, or the centre
	Person   id.ID // whom it is about
	Detail   string
	Address  string // from where, as far as it is known
	Digest   string // of the proposal
}

// Bytes is the line as it is hashed: all rows, always, with texts after their length as in Line.
func (d Deed) Bytes() []byte {
	b := append(make([]byte, 0, 512), "tolom deed 1\n"...)
	b = number(b, "position", d.Position)
	b = text(b, "of", d.Of)
	b = text(b, "name", string(d.Name))
	b = number(b, "number", d.Number)
	b = number(b, "at", d.At.UnixMilli())
	b = text(b, "kind", d.Kind)
	b = text(b, "by", string(d.By))
	b = text(b, "by_name", d.ByName)
	b = text(b, "owner", string(d.Owner))
	b = text(b, "person", string(d.Person))
	b = text(b, "detail", d.Detail)
	b = text(b, "address", d.Address)
	return text(b, "digest", d.Digest)
}

// Hash is the leaf of the line.
func (d Deed) Hash() Hash { return leafOf(d.Bytes()) }
