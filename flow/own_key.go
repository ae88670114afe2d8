package flow

import (
	"context"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// mostOwnKeys is how many keys of programs of a merchant work at a time, those of paired tills aside.
const mostOwnKeys = 100

// KeyMaker is who makes, rolls or ends a key of a merchant: KeyByPerson or KeyByKey. Nobody gives a key what he has not.
type KeyMaker interface {
	// merchant is whose keys it is about.
	merchant() id.ID
	// turns are whose turn the maker waits for: all whose records are looked at.
	turns() []id.ID
	// may refuses who handles no keys at all: forbidden.
	may() error
	// prove asks for what must be proved before a secret is shown.
	prove(ctx context.Context, r *Registry) error
	// reach reads, in the commit, what the maker may give and take now; forbidden when it is nothing.
	reach(ctx context.Context, in *Registry) (reach, error)
}

// reach is the most that a maker may give to a key.
type reach struct {
	maker       id.ID
	by          id.ID  // a person; "" when a key did it
	words       string // of a key, for the record
	scopes      access.Scopes
	store, till id.ID
	networks    string
	expires     time.Time
}

// KeyByPerson is somebody of a merchant's people who handles its keys, and has proved again who it is.
type KeyByPerson struct {
	Who      access.Person
	Merchant id.ID
	Proof    Proof // of no use for ending a key
	Caller   Caller

	proved *store.Person
}

func (k *KeyByPerson) merchant() id.ID { return k.Merchant }

func (k *KeyByPerson) turns() []id.ID { return []id.ID{k.Merchant, k.Who.ID} }

func (k *KeyByPerson) may() error {
	if !k.Who.MayAt(k.Merchant, access.HandleKeys) {
		return handlesNoKeys()
	}
	return nil
}

func (k *KeyByPerson) prove(ctx context.Context, r *Registry) error {
	p, err := r.confirm(ctx, k.Who, k.Proof, k.Caller)
	k.proved = &p
	return err
}

func handlesNoKeys() error {
	return fault.New(fault.Forbidden).Because("your role does not let you handle keys here")
}

func (k *KeyByPerson) reach(ctx context.Context, in *Registry) (reach, error) {
	who, err := in.again(ctx, k.Who)
	if err != nil {
		return reach{}, err
	}
	if !who.MayAt(k.Merchant, access.HandleKeys) {
		return reach{}, handlesNoKeys()
	}
	if err := in.stillIn(ctx, who); err != nil {
		return reach{}, err
	}
	if k.proved != nil {
		if _, err := in.unchanged(ctx, *k.proved); err != nil {
			return reach{}, err
		}
	}
	return reach{maker: who.ID, by: who.ID, scopes: who.Grants(k.Merchant)}, nil
}

// KeyByKey is a key of a merchant that has all scopes and reaches all of it.
type KeyByKey struct{ Who access.Merchant }

func (k KeyByKey) merchant() id.ID { return k.Who.ID }

func (k KeyByKey) turns() []id.ID { return []id.ID{k.Who.ID} }

func (k KeyByKey) may() error { return k.Who.Allow(access.Owner, true) }

func (k KeyByKey) prove(context.Context, *Registry) error { return nil }

func (k KeyByKey) reach(ctx context.Context, in *Registry) (reach, error) {
	own, err := in.keyOf(ctx, k.Who.ID, k.Who.Key)
	if err != nil {
		return reach{}, err
	}
	if !access.Works(own, in.world.Clock.Now()) {
		return reach{}, fault.New(fault.Unauthorized).Because("this key has ended")
	}
	return reach{maker: own.ID, words: ", by …" + own.Hint, scopes: access.ParseScopes(own.Scopes), store: own.Store, till: own.Till, networks: own.Networks, expires: own.ExpiresAt}, nil
}

// give holds a new key to what its maker may give. What is left open becomes the maker's own bound. Refused: forbidden, with
// the field.
func (m reach) give(k *store.Key) error {
	if k.Networks == "" {
		k.Networks = m.networks
	}
	if k.ExpiresAt.IsZero() {
		k.ExpiresAt = m.expires
	}
	if k.Scopes == "" {
		k.Scopes = m.scopes.String()
	}
	beyond := ""
	switch {
	case access.ParseScopes(k.Scopes)&^m.scopes != 0:
		beyond = "scopes"
	case m.store != "" && k.Store != m.store:
		beyond = "store_id"
	case m.till != "" && k.Till != m.till:
		beyond = "till_id"
	case !access.NetworksWithin(k.Networks, m.networks):
		beyond = "networks"
	case !m.expires.IsZero() && (k.ExpiresAt.IsZero() || k.ExpiresAt.After(m.expires)):
		beyond = "expires_at"
	default:
		return nil
	}
	return fault.New(fault.Forbidden).On(beyond).Because("a key cannot be given more than its maker has")
}

// MakeOwnKey makes a key of a merchant as the record describes it: of Till, Store, Name, Scopes, Networks and ExpiresAt. The
// secret is shown once. Refused: forbidden for more than the maker has; unauthorized for a wrong proof, with its field;
// invalid_request, not_found.
func (r *Registry) MakeOwnKey(ctx context.Context, by KeyMaker, k store.Key) (made store.Key, secret string, err error) {
	k.Owner = by.merchant()
	if err := by.may(); err != nil {
		return made, "", err
	}
	if err := named("name", k.Name, 100); err != nil {
		return made, "", err
	}
	prefix, err := r.prefixOf(ctx, k.Owner, k.Till)
	if err != nil {
		return made, "", err
	}
	if err := r.narrow(ctx, &k, false); err != nil { // Before anything is asked of the maker, and spent.
		return made, "", err
	}
	if err := by.prove(ctx, r); err != nil {
		return made, "", err
	}
	if secret, err = r.newSecret(prefix); err != nil {
		return made, "", err
	}
	k.Hash, k.Hint = seal.HashKey(secret), hintOf(secret)
	err = r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		m, err := by.reach(ctx, in)
		if err != nil {
			return err
		}
		k := k
		if err := m.give(&k); err != nil {
			return err
		}
		if err := in.roomForKey(ctx, k.Owner); err != nil {
			return err
		}
		k.MadeBy = m.maker
		if made, err = in.issue(ctx, k); err != nil {
			return err
		}
		return in.noteKey(ctx, EventKeyMade, made, m)
	}, by.turns()...)
	if err != nil {
		secret = "" // Of a key that there is not.
	}
	return made, secret, err
}

