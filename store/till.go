package store

import (
	"context"
	"time"

	"tolom/id"
)

// Pairing is a code by which a till is given a key of its own, once. Only the digest of the code is kept.
type Pairing struct {
	ID        id.ID
	Merchant  id.ID
	Till      id.ID
	Hash      string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero while the code waits
}

// TillSession is a browser that is signed in to the point of sale. It may do what its key may. Only the digest of its
// token is kept.
type TillSession struct {
	ID        id.ID
	Merchant  id.ID
	Till      id.ID // of the key; empty for a key of the merchant or of a store
	Key       id.ID
	Hash      string
	CreatedAt time.Time
	ExpiresAt time.Time // whatever it is used for
	EndedAt   time.Time // zero until somebody ends it
}

// Use is when a key or a session was last used, to the minute.
type Use struct {
	ID id.ID
	At time.Time
}

// TillAccess keeps what lets tills in beside their keys, and when keys and sessions were last used.
type TillAccess interface {
	// Pairings are listed by their merchant.
	Pairings() Shelf[Pairing]
	// TakePairing uses up the pairing of a code that waits and has not expired; of several callers at once one gets it. ErrNotFound.
	TakePairing(ctx context.Context, hash string, now time.Time) (Pairing, error)
	// TillSessions are listed by their merchant.
	TillSessions() Shelf[TillSession]
	// TillSessionByHash finds a session, whether it has ended or not, by the digest of its token; ErrNotFound.
	TillSessionByHash(ctx context.Context, hash string) (TillSession, error)
	// ForgetTills deletes pairings and sessions, with when these were used, that expired before a moment: the oldest
	// first, up to limit of each. It says how many there were.
	ForgetTills(ctx context.Context, before time.Time, limit int) (int, error)
	// NoteUses writes when keys and sessions were used; the latest time counts. It is no change of reference data.
	NoteUses(ctx context.Context, uses []Use) error
	// Uses gives when keys and sessions were last used; those that never were are absent.
	Uses(ctx context.Context, of []id.ID) (map[id.ID]time.Time, error)
}
