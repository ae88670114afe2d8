package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/openapifuzz"
	"tolom/invariant"
	"tolom/notify"
	"tolom/proposal"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// staff hires somebody who may do all that staff may, and whose password is cheap to check, as the fuzzer signs in thousands of times.
func (k *kit) staff() { k.person = k.employs(login) }

// employs adds somebody of the centre who proposes and approves, and whose password costs little.
func (k *kit) employs(login string) proposal.Person {
	k.t.Helper()
	salt := []byte("0123456789abcdef")
	key, text := argon2.IDKey([]byte(password), salt, 1, 8, 1, 32), base64.RawStdEncoding
	hash := fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, text.EncodeToString(salt), text.EncodeToString(key))
	person, err := k.registry.AddOperator(context.Background(), login, password, access.RoleOperator, access.RoleApprover)
	if err == nil {
		person.PasswordHash = hash
		err = k.memory.Persons().Put(context.Background(), person)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return proposal.Person{ID: person.ID, Name: person.Name}
}

// propose has the operator, and a colleague, ask for something that a second person approves.
func (k *kit) propose(eyes *flow.Proposals) {
	k.t.Helper()
	target := id.ID(k.ownerOf(k.otherKey))
	for _, by := range []proposal.Person{k.person, {ID: id.New(id.Person, start, 1, id.Random{}), Name: "colleague"}} {
		ask := flow.Ask{By: by, Action: flow.ActSetBankAccount, Target: target, Body: flow.BankAccountBody{BankAccount: "1240020000000001"}, Reason: "a new bank"}
		if _, err := eyes.Ask(k.t.Context(), ask); err != nil {
			k.t.Error(err)
		}
	}
}

func (k *kit) ownerOf(key string) string {
	k.t.Helper()
	found, err := k.memory.KeyByHash(context.Background(), seal.HashKey(key))
	if err != nil {
		k.t.Fatal(err)
	}
	return string(found.Owner)
}

// secondKey is another key of the first merchant.
func (k *kit) secondKey() string {
	_, secret := k.issue(store.Key{Name: "second"})
	return secret
}

// callers are everybody who has a key here, the one with the most to work with first of each kind.
func (k *kit) callers() []openapifuzz.Credential {
	bearer := func(scheme, owner, key string, knows ...string) openapifuzz.Credential {
		return openapifuzz.Credential{Scheme: scheme, Owner: owner, Authorization: "Bearer " + key, Lasting: true, Knows: knows}
	}
	for range 4 {
		if _, _, err := k.registry.OpenTill(context.Background(), access.Merchant{ID: k.merchant.ID}); err != nil {
			k.t.Fatal(err)
		}
	}
	shop, place, till := string(k.merchant.ID), string(k.place.ID), string(k.till.ID)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
	return []openapifuzz.Credential{
		bearer("merchantKey", shop, k.merchantKey, shop, place, till),
		bearer("merchantKey", shop, k.secondKey()),
		bearer("merchantKey", k.ownerOf(k.otherKey), k.otherKey),
		bearer("pspKey", string(k.psp.ID), k.pspKey, string(k.psp.ID)),
		bearer("pspKey", k.ownerOf(k.otherPSP), k.otherPSP),
		{Scheme: "operatorLogin", Owner: "operators", Authorization: basic, Lasting: true, Knows: k.keyIDs()},
	}
}

// courier takes what happened to the webhook endpoints.
func (k *kit) courier() *notify.Courier {
	site := wire.Site{Base: base, LinkBase: base + "/"}
	sender := notify.NewSender(world.Dialer{AllowPrivate: true}.Transport(), k.clock)
	return notify.NewCourier(k.memory.Endpoints(), k.memory, k.memory, sender, site, world.World{Clock: k.clock, Entropy: world.Seeded(8)})
}

// deliver has it go to some endpoints of the merchant once.
func (k *kit) deliver(c *notify.Courier) {
	k.t.Helper()
	ctx := context.Background()
	endpoints, err := k.memory.Endpoints().List(ctx, k.merchant.ID, "", 5)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range endpoints {
		if _, err := c.Step(ctx, e.ID); err != nil {
			k.t.Fatal(err)
		}
	}
}

// document is what the platform says of itself.
func (k *kit) document() *openapifuzz.Document {
	k.t.Helper()
	document, err := openapifuzz.Read(k.want(http.StatusOK, get("/openapi.json")).body)
	if err != nil {
		k.t.Fatal(err)
	}
	return document
}

// fuzzed runs calls against the platform behind a handler, as many as more wants, and gives what was seen.
func (k *kit) fuzzed(document *openapifuzz.Document, handler http.Handler, more func(calls int, seen *openapifuzz.Report) bool) *openapifuzz.Report {
	k.t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	courier, days := k.courier(), k.businessDays(k.engine, k.registry)
	eyes := flow.NewProposals(flow.New(k.memory, k.engine, k.registry, k.world, flow.Config{Provider: provider}), true)
	fuzzer := openapifuzz.New(openapifuzz.Config{
		Document: document, Do: openapifuzz.Handler(handler), Base: base, Credentials: k.callers(), Webhook: receiver.URL + "/hook", Seed: 2,
		Between: func(n int) {
			if n%20 == 0 {
				k.tell()
			}
			if n%200 == 0 {
				k.deliver(courier)
				k.secondKey()
			}
			if n%25 == 0 {
				k.propose(eyes)
			}
			if n%30 == 0 {
				if _, err := k.reports.MakeNext(k.t.Context(), "node"); err != nil {
					k.t.Error(err)
				}
			}
			if n%600 == 599 {
				k.endDay(days)
			}
			if n%500 == 0 {
				k.clock.Advance(time.Minute)
			} else if n%10 == 0 {
				k.clock.Advance(50 * time.Millisecond)
			}
		},
	})
	return fuzzer.Run(k.t.Context(), more)
}

// keyIDs are the keys of the callers, which nobody is to revoke.
func (k *kit) keyIDs() (ids []string) {
	k.t.Helper()
	keys, err := k.memory.Keys().List(context.Background(), "", "", 100)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, key := range keys {
		ids = append(ids, string(key.ID))
	}
	return ids
}

// TestEveryOperationKeepsItsDocument makes calls of every operation, as allowed and broken, and holds each answer to
// the OpenAPI document. make openapi-fuzz does the same for longer, over the network.
func TestEveryOperationKeepsItsDocument(t *testing.T) {
	k := newKit(t)
	k.staff()
	report := k.fuzzed(k.document(), k.handler, func(calls int, _ *openapifuzz.Report) bool { return calls < 20_000 })
	var out strings.Builder
	if err := report.Write(&out); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	if !report.Sound() {
		t.Fail()
	}
	for _, what := range report.Unreached(3) {
		t.Error(what)
	}
	if strings.Contains(k.log.String(), `"msg":"panic"`) {
		t.Error("a handler panicked")
	}
	audit, err := invariant.Check(t.Context(), k.memory)
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Err(); err != nil {
		t.Error(err)
	}
}
