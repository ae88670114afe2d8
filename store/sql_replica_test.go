package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tolom/internal/pgtest"
	"tolom/store"
)

// follow opens a store on a server whose commits wait for a standby, which is given too.
func follow(t *testing.T) (s store.Store, primary, standby *pgtest.Cluster) {
	t.Helper()
	primary, err := pgtest.Open(pgtest.TCP)
	done(t, err)
	t.Cleanup(func() { done(t, primary.Close()) })
	standby, err = primary.Standby()
	done(t, err)
	t.Cleanup(func() { done(t, standby.Close()) })
	done(t, primary.Synchronous())
	s, err = store.Open(t.Context(), primary.DSN("postgres"), store.Options{})
	done(t, err)
	t.Cleanup(func() { done(t, s.Close()) })
	return s, primary, standby
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An operator who cancels a commit that waits for the standby makes the server
// answer with a success and a warning. It is no success: the standby may never get it.
func TestACommitWhoseWaitForTheStandbyIsCancelledIsUnknown(t *testing.T) {
	s, primary, standby := follow(t)
	batch := newBatch(1)
	tx := begun(t, s, batch)
	done(t, standby.Kill())
	ended := make(chan error, 1)
	go func() { ended <- tx.Commit(context.Background()) }()
	cancelWaiting(t, primary)
	isError(t, <-ended, store.ErrUnknown, store.ErrRetry)
	settled := make(chan bool, 1)
	go func() {
		committed, err := s.Settle(context.Background(), batch)
		settled <- err == nil && committed
	}()
	select {
	case <-settled:
		t.Fatal("it was settled while no standby was there")
	case <-time.After(500 * time.Millisecond):
	}
	done(t, standby.Start())
	if !<-settled {
		t.Fatal("it was not settled as committed when the standby was back")
	}
	stands(t, s, batch, true)
}

// What a primary shows after a crash, a standby that was away may not have: nobody
// is told of it before the standby has it.
func TestWhatACrashUncoversIsNotShownBeforeTheStandbyHasIt(t *testing.T) {
	s, primary, standby := follow(t)
	batch := newBatch(2)
	tx := begun(t, s, batch)
	done(t, standby.Kill())
	ended := make(chan error, 1)
	go func() { ended <- tx.Commit(context.Background()) }()
	waiting(t, primary, "SELECT 1")
	done(t, primary.Kill())
	isError(t, <-ended, store.ErrUnknown, store.ErrRetry)
	done(t, primary.Start())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if balance, err := s.Balance(ctx, purse); err == nil {
		t.Fatalf("a balance of %d was shown while no standby was there", balance)
	}
	if committed, err := s.Settle(ctx, batch); err == nil {
		t.Fatalf("it was settled as committed=%v while no standby was there", committed)
	}
	done(t, standby.Start())
	stands(t, s, batch, true)
}

// cancelWaiting does to a commit that waits for the standby what an operator must not do.
func cancelWaiting(t *testing.T, server *pgtest.Cluster) {
	t.Helper()
	waiting(t, server, "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
}

// waiting runs a question once a commit waits for the standby.
func waiting(t *testing.T, server *pgtest.Cluster, then string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.DSN("postgres"))
	done(t, err)
	defer conn.Close(t.Context())
	for n := 0; n == 0; time.Sleep(5 * time.Millisecond) {
		done(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").Scan(&n))
	}
	var n int
	done(t, conn.QueryRow(t.Context(), then).Scan(&n))
	if n != 1 {
		t.Fatalf("%d commits waited", n)
	}
}
