package notify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// Config says where webhooks may go.
type Config struct {
	// AllowPrivate lets addresses be plain http and on private networks: for the
	// demo, tests and closed networks. The transport must allow it, too.
	AllowPrivate bool
}

// MostEndpoints is how many endpoints a merchant may have that are not disabled.
const MostEndpoints = 20

// Endpoints are the addresses that merchants want webhooks at. Every error is a *fault.Error.
type Endpoints struct {
	shelf  store.Shelf[store.Endpoint]
	read   store.Reader
	post   store.Post
	sender *Sender
	world  world.World
	config Config

	// making lets one endpoint be made or changed at a time on this node, so that
	// two calls with one key answer with one secret.
	making sync.Mutex
}

// NewEndpoints makes the endpoints over one database; the sender sends test events.
func NewEndpoints(shelf store.Shelf[store.Endpoint], read store.Reader, post store.Post, sender *Sender, w world.World, c Config) *Endpoints {
	return &Endpoints{shelf: shelf, read: read, post: post, sender: sender, world: w, config: c}
}

// Create makes an endpoint; it is offered what happens from now on. The same key
// with the same body gives the endpoint again, its secret included (replayed).
// Refused: url_not_allowed; invalid_request on types, or when there are too many;
// idempotency_key_reused.
func (e *Endpoints) Create(ctx context.Context, merchant id.ID, key flow.Idempotency, in wire.NewWebhookEndpoint) (made store.Endpoint, replayed bool, err error) {
	if err := e.config.checkURL(in.URL); err != nil {
		return made, false, err
	}
	types, err := checkTypes(in.Types)
	if err != nil {
		return made, false, err
	}
	e.making.Lock()
	defer e.making.Unlock()
	want := store.Endpoint{ID: endpointID(merchant, key.Key), Merchant: merchant, URL: in.URL, Types: types}
	old, err := e.shelf.Get(ctx, want.ID)
	switch {
	case err == nil && old.URL == want.URL && slices.Equal(old.Types, want.Types):
		return old, true, nil
	case err == nil:
		return made, false, fault.New(fault.IdempotencyReused).On("Idempotency-Key").Because("use a new key for another endpoint")
	case !errors.Is(err, store.ErrNotFound):
		return made, false, refused(err, fault.NotFound)
	}
	made, err = e.create(ctx, want)
	return made, false, err
}

func (e *Endpoints) create(ctx context.Context, want store.Endpoint) (store.Endpoint, error) {
	if err := e.room(ctx, want.Merchant); err != nil {
		return want, err
	}
	secret, err := e.secret(want.ID, "")
	if err != nil {
		return want, err
	}
	pair, err := e.pair()
	if err != nil {
		return want, err
	}
	want.Secrets, want.Keys, want.CreatedAt = []string{secret}, []string{pair}, e.world.Clock.Now()
	if err := e.startNow(ctx, want); err != nil {
		return want, err
	}
	return want, refused(e.shelf.Put(ctx, want), fault.NotFound)
}

// endpointID gives the endpoint that an idempotency key makes always the same
// id, so that no further record is needed to find it again. Its time is the
// merchant's, for the same reason.
func endpointID(merchant id.ID, key string) id.ID {
	sum := sha256.Sum256([]byte(string(merchant) + "\x00" + key))
	return id.New(id.Endpoint, merchant.Time(), merchant.Bucket(), id.Random(sum[:9]))
}

// room refuses an endpoint too many.
func (e *Endpoints) room(ctx context.Context, merchant id.ID) error {
	open := 0
	err := each(ctx, e.shelf, merchant, func(row store.Endpoint) {
		if !row.Disabled {
			open++
		}
	})
	if err == nil && open >= MostEndpoints {
		return fault.New(fault.InvalidRequest).On("url").Because("a merchant has at most 20 webhook endpoints; delete one that is not needed")
	}
	return refused(err, fault.NotFound)
}

// each looks at all endpoints of an owner, or at all there are.
func each(ctx context.Context, shelf store.Shelf[store.Endpoint], owner id.ID, look func(store.Endpoint)) error {
	for after := id.ID(""); ; {
		rows, err := shelf.List(ctx, owner, after, scan)
		if err != nil {
			return err
		}
		for _, row := range rows {
			after = row.ID
			look(row)
		}
		if len(rows) < scan {
			return nil
		}
	}
}

