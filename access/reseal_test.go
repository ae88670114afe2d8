package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/store"
	"tolom/world"
)

// furnished is a store with secrets of each kind, written through a desk, and what they are.
func furnished(t *testing.T, s store.Store, through *Vault) (secrets []string) {
	t.Helper()
	desk := through.Locked(s)
	for n := range 3 {
		i := func(k id.Kind) id.ID { return id.New(k, start, 0, id.Random{byte(n), 1}) }
		ok := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		word := string(rune('a' + n))
		ok(desk.PlatformKeys().Put(t.Context(), store.PlatformKey{ID: i(id.PlatformKey), Private: "platform " + word}))
		ok(desk.Endpoints().Put(t.Context(), store.Endpoint{ID: i(id.Endpoint), Secrets: []string{"hook " + word, "older " + word}, Keys: []string{"signing " + word}}))
		ok(desk.Persons().Put(t.Context(), store.Person{ID: i(id.Person), Login: word, TOTP: "SEED" + strings.ToUpper(word)}))
		ok(desk.AddTicket(t.Context(), store.Ticket{ID: i(id.Ticket), Hash: word, Data: "HALF" + strings.ToUpper(word), ExpiresAt: start.Add(time.Hour)}))
		ok(desk.Destinations().Put(t.Context(), store.Destination{ID: i(id.Participant), PrivateKey: "courier " + word}))
		secrets = append(secrets, "HALF"+strings.ToUpper(word), "courier "+word, "platform "+word, "hook "+word, "older "+word, "signing "+word, "SEED"+strings.ToUpper(word))
	}
	return secrets
}

// allKept is everything that the store keeps in places of secrets, as it keeps it.
func allKept(t *testing.T, s store.Store) string {
	t.Helper()
	var all []string
	for _, p := range store.SecretPlaces {
		_, wrote, err := s.RewriteSecrets(t.Context(), p, "", 100, func(_ id.ID, text string) (string, error) { all = append(all, text); return text, nil })
		if err != nil || wrote != 0 {
			t.Fatal(wrote, err)
		}
	}
	return strings.Join(all, "\n")
}

// readable says whether a desk gives the secrets back.
func readable(t *testing.T, s store.Store, v *Vault) bool {
	t.Helper()
	keys, err1 := v.Locked(s).PlatformKeys().List(t.Context(), "", "", 9)
	hooks, err2 := v.Locked(s).Endpoints().List(t.Context(), "", "", 9)
	people, err3 := v.Locked(s).Persons().List(t.Context(), "", "", 9)
	ticket, err4 := v.Locked(s).TicketByHash(t.Context(), "b", start)
	places, err5 := v.Locked(s).Destinations().List(t.Context(), "", "", 9)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return false
	}
	return len(keys) == 3 && ticket.Data == "HALFB" && places[2].PrivateKey == "courier c" && keys[0].Private == "platform a" && hooks[1].Secrets[1] == "older b" && hooks[2].Keys[0] == "signing c" && people[1].TOTP == "SEEDB"
}

func openedWith(t *testing.T, w world.World, lines ...string) *Vault {
	t.Helper()
	v, err := OpenVault([]byte(strings.Join(lines, "")), w.Entropy)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestThreatSecretsOfBefore encrypts secrets that were kept plain, and again when the master key is changed, again and again without harm.
func TestThreatSecretsOfBefore(t *testing.T) {
	w, clock := world.Simulated(start, 5)
	stores := map[string]store.Store{"memory": store.NewMemory(clock)}
	file, err := store.OpenSQLite(t.Context(), ":memory:", store.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stores["SQLite"] = file
	old, err1 := NewMasterKey(w.Entropy)
	next, err2 := NewMasterKey(w.Entropy)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for name, s := range stores {
		t.Run(name, func(t *testing.T) {
			secrets := furnished(t, s, nil)
			if kept := allKept(t, s); !strings.Contains(kept, secrets[0]) || !strings.Contains(kept, secrets[1]) {
				t.Fatal("without a vault nothing is kept plain, so this test shows nothing")
			}
			for round, v := range []*Vault{openedWith(t, w, old), openedWith(t, w, old), openedWith(t, w, next, old), openedWith(t, w, next)} {
				got, err := v.Reseal(t.Context(), s)
				want := []int{18, 0, 18, 0}[round] // Two columns of each endpoint.
				if err != nil || got.Rows != want || got.Seen != len(secrets) {
					t.Errorf("round %d: %+v, %v; want %d", round, got, err, want)
				}
				text := allKept(t, s)
				for _, secret := range secrets {
					if strings.Contains(text, secret) {
						t.Errorf("round %d: %q is readable", round, secret)
					}
				}
				if !readable(t, s, v) {
					t.Errorf("round %d: the platform cannot read its own secrets", round)
				}
			}
			if readable(t, s, openedWith(t, w, old)) {
				t.Error("the old key still opens them")
			}
			before := allKept(t, s)
			if _, err := openedWith(t, w, old).Reseal(t.Context(), s); !errors.Is(err, ErrSealed) || allKept(t, s) != before {
				t.Errorf("with the wrong key: %v", err)
			}
		})
	}
}
