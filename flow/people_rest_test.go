package flow_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/world"
)

// rows are all rows of a database as it keeps them, with their tables before them.
type rows struct{ bytes.Buffer }

func (r *rows) Table(t store.CopiedTable) error {
	_, err := fmt.Fprintln(r, "table", t.Name)
	return err
}

func (r *rows) Row(values []any) error {
	for _, v := range values {
		if raw, is := v.([]byte); is {
			v = string(raw)
		}
		if _, err := fmt.Fprint(r, v, "\t"); err != nil {
			return err
		}
	}
	return r.WriteByte('\n')
}

// kept reads all that a database keeps, as somebody with a copy of it would.
func kept(t *testing.T, s store.Store) string {
	t.Helper()
	var r rows
	if err := s.(store.Copier).Dump(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	return r.String()
}

// household is people over a database, through a vault or none.
type household struct {
	*testing.T
	place
	r       *flow.Registry
	secrets map[string]string
	ticket  string // of a seed that was not confirmed yet
	who     access.Person
	at      flow.Caller
}

// code is the code of a seed, so many steps from now.
func (h *household) code(seed string, steps int) string {
	h.Helper()
	code, err := totp.GenerateCode(seed, h.world.Clock.Now().Add(time.Duration(steps)*30*time.Second))
	h.must(err)
	return code
}

func (h *household) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

const familyPassword = "correct horse battery"

// newHousehold goes through all of a person's access: an invitation, a second factor with recovery codes, sessions of a
// browser and a program, and a second seed that still waits for its first code.
func newHousehold(t *testing.T, p place, v *access.Vault) *household {
	t.Helper()
	desk := v.Locked(p.store)
	gate := access.New(p.store, p.world.Clock) // As in the program: a gate reads secrets as they are kept.
	h := &household{T: t, place: p, r: flow.NewRegistry(desk, gate, p.world), secrets: map[string]string{"password": familyPassword}, at: flow.Caller{Address: netip.MustParseAddr("192.0.2.7")}}
	ctx := t.Context()
	_, err := h.r.AddOperator(ctx, "first", familyPassword)
	h.must(err)
	first, err := h.r.SignIn(ctx, "first", familyPassword, h.at)
	h.must(err)
	operator, err := gate.Staff(ctx, first.Token, h.at.Address)
	h.must(err)
	_, invitation, err := h.r.Invite(ctx, operator, store.Centre, []string{"operator"}, "")
	h.must(err)
	in, err := h.r.Join(ctx, invitation, flow.Newcomer{Login: "second", Password: familyPassword}, h.at)
	h.must(err)
	h.who, err = gate.Staff(ctx, in.Token, h.at.Address)
	h.must(err)
	n, err := h.r.BeginTOTP(ctx, h.who)
	h.must(err)
	out, err := h.r.FinishTOTP(ctx, h.who, n.Ticket, h.code(n.Seed, 0), flow.Proof{Password: familyPassword}, h.at)
	h.must(err)
	h.who, err = gate.Staff(ctx, out.Token, h.at.Address) // The session of before has ended.
	h.must(err)
	program, err := h.r.SignInProgram(ctx, "second", familyPassword, h.code(n.Seed, 1), h.at)
	h.must(err)
	half, err := h.r.SignIn(ctx, "second", familyPassword, h.at)
	h.must(err)
	next, err := h.r.BeginTOTP(ctx, h.who)
	h.must(err)
	h.must(desk.Destinations().Put(ctx, store.Destination{ID: world.NewID(p.world, id.Participant, 1), Kind: "sftp", PrivateKey: "CANARY of a courier"}))
	h.must(h.r.FirstPlatformKey(ctx))
	for name, secret := range map[string]string{"seed": n.Seed, "seed that waits": next.Seed, "token of the browser": out.Token, "token of the program": program.Token,
		"first token": first.Token, "token of the newcomer": in.Token, "ticket of a seed": n.Ticket, "ticket that waits": half.Ticket, "invitation": invitation,
		"courier's key": "CANARY of a courier", "platform's key": "PRIVATE KEY"} {
		h.secrets[name] = secret
	}
	for i, code := range out.Recovery {
		h.secrets[fmt.Sprint("recovery code ", i)] = code
		h.secrets[fmt.Sprint("recovery code without dashes ", i)] = strings.ReplaceAll(code, "-", "")
	}
	h.ticket = next.Ticket
	return h
}

// readable are the names of secrets that can be read in a copy of the database.
func (h *household) readable() (names []string) {
	all := kept(h.T, h.store)
	if !strings.Contains(all, "table person\n") || !strings.Contains(all, "second") {
		h.Fatal("the copy shows no people, so it shows nothing")
	}
	for name, secret := range h.secrets {
		if secret == "" {
			h.Errorf("there is no %s, so nothing is shown of it", name)
		}
		if strings.Contains(all, secret) {
			names = append(names, name)
		}
	}
	return names
}

// opened opens a vault with a new master key.
func opened(t *testing.T) *access.Vault {
	t.Helper()
	line, err := access.NewMasterKey(world.System().Entropy)
	if err != nil {
		t.Fatal(err)
	}
	v, err := access.OpenVault([]byte(line), world.System().Entropy)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestThreatPeoplesSecretsAtRest reads all tables of both databases as a thief of a copy would: seeds, also one that waits for
// its first code, recovery codes, passwords and tokens are not to be found. Without a master key the seeds are, until
// `tolom keys encrypt` has gone over them; whoever was half way through goes on after it.
func TestThreatPeoplesSecretsAtRest(t *testing.T) {
	for _, at := range []func(*testing.T) place{sqlite, postgres} {
		p := at(t)
		t.Run(p.name, func(t *testing.T) {
			if found := newHousehold(t, p, opened(t)).readable(); len(found) > 0 {
				t.Errorf("with a master key there can be read: %v", found)
			}
		})
		p = at(t)
		t.Run(p.name+" of before", func(t *testing.T) {
			h, v := newHousehold(t, p, nil), opened(t)
			if found := h.readable(); len(found) != 4 { // The two seeds, the courier's key and the platform's.
				t.Fatalf("without a master key there can be read: %v", found)
			}
			if _, err := v.Reseal(t.Context(), h.store); err != nil {
				t.Fatal(err)
			}
			if found := h.readable(); len(found) > 0 {
				t.Errorf("after all was encrypted there can be read: %v", found)
			}
			r := flow.NewRegistry(v.Locked(h.store), access.New(v.Locked(h.store), h.world.Clock), h.world)
			proof := flow.Proof{Password: familyPassword, Code: h.secrets["recovery code 3"]}
			if _, err := r.FinishTOTP(t.Context(), h.who, h.ticket, h.code(h.secrets["seed that waits"], 0), proof, h.at); err != nil {
				t.Errorf("who was half way through cannot go on: %v", err)
			}
		})
	}
}
