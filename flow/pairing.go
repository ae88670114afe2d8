package flow

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// pairedName begins the name of the key of a paired till.
const pairedName = "paired "

const (
	// pairingLife is how long a code waits to be typed into a till.
	pairingLife = 10 * time.Minute
	// SessionLife is a long working day, after which a till that was opened with a key closes itself.
	SessionLife = 16 * time.Hour
	// PairedLife is how long a till stays open that was paired: it is the shop's own device, and can be shut alone.
	PairedLife = 90 * 24 * time.Hour

	codeLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ" // without what looks alike: 0 and O, 1, I and L, U and V
	codeLength  = 8
)

// AddPairing makes a code by which a till is paired, once, within ten minutes. owner narrows it to that merchant's
// tills; empty: anybody's. The code is shown once: only its digest is kept. Refused: not_found.
func (r *Registry) AddPairing(ctx context.Context, owner, till id.ID) (store.Pairing, string, error) {
	t, err := r.Till(ctx, till)
	if err == nil && owner != "" && t.Merchant != owner {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return store.Pairing{}, "", err
	}
	code, err := r.newCode()
	if err != nil {
		return store.Pairing{}, "", err
	}
	p, err := r.addPairing(ctx, t, hashCode(code))
	return p, code, err
}

// addPairing lets the code of a digest pair a till from now on.
func (r *Registry) addPairing(ctx context.Context, t store.Till, hash string) (store.Pairing, error) {
	now := r.world.Clock.Now()
	p := store.Pairing{ID: r.newID(id.Pairing, t.Merchant.Bucket()), Merchant: t.Merchant, Till: t.ID, Hash: hash, CreatedAt: now, ExpiresAt: now.Add(pairingLife)}
	return p, put(ctx, r, r.desk.Pairings(), p.ID, p)
}

// newCode draws a code. Of the 256 values of a byte those above 239 are drawn again, so that all letters are alike.
func (r *Registry) newCode() (string, error) {
	var code []byte
	for len(code) < codeLength {
		random, err := r.random32()
		if err != nil {
			return "", fault.Wrap(fault.InternalError, err)
		}
		for _, b := range random {
			if int(b) < 256/len(codeLetters)*len(codeLetters) && len(code) < codeLength {
				code = append(code, codeLetters[int(b)%len(codeLetters)])
			}
		}
	}
	return string(code), nil
}

// sameLetters are the Cyrillic letters that look like those of codes: a keyboard in Kyrgyz or Russian types them.
var sameLetters = strings.NewReplacer("А", "A", "В", "B", "С", "C", "Е", "E", "Н", "H", "К", "K", "М", "M", "Р", "P", "Т", "T", "Х", "X", "У", "Y",
	" ", "", "-", "", "\u00a0", "")

// readCode reads a code as people type it; false for what cannot be one.
func readCode(text string) (string, bool) {
	if len(text) > 64 {
		return "", false
	}
	code := sameLetters.Replace(strings.ToUpper(text))
	return code, len(code) == codeLength && strings.Trim(code, codeLetters) == ""
}

func hashCode(code string) string { return seal.HashKey("pairing " + code) }

// PairTill takes a code that was typed at an address and opens the till: it gets a key of its own, whose secret nobody
// has, and a session of that key. token is what the browser keeps. Refused: unauthorized for a code that is wrong, used
// or old; rate_limited after several.
func (r *Registry) PairTill(ctx context.Context, typed string, from netip.Addr) (token string, s store.TillSession, err error) {
	right, err := r.gate.Guess(from)
	if err != nil {
		return "", s, err
	}
	code, ok := readCode(typed)
	if !ok {
		return "", s, wrongCode()
	}
	p, err := r.desk.TakePairing(ctx, hashCode(code), r.world.Clock.Now())
	if errors.Is(err, store.ErrNotFound) {
		return "", s, wrongCode()
	}
	if err != nil {
		return "", s, fault.Wrap(fault.OutOfService, err)
	}
	right()
	k, _, err := r.Issue(ctx, store.Key{Owner: p.Merchant, Till: p.Till, Name: pairedName + string(p.ID)})
	if err != nil {
		return "", s, err
	}
	return r.openSession(ctx, k.Owner, k.Till, k.ID, PairedLife)
}

func wrongCode() error {
	return fault.New(fault.Unauthorized).Because("the code is wrong, was used, or is older than ten minutes: ask for a new one")
}

// OpenTill gives a session to whoever has shown a key of a merchant. token is what the browser keeps.
func (r *Registry) OpenTill(ctx context.Context, who access.Merchant) (token string, s store.TillSession, err error) {
	return r.openSession(ctx, who.ID, who.Till, who.Key, SessionLife)
}

func (r *Registry) openSession(ctx context.Context, merchant, till, key id.ID, life time.Duration) (token string, s store.TillSession, err error) {
	random, err := r.random32()
	if err != nil {
		return "", s, fault.Wrap(fault.InternalError, err)
	}
	token = seal.NewKey(seal.TillToken, random)
	now := r.world.Clock.Now()
	s = store.TillSession{ID: r.newID(id.TillSession, merchant.Bucket()), Merchant: merchant, Till: till, Key: key, Hash: seal.HashKey(token),
		CreatedAt: now, ExpiresAt: now.Add(life)}
	return token, s, put(ctx, r, r.desk.TillSessions(), s.ID, s)
}

// EndSession ends a session: at once on this node, within seconds on the others. owner narrows it to that merchant's;
// empty: anybody's. Refused: not_found.
func (r *Registry) EndSession(ctx context.Context, owner, session id.ID) (store.TillSession, error) {
	s, err := r.desk.TillSessions().Get(ctx, session)
	if err == nil && owner != "" && s.Merchant != owner {
		err = store.ErrNotFound
	}
	if err != nil {
		return s, missing(err)
	}
	if s.EndedAt.IsZero() {
		s.EndedAt = r.world.Clock.Now()
		if err := put(ctx, r, r.desk.TillSessions(), s.ID, s); err != nil {
			return s, err
		}
	}
	r.gate.Forget()
	return s, nil
}
