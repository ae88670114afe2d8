package flow_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/world"
)

const (
	itsHost   = "tolom.example"
	itsOrigin = "https://tolom.example"
)

// authenticator is a passkey in somebody's hand: it signs what it is given, also what no browser would give it.
type authenticator struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	holder  id.ID
	host    string
	origin  string
	counter uint32
	flags   byte // 1 somebody is there, 4 it was verified who
}

func newAuthenticator(t *testing.T, holder id.ID) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	name := make([]byte, 16)
	_, _ = rand.Read(name)
	return &authenticator{t: t, key: key, id: name, holder: holder, host: itsHost, origin: itsOrigin, counter: 1, flags: 5}
}

// passkey is what the platform keeps of it.
func (a *authenticator) passkey(w world.World) store.Passkey {
	a.t.Helper()
	point, err := a.key.PublicKey.Bytes() // 4, then both halves of 32 bytes.
	if err != nil {
		a.t.Fatal(err)
	}
	cose := []byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20} // A map: of a curve, for ES256, P-256, x and
	cose = append(append(append(cose, point[1:33]...), 0x22, 0x58, 0x20), point[33:]...)
	record, err := json.Marshal(webauthn.Credential{ID: a.id, PublicKey: cose, AttestationType: "none",
		Flags: webauthn.CredentialFlags{UserPresent: true, UserVerified: true}, Authenticator: webauthn.Authenticator{SignCount: a.counter}})
	if err != nil {
		a.t.Fatal(err)
	}
	return store.Passkey{ID: world.NewID(w, id.Passkey, a.holder.Bucket()), Person: a.holder, Credential: base64.RawURLEncoding.EncodeToString(a.id),
		Record: string(record), Name: "phone", CreatedAt: w.Clock.Now()}
}

// sign answers a challenge. Its counter goes on by one.
func (a *authenticator) sign(c flow.Challenge) []byte {
	a.t.Helper()
	var options struct {
		PublicKey struct{ Challenge string }
	}
	if err := json.Unmarshal(c.Options, &options); err != nil || options.PublicKey.Challenge == "" {
		a.t.Fatalf("%s: %v", c.Options, err)
	}
	client, _ := json.Marshal(map[string]any{"type": "webauthn.get", "challenge": options.PublicKey.Challenge, "origin": a.origin, "crossOrigin": false})
	a.counter++
	host := sha256.Sum256([]byte(a.host))
	data := binary.BigEndian.AppendUint32(append(host[:], a.flags), a.counter)
	digest := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), digest[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, signed[:])
	if err != nil {
		a.t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	response, _ := json.Marshal(map[string]any{"id": text(a.id), "rawId": text(a.id), "type": "public-key", "response": map[string]string{
		"authenticatorData": text(data), "clientDataJSON": text(client), "signature": text(signature), "userHandle": text([]byte(a.holder))}})
	return response
}

// doors are the passkeys of the platform at its address.
func doors(t *testing.T) *access.Passkeys {
	t.Helper()
	k, err := access.NewPasskeys(itsOrigin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// challenge begins a sign-in.
func (f *family) challenge() flow.Challenge {
	f.t.Helper()
	c, err := f.r.BeginPasskeySignIn(f.ctx, doors(f.t), f.at)
	f.must(err)
	return c
}

// enter ends it with an answer.
func (f *family) enter(c flow.Challenge, response []byte) error {
	_, err := f.r.FinishPasskeySignIn(f.ctx, doors(f.t), c.Ticket, response, f.at)
	return err
}

// fresh is another passkey of the first owner.
func (f *family) fresh() *authenticator {
	f.t.Helper()
	a := newAuthenticator(f.t, f.first.ID)
	f.must(f.store.Passkeys().Put(f.ctx, a.passkey(f.world)))
	return a
}

// TestThreatPasskey tries to come in by what a passkey has signed, or should not have.
func TestThreatPasskey(t *testing.T) {
	for _, attacks := range []func(*family) map[string]func() error{answersOfPasskeys, passkeysOfOthers} {
		f := newFamily(t, memory(t), true)
		good, c := f.fresh(), f.challenge()
		f.must(f.enter(c, good.sign(c)))
		for name, attack := range attacks(f) {
			t.Run(name, func(t *testing.T) { refusedWith(t, attack(), fault.Unauthorized) })
		}
	}
}

// answersOfPasskeys are wrong answers of a right passkey.
func answersOfPasskeys(f *family) map[string]func() error {
	return map[string]func() error{
		"the same answer again": func() error {
			a, c := f.fresh(), f.challenge()
			response := a.sign(c)
			f.must(f.enter(c, response))
			return f.enter(c, response)
		},
		"the same answer with the ticket of another challenge": func() error {
			a, c := f.fresh(), f.challenge()
			response := a.sign(c)
			f.must(f.enter(c, response))
			return f.enter(f.challenge(), response)
		},
		"another origin": func() error {
			a, c := f.fresh(), f.challenge()
			a.origin = "https://tolom.example.evil.example"
			return f.enter(c, a.sign(c))
		},
		"another host": func() error {
			a, c := f.fresh(), f.challenge()
			a.host = "evil.example"
			return f.enter(c, a.sign(c))
		},
		"nobody verified who holds it": func() error {
			a, c := f.fresh(), f.challenge()
			a.flags = 1
			return f.enter(c, a.sign(c))
		},
		"an answer after ten minutes": func() error {
			a, c := f.fresh(), f.challenge()
			f.clock.Advance(10*time.Minute + time.Second)
			return f.enter(c, a.sign(c))
		},
		"no answer at all": func() error { return f.enter(f.challenge(), []byte("{}")) },
	}
}

// passkeysOfOthers answer rightly, but should not be asked.
func passkeysOfOthers(f *family) map[string]func() error {
	return map[string]func() error{
		"a counter that goes back": func() error {
			a, c := f.fresh(), f.challenge()
			a.counter = 10
			f.must(f.enter(c, a.sign(c)))
			a.counter, c = 5, f.challenge()
			return f.enter(c, a.sign(c))
		},
		"another key under its name": func() error {
			a, c := f.fresh(), f.challenge()
			a.key = newAuthenticator(f.t, f.first.ID).key
			return f.enter(c, a.sign(c))
		},
		"the name of another person": func() error {
			a, c := f.fresh(), f.challenge()
			a.holder = f.hire("second", access.RoleManager).ID
			return f.enter(c, a.sign(c))
		},
		"a passkey that was never registered": func() error { c := f.challenge(); return f.enter(c, newAuthenticator(f.t, f.first.ID).sign(c)) },
		"a passkey that was removed": func() error {
			a, c := f.fresh(), f.challenge()
			key, err := f.store.PasskeyByCredential(f.ctx, a.passkey(f.world).Credential)
			f.must(err)
			f.must(f.r.RemovePasskey(f.ctx, f.first, key.ID, proof, f.at))
			return f.enter(c, a.sign(c))
		},
	}
}