// startNow puts the cursor of a new endpoint at the end of the feed, before the
// endpoint can be seen, so that history is not delivered. A cursor that stands
// elsewhere is of an earlier try of the same call, and stays.
func (e *Endpoints) startNow(ctx context.Context, want store.Endpoint) error {
	head, err := e.read.ReaderHead(ctx, want.Merchant)
	if err != nil || head == 0 {
		return refused(err, fault.NotFound)
	}
	if err := e.post.Advance(ctx, want.ID, 0, head, nil); !errors.Is(err, store.ErrRetry) {
		return refused(err, fault.NotFound)
	}
	return nil
}

// secret makes a secret that begins with the mark of the key that asked for it
// and has 192 random bits behind it. The mark shows a repeated rotation as such
// without a further record, so that a lost answer cannot cost the receiver the
// secret that it still uses.
func (e *Endpoints) secret(endpoint id.ID, key string) (string, error) {
	var random [32]byte
	if _, err := e.world.Entropy.Read(random[:]); err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	mark := markOf(endpoint, key)
	copy(random[:], mark[:])
	return seal.NewWebhookSecret(random), nil
}

// pair makes a private key for the signatures that are checked with a public one.
func (e *Endpoints) pair() (string, error) {
	var random [32]byte
	if _, err := e.world.Entropy.Read(random[:]); err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	return seal.NewWebhookPair(random), nil
}

func markOf(endpoint id.ID, key string) [8]byte {
	sum := sha256.Sum256([]byte("secret\x00" + string(endpoint) + "\x00" + key))
	return [8]byte(sum[:8])
}

func marked(secret string, mark [8]byte) bool {
	_, text, _ := strings.Cut(secret, "_")
	bits, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(bits) > len(mark) && [8]byte(bits[:8]) == mark
}

// List gives the merchant's endpoints after a cursor, disabled ones too, and
// says whether there are more.
func (e *Endpoints) List(ctx context.Context, merchant, after id.ID, limit int) ([]store.Endpoint, bool, error) {
	rows, err := e.shelf.List(ctx, merchant, after, limit+1)
	if err != nil {
		return nil, false, refused(err, fault.NotFound)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// Get gives an endpoint of the merchant. Refused: not_found.
func (e *Endpoints) Get(ctx context.Context, merchant id.ID, endpoint string) (store.Endpoint, error) {
	i, err := id.Parse(id.Endpoint, endpoint)
	if err != nil {
		return store.Endpoint{}, fault.New(fault.NotFound)
	}
	row, err := e.shelf.Get(ctx, i)
	if err != nil {
		return row, refused(err, fault.NotFound)
	}
	if row.Merchant != merchant {
		return store.Endpoint{}, fault.New(fault.NotFound)
	}
	return row, nil
}

// Disable ends an endpoint: it is offered nothing more, and what was to be tried
// again is given up. It stays in lists; again is harmless. Refused: not_found.
func (e *Endpoints) Disable(ctx context.Context, merchant id.ID, endpoint string) (store.Endpoint, error) {
	e.making.Lock()
	defer e.making.Unlock()
	row, err := e.Get(ctx, merchant, endpoint)
	if err != nil {
		return row, err
	}
	row.Disabled = true
	return row, refused(disable(ctx, e.shelf, e.post, row), fault.NotFound)
}

// Rotate gives an endpoint a new secret and a new key pair. Those before stay good
// until the next rotation: webhooks carry a signature of each, so the receiver can
// change when it likes. The same key gives the same secret (replayed). Refused: not_found.
func (e *Endpoints) Rotate(ctx context.Context, merchant id.ID, key flow.Idempotency, endpoint string) (row store.Endpoint, replayed bool, err error) {
	e.making.Lock()
	defer e.making.Unlock()
	if row, err = e.Get(ctx, merchant, endpoint); err != nil {
		return row, false, err
	}
	if key.Key != "" && marked(row.Secrets[0], markOf(row.ID, key.Key)) {
		return row, true, nil
	}
	secret, err := e.secret(row.ID, key.Key)
	if err != nil {
		return row, false, err
	}
	pair, err := e.pair()
	if err != nil {
		return row, false, err
	}
	row.Secrets = []string{secret, row.Secrets[0]}
	row.Keys = append([]string{pair}, row.Keys[:min(1, len(row.Keys))]...)
	return row, false, refused(e.shelf.Put(ctx, row), fault.NotFound)
}
