package api_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"tolom/api"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/openapifuzz"
	"tolom/invariant"
	"tolom/proposal"
	"tolom/store"
)

// TestTheFuzzerActsAsTwoPeople: with four eyes on, two people propose whatever the document lets them, and each approves what the
// other has proposed, so that operations are driven to their effect; answers are as the document says, none is 5xx, nothing panics.
func TestTheFuzzerActsAsTwoPeople(t *testing.T) {
	var eyes *flow.Proposals
	k := newKit(t, func(d *api.Deps) {
		eyes = flow.NewProposals(d.Platform, true)
		d.Proposals = eyes
		d.Days.Register(eyes)
		d.Recon.Register(eyes)
		d.Files.Register(eyes)
	})
	k.staff()
	k.employs("colleague")
	callers := append(k.callers(), openapifuzz.Credential{Scheme: "operatorLogin", Owner: "operators", Lasting: true, Knows: k.keyIDs(),
		Authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte("colleague:"+password))})
	k.accounts()
	days := k.businessDays(k.engine, k.registry)
	report := openapifuzz.New(openapifuzz.Config{
		Document: k.document(), Do: openapifuzz.Handler(k.handler), Base: base, Credentials: callers, Webhook: "http://127.0.0.1:1/hook", Seed: 5, TwoPeople: true,
		Between: func(n int) {
			if n%20 == 0 {
				k.tell()
			}
			if n%600 == 599 {
				k.endDay(days)
			}
			if n%10 == 0 {
				k.clock.Advance(50 * time.Millisecond)
			}
		},
	}).Run(t.Context(), func(calls int, _ *openapifuzz.Report) bool { return calls < 12_000 })
	var out strings.Builder
	if err := report.Write(&out); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	if !report.Sound() || strings.Contains(k.log.String(), `"msg":"panic"`) {
		t.Error("an answer is not as the document says, or a handler panicked")
	}
	done := k.carriedOut(eyes)
	t.Logf("carried out by two people: %v", done)
	for _, action := range []string{flow.ActSetLimits, flow.ActSetBankAccount, flow.ActSetOverdraft, flow.ActSetTariff, flow.ActResumeMerchant} {
		if done[action] == 0 {
			t.Errorf("%s was never driven to its effect", action)
		}
	}
	if len(done) < 12 {
		t.Errorf("only %d kinds of action were driven to their effect", len(done))
	}
	audit, err := invariant.Check(t.Context(), k.memory)
	if err != nil || audit.Err() != nil {
		t.Error(err, audit.Err())
	}
}

// accounts gives every merchant an account from the start, without which nothing is paid out.
func (k *kit) accounts() {
	k.t.Helper()
	for _, key := range []string{k.merchantKey, k.otherKey} {
		m, err := k.memory.Merchants().Get(k.t.Context(), id.ID(k.ownerOf(key)))
		if err == nil && m.BankAccount == "" {
			m.BankAccount = "1091820181160102"
			err = k.memory.Merchants().Put(k.t.Context(), m)
		}
		if err != nil {
			k.t.Fatal(err)
		}
	}
}

// carriedOut counts the proposals that two people have carried out, by action.
func (k *kit) carriedOut(eyes *flow.Proposals) map[string]int {
	k.t.Helper()
	done := map[string]int{}
	for f := (store.ProposalFilter{Status: proposal.Done, Limit: 100}); ; {
		list, more, err := eyes.List(k.t.Context(), f)
		if err != nil {
			k.t.Fatal(err)
		}
		for _, p := range list {
			if f.Before = p.ID; p.DecidedBy.ID != "" && p.DecidedBy.ID != p.ProposedBy.ID {
				done[p.Action]++
			}
		}
		if !more {
			return done
		}
	}
}
