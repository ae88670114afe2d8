package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/internal/pgtest"
	"tolom/store"
	"tolom/wire"
)

// TestANodeStartsWhileTheReplicaOfReportsIsAway and is ready; its reports come when the replica does. An address that is none
// ends the start.
func TestANodeStartsWhileTheReplicaOfReportsIsAway(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	primary, err := pgtest.Open(pgtest.TCP)
	must(err)
	t.Cleanup(func() { _ = primary.Close() })
	must(store.Migrate(t.Context(), primary.DSN("postgres")))
	standby, err := primary.Standby()
	must(err)
	t.Cleanup(func() { _ = standby.Close() })
	must(standby.Stop())
	var log bytes.Buffer
	s := settings{DB: primary.DSN("postgres"), Listen: "127.0.0.1:0", BaseURL: "http://127.0.0.1:1", Provider: vars["provider"], MaxBatch: 256, MaxConns: 4}
	s.ReportsDB = "mysql://there"
	if _, err := newApp(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "--reports-db") {
		t.Errorf("an address that is none: %v", err)
	}
	s.ReportsDB = standby.DSN("postgres")
	a, err := newApp(t.Context(), s, slog.New(slog.NewTextHandler(&log, nil)))
	must(err)
	defer func() { must(a.closeStores()) }()
	must(a.ready(t.Context()))
	if !strings.Contains(log.String(), "the replica of --reports-db is away") {
		t.Errorf("the log says nothing of it: %s", &log)
	}
	shop, err := a.registry.AddMerchant(t.Context(), store.Merchant{Name: "shop", MCC: "5812"})
	must(err)
	in := wire.NewReport{Type: "statement", Format: "csv", From: "2026-11-23", To: "2026-11-24"}
	now := func() error {
		_, _, err := a.reports.Now(t.Context(), flow.MerchantReader(access.Merchant{ID: shop.ID}), in)
		return err
	}
	if err := now(); !fault.Has(err, fault.OutOfService) {
		t.Errorf("a report while the replica is away: %v", err)
	}
	must(standby.Start())
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if err = now(); err == nil {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("the replica is back, and reports are refused still: %v", err)
		}
	}
}