// roomForKey refuses one key more than a merchant may have at a time.
func (r *Registry) roomForKey(ctx context.Context, merchant id.ID) error {
	working := 0
	all, err := r.allKeys(ctx, merchant)
	for _, k := range all {
		if access.Works(k, r.world.Clock.Now()) && !Paired(k) {
			working++
		}
	}
	if err == nil && working >= mostOwnKeys {
		err = fault.New(fault.InvalidRequest).Because("a hundred keys work already: end some that are not used")
	}
	return err
}

// Paired says that a key is a paired till's, whose secret nobody has.
func Paired(k store.Key) bool { return k.Till != "" && strings.HasPrefix(k.Name, pairedName) }

// allKeys reads all keys of a merchant, page by page.
func (r *Registry) allKeys(ctx context.Context, merchant id.ID) (all []store.Key, err error) {
	const some = 500
	for after := id.ID(""); ; after = all[len(all)-1].ID {
		list, err := r.desk.Keys().List(ctx, merchant, after, some)
		if err != nil {
			return nil, missing(err)
		}
		if all = append(all, list...); len(list) < some {
			return all, nil
		}
	}
}

// RollOwnKey gives a key of a merchant a successor that may do the same, and lets the old one work for the overlap, so that two
// work at a time. Refused: as MakeOwnKey, and as RollKey.
func (r *Registry) RollOwnKey(ctx context.Context, by KeyMaker, key id.ID, overlap time.Duration) (made store.Key, secret string, err error) {
	if err := by.may(); err != nil {
		return made, "", err
	}
	old, err := r.keyOf(ctx, by.merchant(), key)
	if err != nil {
		return made, "", err
	}
	if Paired(old) {
		return made, "", fault.New(fault.InvalidRequest).Because("a paired till has a key of its own whose secret nobody has: pair the till again")
	}
	if err := r.rollable(old, overlap); err != nil {
		return made, "", err
	}
	if err := by.prove(ctx, r); err != nil {
		return made, "", err
	}
	if secret, err = r.newSecret(seal.MerchantKey); err != nil {
		return made, "", err
	}
	err = r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		m, err := by.reach(ctx, in)
		if err != nil {
			return err
		}
		old, err := in.keyOf(ctx, by.merchant(), key)
		if err != nil {
			return err
		}
		if same := old; m.maker != key { // Who rolls itself gains nothing.
			if err := m.give(&same); err != nil {
				return err
			}
			if same.Networks != old.Networks || !same.ExpiresAt.Equal(old.ExpiresAt) {
				return fault.New(fault.Forbidden).Because("this key may do more than the one that rolls it: from other networks, or for longer")
			}
		}
		if made, err = in.roll(ctx, key, overlap, store.Key{Hash: seal.HashKey(secret), Hint: hintOf(secret), MadeBy: m.maker}); err != nil {
			return err
		}
		return in.noteKey(ctx, EventKeyRolled, made, m)
	}, by.turns()...)
	if err != nil {
		secret = "" // Of a key that there is not.
	}
	return made, secret, err
}

