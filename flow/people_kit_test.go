package flow_test

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
)

// family is a merchant's people on several nodes over one store. Everybody has a passkey and a password.
type family struct {
	t *testing.T
	place
	ctx      context.Context
	r        *flow.Registry // of the node on which a test acts
	other    *flow.Registry // of another node, which acts in the middle of that
	gate     *access.Gate
	merchant id.ID
	first    access.Person // an owner
	hands    map[id.ID]*authenticator
	at       flow.Caller
	meddle   *meddler
}

// proof is everybody's, as long as nobody has an app.
var proof = flow.Proof{Password: familyPassword}

// meddler is a store in which something happens at the last moment before the first change that is made through it is
// begun or written, after whatever was read for it without waiting for a turn.
type meddler struct {
	store.Store
	mu sync.Mutex
	do func()
}

func (m *meddler) now() {
	m.mu.Lock()
	do := m.do
	m.do = nil
	m.mu.Unlock()
	if do != nil {
		do()
	}
}

func (m *meddler) Alone(ctx context.Context, whose []id.ID, do func(context.Context, store.Desk) error) error {
	m.now()
	return m.Store.Alone(ctx, whose, do)
}

func (m *meddler) Memberships() store.Shelf[store.Membership] {
	return meddled[store.Membership]{m.Store.Memberships(), m}
}
func (m *meddler) Passkeys() store.Shelf[store.Passkey] {
	return meddled[store.Passkey]{m.Store.Passkeys(), m}
}
func (m *meddler) Invitations() store.Shelf[store.Invitation] {
	return meddled[store.Invitation]{m.Store.Invitations(), m}
}
func (m *meddler) StaffSessions() store.Shelf[store.StaffSession] {
	return meddled[store.StaffSession]{m.Store.StaffSessions(), m}
}
func (m *meddler) Keys() store.Shelf[store.Key] { return meddled[store.Key]{m.Store.Keys(), m} }

func (m *meddler) Accept(ctx context.Context, hash string, now time.Time, as store.Membership, p *store.Person) (store.Invitation, error) {
	m.now()
	return m.Store.Accept(ctx, hash, now, as, p)
}

func (m *meddler) SetPassword(ctx context.Context, person id.ID, hash string, now time.Time) error {
	m.now()
	return m.Store.SetPassword(ctx, person, hash, now)
}

func (m *meddler) SetTOTP(ctx context.Context, person id.ID, seed string, now time.Time) error {
	m.now()
	return m.Store.SetTOTP(ctx, person, seed, now)
}

// meddled is a shelf of a meddler.
type meddled[T any] struct {
	store.Shelf[T]
	m *meddler
}

func (s meddled[T]) Put(ctx context.Context, record T) error {
	s.m.now()
	return s.Shelf.Put(ctx, record)
}

var networks atomic.Uint32

// network is an address whose allowances nobody has touched.
func network() netip.Addr {
	n := networks.Add(1)
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

func newFamily(t *testing.T, p place, demanding bool) *family {
	t.Helper()
	f := &family{t: t, place: p, ctx: t.Context(), hands: map[id.ID]*authenticator{}, at: flow.Caller{Address: network()},
		meddle: &meddler{Store: p.store}}
	f.gate = access.New(f.meddle, p.world.Clock)
	there := access.New(p.store, p.world.Clock)
	if demanding {
		f.gate.DemandSecondFactor()
		there.DemandSecondFactor()
	}
	f.r, f.other = flow.NewRegistry(f.meddle, f.gate, p.world), flow.NewRegistry(p.store, there, p.world)
	m, err := f.r.AddMerchant(f.ctx, store.Merchant{Name: "Kafe", MCC: "5812", Tariff: half})
	f.must(err)
	f.merchant = m.ID
	f.first = f.hire("first-"+m.ID.Token(), access.RoleOwner)
	return f
}

func (f *family) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// hire takes somebody on, who signs in with a passkey.
func (f *family) hire(login string, role access.Role) access.Person {
	f.t.Helper()
	p, err := f.r.AddMember(f.ctx, f.merchant, role, login+f.merchant.Token(), "", familyPassword)
	f.must(err)
	a := newAuthenticator(f.t, p.ID)
	f.hands[p.ID] = a
	f.must(f.store.Passkeys().Put(f.ctx, a.passkey(f.world)))
	in, err := f.byPasskey(f.r, p.ID)
	f.must(err)
	who, err := f.gate.Staff(f.ctx, in.Token, f.at.Address)
	f.must(err)
	return who
}

// byPasskey signs somebody in with the passkey in hand.
func (f *family) byPasskey(r *flow.Registry, person id.ID) (flow.SignedIn, error) {
	k := doors(f.t)
	c, err := r.BeginPasskeySignIn(f.ctx, k, f.at)
	if err != nil {
		return flow.SignedIn{}, err
	}
	return r.FinishPasskeySignIn(f.ctx, k, c.Ticket, f.hands[person].sign(c), f.at)
}

func (f *family) membership(person id.ID) store.Membership {
	f.t.Helper()
	list, err := f.store.Memberships().List(f.ctx, person, "", 10)
	f.must(err)
	for _, m := range list {
		if m.Owner == f.merchant {
			return m
		}
	}
	f.t.Fatalf("%s has no membership", person)
	return store.Membership{}
}

// passkey is what is kept of the passkey in somebody's hand.
func (f *family) passkey(person id.ID) store.Passkey {
	f.t.Helper()
	k, err := f.store.PasskeyByCredential(f.ctx, f.hands[person].passkey(f.world).Credential)
	f.must(err)
	return k
}

// open counts the sessions of somebody that have not ended.
func (f *family) open(person id.ID) int {
	f.t.Helper()
	list, err := f.store.OpenSessions(f.ctx, person, f.world.Clock.Now(), 100)
	f.must(err)
	return len(list)
}

// app gives somebody an app, and the code that it shows.
func (f *family) app(person id.ID, seed string) string {
	f.t.Helper()
	f.must(f.store.SetTOTP(f.ctx, person, seed, f.world.Clock.Now()))
	code, err := totp.GenerateCode(seed, f.world.Clock.Now())
	f.must(err)
	return code
}

func (f *family) invite(role access.Role) (store.Invitation, string) {
	f.t.Helper()
	i, token, err := f.other.Invite(f.ctx, f.first, f.merchant, []string{string(role)}, "")
	f.must(err)
	return i, token
}

// owners counts who may handle the people.
func (f *family) owners() (n int) {
	f.t.Helper()
	list, err := f.store.MembershipsOf(f.ctx, f.merchant, "", 100)
	f.must(err)
	for _, m := range list {
		if m.EndedAt.IsZero() && m.Roles == string(access.RoleOwner) {
			n++
		}
	}
	return n
}

func refusedWith(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if !fault.Has(err, want) {
		t.Errorf("it was answered %v, want %s", err, want)
	}
}

// seeds of apps.
const oneSeed, otherSeed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "KRSXG5DPNZWHS3TFKRSXG5DPNZWHS3TF"

// ended is a passkey that was given up.
func ended(k store.Passkey, at time.Time) store.Passkey { k.RemovedAt = at; return k }

func (f *family) keys() []store.Key {
	f.t.Helper()
	list, err := f.store.Keys().List(f.ctx, f.merchant, "", 10)
	f.must(err)
	return list
}
