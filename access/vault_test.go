package access

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/store"
	"tolom/world"
)

const kept = "whsec_CANARY"

func vaultOf(t *testing.T, lines string) *Vault {
	t.Helper()
	v, err := OpenVault([]byte(lines), world.Seeded(uint64(len(lines))))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func masterKey(t *testing.T, seed uint64) string {
	t.Helper()
	line, err := NewMasterKey(world.Seeded(seed))
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestThreatSecretsMovedOrChanged has somebody who can write the database put an encrypted secret into another row,
// change a character of it anywhere, cut it, or take it to a platform with another master key: it is never opened.
func TestThreatSecretsMovedOrChanged(t *testing.T) {
	v := vaultOf(t, masterKey(t, 1))
	sealed, err := v.Seal(kept, "wh_1 secret")
	if err != nil || strings.Contains(sealed, "CANARY") {
		t.Fatalf("got %s, %v", sealed, err)
	}
	if got, err := v.Open(sealed, "wh_1 secret"); err != nil || got != kept {
		t.Fatalf("got %s, %v", got, err)
	}
	wrong := func(name string, v *Vault, text, place string) {
		if got, err := v.Open(text, place); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	wrong("another row", v, sealed, "wh_2 secret")
	wrong("another column", v, sealed, "wh_1 key")
	wrong("another master key", vaultOf(t, masterKey(t, 2)), sealed, "wh_1 secret")
	wrong("no master key", nil, sealed, "wh_1 secret")
	for i := len(sealedPrefix); i < len(sealed); i++ {
		other := byte('A')
		if sealed[i] == other {
			other = 'B'
		}
		if i == len(sealed)-1 { // The last character has bits that count for nothing.
			continue
		}
		wrong("changed", v, sealed[:i]+string(other)+sealed[i+1:], "wh_1 secret")
		wrong("cut", v, sealed[:i], "wh_1 secret")
	}
}

// TestAMasterKeyIsReplaced puts a new key before the old one: what was kept under the old one is still read, what is
// written goes under the new one, and when all is written anew the old one can go.
func TestAMasterKeyIsReplaced(t *testing.T) {
	older, newer := masterKey(t, 1), masterKey(t, 2)
	sealed, _ := vaultOf(t, older).Seal(kept, "x")
	both := vaultOf(t, "# newest first\n\n"+newer+older)
	if got, err := both.Open(sealed, "x"); err != nil || got != kept {
		t.Fatalf("got %s, %v", got, err)
	}
	again, _ := both.Seal(kept, "x")
	if got, err := vaultOf(t, newer).Open(again, "x"); err != nil || got != kept {
		t.Errorf("got %s, %v", got, err)
	}
	for _, bad := range []string{"", "# nothing", "short", older + "AAAA"} {
		if _, err := OpenVault([]byte(bad), world.Seeded(1)); !errors.Is(err, ErrMasterKey) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

// TestThreatSecretsAtRest looks at what a locked desk leaves in the database: no secret can be read there, and all are
// as they were through the desk; what was kept before there was a master key is still read.
func TestThreatSecretsAtRest(t *testing.T) {
	bare := store.NewMemory(world.NewManual(time.Unix(0, 0)))
	ctx, locked := t.Context(), vaultOf(t, masterKey(t, 1)).Locked(bare)
	before := store.Endpoint{ID: id.ID("wh_before"), Secrets: []string{kept}}
	e := store.Endpoint{ID: id.ID("wh_1"), Secrets: []string{kept, kept + "2"}, Keys: []string{kept}}
	k := store.PlatformKey{ID: id.ID("plk_1"), Private: kept}
	if err := errors.Join(bare.Endpoints().Put(ctx, before), locked.Endpoints().Put(ctx, e), locked.PlatformKeys().Put(ctx, k)); err != nil {
		t.Fatal(err)
	}
	rawE, err1 := bare.Endpoints().Get(ctx, e.ID)
	rawK, err2 := bare.PlatformKeys().Get(ctx, k.ID)
	for _, text := range append(slices.Concat(rawE.Secrets, rawE.Keys), rawK.Private) {
		if !strings.HasPrefix(text, sealedPrefix) || strings.Contains(text, "CANARY") {
			t.Errorf("the database has %q", text)
		}
	}
	gotE, err3 := locked.Endpoints().Get(ctx, e.ID)
	gotK, err4 := locked.PlatformKeys().Get(ctx, k.ID)
	all, err5 := locked.Endpoints().List(ctx, "", "", 10)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(gotE.Secrets, e.Secrets) || !slices.Equal(gotE.Keys, e.Keys) || gotK.Private != kept || len(all) != 2 {
		t.Errorf("got %+v, %+v, %+v", gotE, gotK, all)
	}
	if got, err := locked.Endpoints().Get(ctx, before.ID); err != nil || got.Secrets[0] != kept {
		t.Errorf("got %+v, %v", got, err)
	}
	if e.Secrets[0] != kept {
		t.Error("the caller's record was changed")
	}
}
