package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/tariff"
)

// Desk keeps reference data: who there is and who may do what. It never touches money.
type Desk interface {
	// Now tells the time by the database's clock, which is one for all nodes, in whole milliseconds.
	Now(ctx context.Context) (time.Time, error)
	Participants() Shelf[Participant]
	Merchants() Shelf[Merchant]
	Stores() Shelf[Place]
	Tills() Shelf[Till]
	PSPs() Shelf[PSP]
	Keys() Shelf[Key]
	Operators() Shelf[Operator]
	Endpoints() Shelf[Endpoint]
	PSPKeys() Shelf[PSPKey]
	Certificates() Shelf[Certificate]
	PlatformKeys() Shelf[PlatformKey]
	// Tariffs keeps versions of tariffs, by whose they are. A moment of an owner is one
	// version's, but for withdrawn ones.
	Tariffs() Shelf[tariff.Version]
	// Destinations keeps where files of closed days go, by whose they are.
	Destinations() Shelf[Destination]
	Nonces
	TillAccess
	Proposals
	People
	// Alone runs do alone among all who do something alone for one of the same owners or people, on all nodes. What do
	// writes to its desk is committed together or not at all; what it reads through that desk of those owners nobody
	// changes meanwhile who asks to be alone too. do calls nothing but its desk, and may run again after ErrRetry of
	// its caller. Within another change (a proposal's, another Alone's) it is a part of that. Its errors come back as they are.
	Alone(ctx context.Context, whose []id.ID, do func(ctx context.Context, d Desk) error) error
	// Limits gives the limits of a merchant, a PSP or a participant; with nothing
	// but the owner when it has none. The Ledger sets them.
	Limits(ctx context.Context, owner id.ID) (payment.Limits, error)
	// KeyByHash finds a key by the digest of its secret; ErrNotFound.
	KeyByHash(ctx context.Context, hash string) (Key, error)
	// Revision counts the changes of reference data and limits. Whoever asks for it
	// and reads a record after that may believe the record as long as the revision
	// is the same.
	Revision(ctx context.Context) (int64, error)
	// OperatorByLogin finds an operator; ErrNotFound.
	OperatorByLogin(ctx context.Context, login string) (Operator, error)
}

// Shelf keeps records of one kind.
type Shelf[T any] interface {
	// Put writes a record, new or changed. ErrTaken when a unique name (a key's
	// hash, an operator's login) is another's.
	Put(ctx context.Context, record T) error
	// Get gives a record; ErrNotFound.
	Get(ctx context.Context, id id.ID) (T, error)
	// List gives an owner's records by id, after a cursor; the empty owner lists all.
	List(ctx context.Context, owner, after id.ID, limit int) ([]T, error)
}

// Participant is a bank or other institution that settles through the centre.
type Participant struct {
	ID        id.ID
	Name, BIC string
	CreatedAt time.Time
}

// Merchant is who sells.
type Merchant struct {
	ID              id.ID
	Participant     id.ID // the bank that holds its account
	Name            string
	NameLatin       string // as tag 59 of the payload shows it
	MCC             string // ISO 18245
	TaxID           string
	BankAccount     string
	Suspended       bool
	Tariff          tariff.Tariff
	RefundOverdraft money.Amount // how far refunds may take the payable balance below zero
	CreatedAt       time.Time
}

// Place is a merchant's store. (A store of goods; the room is called store too.)
type Place struct {
	ID        id.ID
	Merchant  id.ID
	Name      string
	Address   string
	CreatedAt time.Time
}

// Till is a cash desk or web shop in a store.
type Till struct {
	ID        id.ID
	Merchant  id.ID
	Store     id.ID
	Name      string
	CreatedAt time.Time
}

// PSP is a payment solution: the bank or wallet app that holds payers' balances.
type PSP struct {
	ID          id.ID
	Participant id.ID
	Name        string
	BIC         string
	Suspended   bool
	CreatedAt   time.Time
}

// Key lets a program call as a merchant or a PSP. Only the digest of the secret is kept.
type Key struct {
	ID         id.ID
	Owner      id.ID // a merchant or a PSP
	Store      id.ID // when the key reaches one store only
	Till       id.ID // when the key is a till's
	Hash       string
	Hint       string // the last four characters, to tell keys apart
	Name       string
	Scopes     string // what a merchant's key may do, words with a space between; none: nothing
	Networks   string // CIDRs that it may come from, with a space between; none: from anywhere
	ReplacedBy id.ID  // the key that it was rolled to
	MadeBy     id.ID  // a person or another key; "" when it is not known
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: no end
	RevokedAt  time.Time // zero while it works
}

// Operator is staff of the processing centre.
type Operator struct {
	ID           id.ID
	Login        string
	PasswordHash string // argon2id, in its PHC text form
	CreatedAt    time.Time
}

// Endpoint is a merchant's address for webhooks.
type Endpoint struct {
	ID        id.ID
	Merchant  id.ID
	URL       string
	Secrets   []string // newest first; two while one is being rotated
	Types     []string // of events; empty for all
	Disabled  bool
	CreatedAt time.Time

	// Keys are the private keys of its other signatures, newest first; none for one
	// that was made before there were any and not rotated since.
	Keys []string
	// PausedAt is when sending was stopped because nothing arrived for days; zero
	// while it goes on. PausedFor says what the last attempt met.
	PausedAt  time.Time
	PausedFor string
}
