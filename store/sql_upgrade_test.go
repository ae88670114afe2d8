package store_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/payment"
	"tolom/store"
)

// begin makes a database of version 1 as the first program left it, with a PSP
// that owes 7.00.
func begin(t *testing.T, p place) {
	t.Helper()
	text, err := os.ReadFile("migrations/" + map[string]string{"SQLite": "sqlite", "PostgreSQL": "postgres"}[p.name] + "/0001_begin.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, schema, _ := strings.Cut(string(text), "-- +goose Up")
	p.do(t, schema)
	p.do(t, "CREATE TABLE tolom_schema (id integer, version_id bigint, is_applied boolean, tstamp timestamp)")
	p.do(t, "INSERT INTO tolom_schema (id, version_id, is_applied, tstamp) VALUES (1, 0, true, '2026-03-02 09:00:00'), (2, 1, true, '2026-03-02 09:00:00')")
	p.do(t, "INSERT INTO psp (id, bucket, participant, name, bic, suspended, created_at) VALUES ('"+string(oldPSP)+"', 5, '', 'Old wallet', '', 0, 1000)")
	p.do(t, "INSERT INTO balance (account, bucket, slice, amount) VALUES ('"+string(oldPSP)+":clearing', 5, 3, -700)")
}

// oldPSP is a PSP with the bucket 5.
var oldPSP = id.New(id.PSP, time.UnixMilli(1000), 5, id.Random{7})

// TestAnOlderDatabaseIsBroughtUpToDate keeps what is in it, and limits begin
// with what it holds.
func TestAnOlderDatabaseIsBroughtUpToDate(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			begin(t, p)
			if _, err := store.Open(t.Context(), p.dsn, store.Options{}); !errors.Is(err, store.ErrOlder) {
				t.Fatalf("opened without being asked to migrate: %v", err)
			}
			s := open(t, p.dsn, store.Options{Migrate: true})
			psp, err := s.PSPs().Get(t.Context(), oldPSP)
			if err != nil || psp.Name != "Old wallet" {
				t.Fatalf("the PSP is %+v, %v", psp, err)
			}
			want := payment.Limits{Owner: oldPSP, NetDebit: 1000}
			if err := s.SetLimits(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			got, err := s.Limits(t.Context(), oldPSP)
			if want.SetAt, want.OverAt = got.SetAt, got.OverAt; err != nil || got != want || got.SetAt.IsZero() {
				t.Errorf("the limits are %+v, %v", got, err)
			}
			if used, err := s.Balance(t.Context(), ledger.Of(oldPSP, ledger.Position)); err != nil || used != -700 {
				t.Errorf("the position is %d, %v", used, err)
			}
		})
	}
}
