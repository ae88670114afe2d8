package access

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// door is a gate over a store in memory, with keys in it.
type door struct {
	*Gate
	t     *testing.T
	ctx   context.Context
	desk  *store.Memory
	world world.World
	clock *world.Manual
}

func newDoor(t *testing.T) *door {
	w, clock := world.Simulated(start, 1)
	desk := store.NewMemory(clock)
	return &door{New(desk, clock), t, context.Background(), desk, w, clock}
}

// key puts a key on the desk and gives the secret.
func (d *door) key(prefix string, owner, till id.ID) (store.Key, string) {
	d.t.Helper()
	var random [32]byte
	if _, err := d.world.Entropy.Read(random[:]); err != nil {
		d.t.Fatal(err)
	}
	secret := seal.NewKey(prefix, random)
	k := store.Key{ID: world.NewID(d.world, id.Key, 0), Owner: owner, Till: till, Scopes: AllScopes.String(), Hash: seal.HashKey(secret), CreatedAt: d.clock.Now()}
	d.put(k)
	return k, secret
}

func (d *door) put(k store.Key) {
	d.t.Helper()
	if err := d.desk.Keys().Put(d.ctx, k); err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) owner(k id.Kind) id.ID { return world.NewID(d.world, k, 7) }

func TestAKeyOpensTheDoorOfItsOwner(t *testing.T) {
	d := newDoor(t)
	shop, till, psp := d.owner(id.Merchant), d.owner(id.Till), d.owner(id.PSP)
	shopKey, shopSecret := d.key(seal.MerchantKey, shop, till)
	pspKey, pspSecret := d.key(seal.PSPKey, psp, "")
	if who, err := d.Merchant(d.ctx, shopSecret); err != nil || who != (Merchant{ID: shop, Till: till, Key: shopKey.ID, May: AllScopes}) {
		t.Errorf("the merchant is %+v, %v", who, err)
	}
	if who, err := d.PSP(d.ctx, pspSecret); err != nil || who != (PSP{psp, pspKey.ID}) {
		t.Errorf("the PSP is %+v, %v", who, err)
	}
	_, liar := d.key(seal.MerchantKey, psp, "") // a record that contradicts itself
	_, twin := d.key(seal.PSPKey, shop, "")
	for name, err := range map[string]error{
		"a PSP's key at the merchants' door":               second(d.Merchant(d.ctx, pspSecret)),
		"a merchant's key at the PSPs' door":               second(d.PSP(d.ctx, shopSecret)),
		"a merchant's key that belongs to a PSP":           second(d.Merchant(d.ctx, liar)),
		"a PSP's key that belongs to a merchant":           second(d.PSP(d.ctx, twin)),
		"no key":                                           second(d.Merchant(d.ctx, "")),
		"a key of another shape":                           second(d.Merchant(d.ctx, "sk_short")),
		"a key that nobody has":                            second(d.Merchant(d.ctx, seal.NewKey(seal.MerchantKey, [32]byte{1}))),
		"a key with a space after it":                      second(d.Merchant(d.ctx, shopSecret+" ")),
		"the digest of a key, as a thief of a copy has it": second(d.Merchant(d.ctx, seal.MerchantKey+shopKey.Hash)),
	} {
		if !fault.Has(err, fault.Unauthorized) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestARevokedKeyEndsAtOnceHereAndWithinFiveSecondsElsewhere(t *testing.T) {
	d := newDoor(t)
	other := New(d.desk, d.clock) // a gate on another node
	k, secret := d.key(seal.MerchantKey, d.owner(id.Merchant), "")
	for _, gate := range []*Gate{d.Gate, other} {
		if _, err := gate.Merchant(d.ctx, secret); err != nil {
			t.Fatal(err)
		}
	}
	k.RevokedAt = d.clock.Now()
	d.put(k)
	d.Forget()
	if _, err := d.Merchant(d.ctx, secret); !fault.Has(err, fault.Unauthorized) {
		t.Errorf("on this node: %v", err)
	}
	d.clock.Advance(5*time.Second - time.Millisecond)
	if _, err := other.Merchant(d.ctx, secret); err != nil {
		t.Errorf("the other node looked again too early to be cheap: %v", err)
	}
	d.clock.Advance(time.Millisecond)
	if _, err := other.Merchant(d.ctx, secret); !fault.Has(err, fault.Unauthorized) {
		t.Errorf("on the other node after five seconds: %v", err)
	}
}

func TestAKeyMayBeRevokedForLater(t *testing.T) {
	d := newDoor(t)
	k, secret := d.key(seal.MerchantKey, d.owner(id.Merchant), "")
	k.RevokedAt = start.Add(2 * time.Second)
	d.put(k)
	if _, err := d.Merchant(d.ctx, secret); err != nil {
		t.Errorf("before: %v", err)
	}
	d.clock.Advance(2 * time.Second) // though it is still remembered
	if _, err := d.Merchant(d.ctx, secret); !fault.Has(err, fault.Unauthorized) {
		t.Errorf("then: %v", err)
	}
}

// TestKeysAreRememberedWhileNothingChanges: a key costs two questions when it is seen first, for the key and for the
// revision of the desk; none for five seconds; then one for the revision, and the key again only after a change.
func TestKeysAreRememberedWhileNothingChanges(t *testing.T) {
	d := newDoor(t)
	asked := 0
	d.desk.Fault = func(p store.Point) error {
		if p == store.ReadPoint {
			asked++
		}
		return nil
	}
	_, secret := d.key(seal.MerchantKey, d.owner(id.Merchant), "")
	calls := func(want int) {
		t.Helper()
		asked = 0
		for range 10 {
			if _, err := d.Merchant(d.ctx, secret); err != nil {
				t.Fatal(err)
			}
		}
		if asked != want {
			t.Errorf("the database was asked %d times, want %d", asked, want)
		}
	}
	calls(2)
	d.clock.Advance(remember - time.Millisecond)
	calls(0)
	d.clock.Advance(time.Millisecond)
	calls(1)
	d.clock.Advance(time.Hour)
	calls(1)
	d.key(seal.MerchantKey, d.owner(id.Merchant), "another")
	calls(0)
	d.clock.Advance(remember)
	calls(2)
	asked = 0
	if _, err := d.Merchant(d.ctx, "sk_nonsense"); !fault.Has(err, fault.Unauthorized) || asked != 0 {
		t.Errorf("a key of another shape was asked for %d times: %v", asked, err)
	}
}

func TestTheMemoryOfKeysHasAnEnd(t *testing.T) {
	d := newDoor(t)
	_, secret := d.key(seal.MerchantKey, d.owner(id.Merchant), "")
	for i := range most + 10 {
		d.keep(string(rune(i)), known{until: start})
	}
	if n := len(d.keys); n > most {
		t.Errorf("%d keys are remembered", n)
	}
	if _, err := d.Merchant(d.ctx, secret); err != nil {
		t.Error(err)
	}
}

func TestADatabaseThatDoesNotAnswerIsNotTheCallersMistake(t *testing.T) {
	d := newDoor(t)
	_, secret := d.key(seal.MerchantKey, d.owner(id.Merchant), "")
	_, pspSecret := d.key(seal.PSPKey, d.owner(id.PSP), "")
	d.desk.Fault = func(store.Point) error { return errors.New("no connection") }
	for name, err := range map[string]error{
		"a merchant":  second(d.Merchant(d.ctx, secret)),
		"a PSP":       second(d.PSP(d.ctx, pspSecret)),
		"an operator": second(d.Operator(d.ctx, "duty", "correct horse battery", home)),
	} {
		if !fault.Has(err, fault.OutOfService) || !fault.From(err).Retryable() {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.desk.Fault = nil
	if _, err := d.Merchant(d.ctx, secret); err != nil {
		t.Errorf("the failure was remembered: %v", err)
	}
}

// home is where people of these tests are.
var home = netip.MustParseAddr("192.0.2.7")

// TestAnOperatorComesWithAPassword tries one that was registered before there were people.
func TestAnOperatorComesWithAPassword(t *testing.T) {
	d := newDoor(t)
	o := store.Operator{ID: d.owner(id.Operator), Login: "duty", PasswordHash: HashPassword("correct horse battery", [16]byte{1})}
	if err := d.desk.Operators().Put(d.ctx, o); err != nil {
		t.Fatal(err)
	}
	if who, err := d.Operator(d.ctx, "duty", "correct horse battery", home); err != nil || who.ID != id.ID("prs_"+o.ID.Token()) || who.Login != "duty" || who.Centre.String() != "operator" {
		t.Errorf("%+v, %v", who, err)
	}
	var sentences []string
	for _, c := range []struct{ login, password string }{{"duty", "correct horse batterz"}, {"duty", ""}, {"night", "correct horse battery"}, {"night", ""}, {"", ""}} {
		_, err := d.Operator(d.ctx, c.login, c.password, home)
		if !fault.Has(err, fault.Unauthorized) {
			t.Errorf("%q with %q: %v", c.login, c.password, err)
		}
		sentences = append(sentences, err.Error())
	}
	for _, s := range sentences {
		if s != sentences[0] {
			t.Errorf("%q and %q tell a wrong password from an unknown login", sentences[0], s)
		}
	}
}
