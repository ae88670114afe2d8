package store

import (
	"context"
	"time"

	"tolom/id"
)

// Centre is the owner of memberships, invitations and events of the processing centre itself.
const Centre id.ID = "centre"

// Person is somebody who signs in: staff of the centre, of a merchant, or of several.
type Person struct {
	ID           id.ID
	Login        string // small letters; one person's
	Name         string // as the person wants to be called
	PasswordHash string // argon2id, in its PHC text form
	TOTP         string // base32 seed; "" when there is none
	CreatedAt    time.Time
	ChangedAt    time.Time // of the password or the second factor
}

// Membership is what a person may do for a merchant or for the centre. A person has one for each owner at most.
type Membership struct {
	ID        id.ID
	Person    id.ID
	Owner     id.ID  // a merchant, or Centre
	Roles     string // words with a space between
	CreatedAt time.Time
	EndedAt   time.Time // zero while it holds
}

// The kinds of sessions.
const (
	BrowserSession = "browser"
	ProgramSession = "program"
)

// StaffSession is a browser or a program in which a person is signed in. Only the digest of its token is kept.
type StaffSession struct {
	ID        id.ID
	Person    id.ID
	Hash      string
	Kind      string
	Factor    string // by which the person signed in: password, totp, passkey or recovery
	Address   string
	Agent     string // what the browser says that it is
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time // zero until somebody ends it
}

// Invitation is a link by which somebody gets a membership, once. Only the digest of its token is kept.
type Invitation struct {
	ID          id.ID
	Owner       id.ID // a merchant, or Centre
	Roles       string
	Name        string // for whom it is, in the words of who invites
	Hash        string
	InvitedBy   id.ID
	Person      id.ID // who accepted it
	CreatedAt   time.Time
	ExpiresAt   time.Time
	UsedAt      time.Time // zero while it waits
	WithdrawnAt time.Time
}

// Passkey is the public half of a person's passkey.
type Passkey struct {
	ID         id.ID
	Person     id.ID
	Credential string // its id, base64url
	Record     string // the credential as the WebAuthn library writes it, JSON
	Name       string
	CreatedAt  time.Time
	RemovedAt  time.Time // zero while it works
}

// Ticket is what somebody who is half way through something brings back, once.
type Ticket struct {
	ID        id.ID
	Person    id.ID // "" when it is not known who it is
	Purpose   string
	Hash      string
	Data      string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}

// PersonEvent is a line of what happened to people's access. Lines are added and never changed.
type PersonEvent struct {
	ID      id.ID
	Owner   id.ID // the merchant or the centre whose staff it is; "" when nobody's
	Person  id.ID // whom it is about
	By      id.ID // who did it; "" when nobody known did
	Kind    string
	Detail  string
	Address string
	At      time.Time
}

// PersonEventFilter chooses events, newest first; exactly one of Owner and Person is set.
type PersonEventFilter struct {
	Owner, Person id.ID
	Before        id.ID // a cursor
	Limit         int
}

// Allowance is how often something may be tried: Most at once, and then once every Every.
type Allowance struct {
	Most  int
	Every time.Duration
}

// People keeps who signs in, with what, and what happened to it.
type People interface {
	// Persons have no owner. A login is one person's: ErrTaken.
	Persons() Shelf[Person]
	// PersonByLogin finds a person; ErrNotFound.
	PersonByLogin(ctx context.Context, login string) (Person, error)
	// SetPassword and SetTOTP change one thing of a person, so that two changes at once lose neither; ErrNotFound.
	SetPassword(ctx context.Context, person id.ID, hash string, now time.Time) error
	SetTOTP(ctx context.Context, person id.ID, seed string, now time.Time) error
	// Memberships are listed by their person. A person has one for each owner: ErrTaken.
	Memberships() Shelf[Membership]
	// MembershipsOf lists those of a merchant or of the centre, by id.
	MembershipsOf(ctx context.Context, owner, after id.ID, limit int) ([]Membership, error)
	// StaffSessions are listed by their person.
	StaffSessions() Shelf[StaffSession]
	// StaffSessionByHash finds a session, ended or not, by the digest of its token; ErrNotFound.
	StaffSessionByHash(ctx context.Context, hash string) (StaffSession, error)
	// OpenSessions lists the sessions of a person that have not ended by a moment, the newest first.
	OpenSessions(ctx context.Context, person id.ID, now time.Time, limit int) ([]StaffSession, error)
	// EndSessions ends all sessions of a person but one, or all; it tells how many.
	EndSessions(ctx context.Context, person, but id.ID, now time.Time) (int, error)
	// Invitations are listed by the merchant or the centre.
	Invitations() Shelf[Invitation]
	// InvitationByHash finds an invitation, used or not, by the digest of its token; ErrNotFound.
	InvitationByHash(ctx context.Context, hash string) (Invitation, error)
	// Accept uses up an invitation that waits and has not expired, and writes the membership with the person, when
	// there is a new one: all of it or nothing. ErrNotFound when the invitation does not wait, ErrTaken when the login
	// is another's.
	Accept(ctx context.Context, hash string, now time.Time, m Membership, newcomer *Person) (Invitation, error)
	// Passkeys are listed by their person. A credential is one passkey's: ErrTaken.
	Passkeys() Shelf[Passkey]
	// PasskeyByCredential finds a passkey, removed or not, by the id of its credential; ErrNotFound.
	PasskeyByCredential(ctx context.Context, credential string) (Passkey, error)
	PeopleProofs
	PeopleEvents
}

// PeopleProofs keeps what may be used once, and what may be tried so often. None of it is a change of reference data.
type PeopleProofs interface {
	// AddTicket writes a new ticket.
	AddTicket(ctx context.Context, t Ticket) error
	// TicketByHash finds a ticket that waits and has not expired; ErrNotFound.
	TicketByHash(ctx context.Context, hash string, now time.Time) (Ticket, error)
	// TakeTicket uses up a ticket that waits and has not expired; of several callers at once one gets it. ErrNotFound.
	TakeTicket(ctx context.Context, hash string, now time.Time) (Ticket, error)
	// EndTickets uses up all tickets of a person that wait, and tells how many.
	EndTickets(ctx context.Context, person id.ID, now time.Time) (int, error)
	// SetRecovery replaces the recovery codes of a person, given by their digests.
	SetRecovery(ctx context.Context, person id.ID, hashes []string) error
	// TakeRecovery uses up a recovery code; of several callers at once one gets it. ErrNotFound.
	TakeRecovery(ctx context.Context, person id.ID, hash string, now time.Time) error
	// RecoveryLeft counts the recovery codes of a person that were not used.
	RecoveryLeft(ctx context.Context, person id.ID) (int, error)
	// SpendStep takes a step of a person's TOTP, unless that step or a later one was taken before: ErrTaken.
	SpendStep(ctx context.Context, person id.ID, step int64) error
	// Attempt uses one of an allowance that goes by a name; false when none is left. All nodes share it.
	Attempt(ctx context.Context, name string, a Allowance, now time.Time) (bool, error)
	// Relent gives one back.
	Relent(ctx context.Context, name string, a Allowance) error
	// ForgetProofs deletes tickets and sessions that expired before a moment, and allowances that were full by then; it
	// tells how many.
	ForgetProofs(ctx context.Context, before time.Time, limit int) (int, error)
}

// PeopleEvents keeps the lines of what happened.
type PeopleEvents interface {
	AddPersonEvents(ctx context.Context, events []PersonEvent) error
	PersonEvents(ctx context.Context, f PersonEventFilter) ([]PersonEvent, error)
}