// EndOwnKey ends a key of a merchant: at once on this node, within seconds on the others. Another's is not found.
func (r *Registry) EndOwnKey(ctx context.Context, by KeyMaker, key id.ID) (ended store.Key, err error) {
	if err := by.may(); err != nil {
		return ended, err
	}
	err = r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		m, err := by.reach(ctx, in)
		if err != nil {
			return err
		}
		if ended, err = in.keyOf(ctx, by.merchant(), key); err != nil || !ended.RevokedAt.IsZero() {
			return err
		}
		return in.revoke(ctx, &ended, m)
	}, by.turns()...)
	return ended, err
}

// noteKey writes down what happened to a merchant's key, for those who may see what happens to access.
func (r *Registry) noteKey(ctx context.Context, kind string, k store.Key, m reach) error {
	if k.Owner.Kind() != id.Merchant {
		return nil
	}
	return r.note(ctx, store.PersonEvent{Owner: k.Owner, By: m.by, Kind: kind, Detail: k.Name + " …" + k.Hint + m.words})
}

// OwnKey is a key with when it was last used and the person who made it.
type OwnKey struct {
	store.Key
	Used  time.Time
	Maker string // a login, or the end of the key that made it; "" when it is not known
}

// OwnKeys lists all keys of a merchant, the newest first, for somebody of its people who handles them.
func (r *Registry) OwnKeys(ctx context.Context, who access.Person, merchant id.ID) ([]OwnKey, error) {
	if !who.MayAt(merchant, access.HandleKeys) {
		return nil, handlesNoKeys()
	}
	all, err := r.allKeys(ctx, merchant)
	if err != nil {
		return nil, err
	}
	ids, hints := make([]id.ID, len(all)), map[id.ID]string{}
	for i, k := range all {
		ids[i], hints[k.ID] = k.ID, "…"+k.Hint
	}
	used, err := r.desk.Uses(ctx, ids)
	if err != nil {
		return nil, missing(err)
	}
	out := make([]OwnKey, len(all))
	for i, k := range all {
		out[len(all)-1-i] = OwnKey{Key: k, Used: used[k.ID], Maker: hints[k.MadeBy]}
		if k.MadeBy.Kind() != id.Person {
			continue
		}
		p, err := remembered(ctx, r, r.desk.Persons(), k.MadeBy)
		if err != nil && !fault.Has(err, fault.NotFound) {
			return nil, err
		}
		out[len(all)-1-i].Maker = p.Login
	}
	return out, nil
}

// HasApp says whether a person is asked for the code of an authenticator app.
func (r *Registry) HasApp(ctx context.Context, who access.Person) (bool, error) {
	p, err := r.desk.Persons().Get(ctx, who.ID)
	return p.TOTP != "", missing(err)
}

// Places gives the stores and tills of a merchant, to choose from.
func (r *Registry) Places(ctx context.Context, merchant id.ID, most int) (stores []store.Place, tills []store.Till, err error) {
	if stores, err = r.desk.Stores().List(ctx, merchant, "", most); err != nil {
		return nil, nil, missing(err)
	}
	tills, err = r.desk.Tills().List(ctx, merchant, "", most)
	return stores, tills, missing(err)
}
