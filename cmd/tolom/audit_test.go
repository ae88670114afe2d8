package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/store"
)

func TestAnAuditEndsWithAnErrorWhenMoneyIsMissing(t *testing.T) {
	dsn := "sqlite:" + t.TempDir() + "/tolom.db"
	audit := func() (string, error) {
		var out bytes.Buffer
		err := (&auditRulesCmd{DB: dsn}).Run(t.Context(), &stdio{Out: &out})
		return out.String(), err
	}
	if said, err := audit(); err != nil || !strings.Contains(said, "all rules hold") {
		t.Fatalf("an empty database: %v, %s", err, said)
	}
	s, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	batch := store.Batch{ID: id.New(id.Batch, now, 0, id.Random{})}
	tx, err := s.Begin(t.Context())
	if err == nil {
		_, err = tx.Claim(t.Context(), batch, nil)
	}
	if err == nil {
		err = tx.Save(t.Context(), store.Changes{Batch: batch, Now: now, Deltas: []store.Delta{{Account: ledger.Platform(ledger.Fees), Amount: 7}}})
	}
	if err == nil {
		err = tx.Commit(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	said, err := audit()
	for _, rule := range invariant.Audited {
		if !strings.Contains(said, string(rule)) {
			t.Errorf("nothing is said of the rule %q", rule)
		}
	}
	if !strings.Contains(said, "broken 1×  "+string(invariant.Balances)) {
		t.Errorf("the rule that is broken is not named: %s", said)
	}
	if err == nil || !strings.Contains(said, "platform:fees: the balance is 7 tyiyn and there is no entry") || strings.Contains(said, "all rules hold") {
		t.Errorf("7 tyiyn from nowhere: %v, %s", err, said)
	}
}
