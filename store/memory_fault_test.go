package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/store"
	"tolom/world"
)

var (
	noon    = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	account = ledger.Account{Code: "psp_1:clearing"}
)

// deposit moves one tyiyn in a batch of its own.
func deposit(m *store.Memory, batch id.ID) error {
	ctx := context.Background()
	tx, err := m.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	b := store.Batch{ID: batch}
	if _, err := tx.Claim(ctx, b, nil); err != nil {
		return err
	}
	view, err := tx.Load(ctx, nil, nil)
	if err != nil {
		return err
	}
	if err := tx.Save(ctx, store.Changes{Batch: b, Now: view.Now, Deltas: []store.Delta{{Account: account, Amount: 1}}}); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// striking is a store in which the point gives the error once.
func striking(point store.Point, fault error) *store.Memory {
	m := store.NewMemory(world.NewManual(noon))
	m.Fault = func(p store.Point) error {
		if p != point || fault == nil {
			return nil
		}
		once := fault
		fault = nil
		return once
	}
	return m
}

func balance(t *testing.T, m *store.Memory) int {
	t.Helper()
	sum, err := m.Balance(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	return int(sum)
}

func TestFaultsOfATransaction(t *testing.T) {
	for _, x := range []struct {
		point     store.Point
		fault     error
		committed bool
	}{
		{store.BeginPoint, store.ErrRetry, false},
		{store.ClaimPoint, store.ErrRetry, false},
		{store.LoadPoint, store.ErrRetry, false},
		{store.SavePoint, store.ErrRetry, false},
		{store.BeforeCommit, store.ErrRetry, false},
		{store.BeforeCommit, store.ErrUnknown, false},
		{store.AfterCommit, store.ErrUnknown, true},
	} {
		t.Run(string(x.point)+", "+x.fault.Error(), func(t *testing.T) {
			m := striking(x.point, x.fault)
			if err := deposit(m, "bat_1"); !errors.Is(err, x.fault) {
				t.Fatalf("the error is %v, want %v", err, x.fault)
			}
			want := 0
			if x.committed {
				want = 1
			}
			if got := balance(t, m); got != want {
				t.Fatalf("the balance is %d, want %d", got, want)
			}
			committed, err := m.Settle(context.Background(), store.Batch{ID: "bat_1"})
			if err != nil || committed != x.committed {
				t.Fatalf("Settle says %v, %v; want %v", committed, err, x.committed)
			}
			if err := deposit(m, "bat_1"); !errors.Is(err, store.ErrTaken) {
				t.Fatalf("the settled batch ran again: %v", err)
			}
			if err := deposit(m, "bat_2"); err != nil || balance(t, m) != want+1 {
				t.Fatalf("the next batch: %v, the balance is %d", err, balance(t, m))
			}
		})
	}
}

func TestFaultsOutsideTransactions(t *testing.T) {
	ctx := context.Background()
	for point, call := range map[store.Point]func(*store.Memory) error{
		store.SettlePoint: func(m *store.Memory) error { _, err := m.Settle(ctx, store.Batch{ID: "bat_1"}); return err },
		store.ReadPoint:   func(m *store.Memory) error { _, err := m.Head(ctx); return err },
		store.WritePoint:  func(m *store.Memory) error { return m.Keys().Put(ctx, store.Key{ID: "key_1", Hash: "h"}) },
	} {
		m := striking(point, errors.New("no answer"))
		if err := call(m); err == nil || err.Error() != "no answer" {
			t.Errorf("at %q the error is %v", point, err)
		}
		if err := call(m); err != nil {
			t.Errorf("after %q: %v", point, err)
		}
	}
}

// A fault that panics stands for the death of the process. The database rolls
// back what it was doing and serves the next one.
func TestDeathInTheMiddle(t *testing.T) {
	for point, want := range map[store.Point]int{store.ClaimPoint: 0, store.SavePoint: 0, store.BeforeCommit: 0, store.AfterCommit: 1} {
		m := store.NewMemory(world.NewManual(noon))
		m.Fault = func(p store.Point) error {
			if p == point {
				panic(p)
			}
			return nil
		}
		func() {
			defer func() {
				if died := recover(); died != point {
					t.Errorf("recovered %v, want %v", died, point)
				}
			}()
			_ = deposit(m, "bat_1")
		}()
		m.Fault = nil
		if got := balance(t, m); got != want {
			t.Errorf("death at %q leaves %d, want %d", point, got, want)
		}
		if err := deposit(m, "bat_2"); err != nil {
			t.Errorf("after death at %q: %v", point, err)
		}
	}
}

// hold opens a transaction that has the account's balance.
func hold(t *testing.T, m *store.Memory, batch id.ID, accounts ...ledger.Account) store.Tx {
	t.Helper()
	tx, err := m.Begin(context.Background())
	if err == nil {
		_, err = tx.Claim(context.Background(), store.Batch{ID: batch}, nil)
	}
	if err == nil {
		_, err = tx.Load(context.Background(), nil, accounts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func TestALockIsWaitedForAsLongAsTheContextLasts(t *testing.T) {
	m := store.NewMemory(world.NewManual(noon))
	open := hold(t, m, "bat_0", account)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	other := hold(t, m, "bat_1")
	change := store.Changes{Batch: store.Batch{ID: "bat_1"}, Now: noon, Deltas: []store.Delta{{Account: account, Amount: 1}}}
	if err := other.Save(ctx, change); !errors.Is(err, store.ErrRetry) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the error is %v, want ErrRetry for the deadline", err)
	}
	other.Rollback()
	open.Rollback()
	if err := deposit(m, "bat_2"); err != nil {
		t.Fatal(err)
	}
}

// Of two who wait for each other the one who closes the circle is sent back.
func TestACircleOfWaitingIsBroken(t *testing.T) {
	m := store.NewMemory(world.NewManual(noon))
	waits := make(chan bool, 1)
	m.Wait = func(func() bool) {
		select {
		case waits <- true:
		default:
		}
		time.Sleep(time.Millisecond)
	}
	second := ledger.Account{Code: "psp_2:clearing"}
	one, two := hold(t, m, "bat_1", account), hold(t, m, "bat_2", second)
	save := func(tx store.Tx, batch id.ID, a ledger.Account) error {
		return tx.Save(context.Background(), store.Changes{Batch: store.Batch{ID: batch}, Now: noon, Deltas: []store.Delta{{Account: a, Amount: 1}}})
	}
	saved := make(chan error)
	go func() { saved <- save(one, "bat_1", second) }()
	<-waits
	if err := save(two, "bat_2", account); !errors.Is(err, store.ErrRetry) {
		t.Fatalf("the error is %v, want ErrRetry", err)
	}
	two.Rollback()
	if err := <-saved; err != nil {
		t.Fatal(err)
	}
	if err := one.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// A commit whose answer is lost may still be on its way: Settle waits for it.
func TestACommitAdrift(t *testing.T) {
	for _, commit := range []bool{true, false} {
		var end func(bool)
		m := striking(store.BeforeCommit, &store.Adrift{Take: func(e func(bool)) { end = e }})
		if err := deposit(m, "bat_1"); !errors.Is(err, store.ErrUnknown) {
			t.Fatalf("the error is %v, want ErrUnknown", err)
		}
		settled := make(chan bool)
		go func() {
			committed, err := m.Settle(context.Background(), store.Batch{ID: "bat_1"})
			settled <- committed && err == nil
		}()
		select {
		case <-settled:
			t.Fatal("Settle did not wait for the open transaction")
		case <-time.After(20 * time.Millisecond):
		}
		end(commit)
		if got := <-settled; got != commit {
			t.Fatalf("Settle says %v, want %v", got, commit)
		}
	}
}
