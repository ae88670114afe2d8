package access

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// platformKey keeps a key of the platform in the database.
func (d *door) platformKey(seed byte, signs time.Time) (store.PlatformKey, seal.PublicKey) {
	d.t.Helper()
	key := seal.NewPrivateKey([32]byte{seed})
	kept, err := KeepKey(key)
	if err != nil {
		d.t.Fatal(err)
	}
	record := store.PlatformKey{ID: world.NewID(d.world, id.PlatformKey, 0), Private: kept, SignsFrom: signs, CreatedAt: d.clock.Now()}
	d.putPlatformKey(record)
	return record, key.Public()
}

func (d *door) putPlatformKey(record store.PlatformKey) {
	d.t.Helper()
	if err := d.desk.PlatformKeys().Put(d.ctx, record); err != nil {
		d.t.Fatal(err)
	}
}

func TestAKeyOfThePlatformIsPublishedBeforeItSigns(t *testing.T) {
	d := newDoor(t)
	ring := NewRing(StoredKeys(d.desk, d.clock), d.clock)
	if _, err := ring.Keys(d.ctx); !errors.Is(err, ErrNoPlatformKey) {
		t.Errorf("without a key: %v", err)
	}
	stands := func(signs seal.PublicKey, published int) {
		t.Helper()
		d.clock.Advance(remember)
		keys, err := ring.Keys(d.ctx)
		if err != nil || keys.Signing.Public().ID() != signs.ID() || len(keys.Published) != published {
			t.Errorf("%v signs and %d are published, %v; want %v and %d", keys.Signing.Public().ID(), len(keys.Published), err, signs.ID(), published)
		}
		a := seal.Answer{Status: 200, Digest: seal.ContentDigest(nil), Method: "GET", TargetURI: "https://h/"}
		input, signature, err := ring.Sign(d.ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := seal.ReadAnswer(input, signature, a); err != nil || read.KeyID != signs.ID() || !read.By(signs) {
			t.Errorf("signed by %s, %v", read.KeyID, err)
		}
	}
	first, one := d.platformKey(1, d.clock.Now())
	stands(one, 1)
	_, two := d.platformKey(2, d.clock.Now().Add(time.Minute))
	stands(one, 2)
	d.clock.Advance(time.Minute)
	stands(two, 2)
	first.RetiredAt = d.clock.Now()
	d.putPlatformKey(first)
	stands(two, 1)

	d.desk.Fault = func(store.Point) error { return errors.New("no connection") }
	stands(two, 1) // what was seen last still signs
}

func TestKeysOfAFile(t *testing.T) {
	var text string
	for seed := range byte(2) {
		pem, err := seal.NewPrivateKey([32]byte{seed}).PEM()
		if err != nil {
			t.Fatal(err)
		}
		text += pem
	}
	keys, err := FileKeys([]byte(text))
	if err != nil || len(keys.Published) != 2 || keys.Signing.Public().ID() != seal.NewPrivateKey([32]byte{0}).Public().ID() {
		t.Errorf("read %+v, %v", keys, err)
	}
	for _, wrong := range []string{"", "x", text + "x", strings.Replace(text, "MC4", "MC5", 1)} {
		_, err := FileKeys([]byte(wrong))
		if !errors.Is(err, seal.ErrPrivateKey) || len(wrong) > 9 && strings.Contains(err.Error(), wrong[60:70]) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestADamagedKeyOfThePlatformIsNamed(t *testing.T) {
	d := newDoor(t)
	record, _ := d.platformKey(1, d.clock.Now())
	record.Private = "x"
	d.putPlatformKey(record)
	if _, err := StoredKeys(d.desk, d.clock)(context.Background()); err == nil || !strings.Contains(err.Error(), string(record.ID)) {
		t.Errorf("%v", err)
	}
}
