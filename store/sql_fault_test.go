package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tolom/id"
	"tolom/internal/pgtest"
	"tolom/ledger"
	"tolom/money"
	"tolom/store"
)

// purse is what the transactions of these tests add one tyiyn to.
var purse = ledger.Platform(ledger.Fees)

func newBatch(n byte) store.Batch {
	return store.Batch{ID: id.New(id.Batch, time.Now(), 0, id.Random{n})}
}

// begun opens a transaction that has taken its batch and added a tyiyn.
func begun(t *testing.T, s store.Store, batch store.Batch) store.Tx {
	t.Helper()
	return begunWith(t, s, batch, purse)
}

func begunWith(t *testing.T, s store.Store, batch store.Batch, to ledger.Account) store.Tx {
	t.Helper()
	tx, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tx.Rollback)
	if _, err := tx.Claim(t.Context(), batch, nil); err != nil {
		t.Fatal(err)
	}
	if err := add(t, tx, batch, to, 1); err != nil {
		t.Fatal(err)
	}
	return tx
}

func add(t *testing.T, tx store.Tx, batch store.Batch, to ledger.Account, amount money.Amount) error {
	return tx.Save(t.Context(), store.Changes{Batch: batch, Now: time.Now(), Deltas: []store.Delta{{Account: to, Amount: amount}}})
}

// stands checks the balance, and that a lost commit is settled as it says.
func stands(t *testing.T, s store.Store, batch store.Batch, committed bool) {
	t.Helper()
	for range 2 {
		if got, err := s.Settle(t.Context(), batch); err != nil || got != committed {
			t.Fatalf("settled as %v, %v; want %v", got, err, committed)
		}
	}
	want := money.Amount(0)
	if committed {
		want = 1
	}
	if got, err := s.Balance(t.Context(), purse); err != nil || got != want {
		t.Fatalf("the balance is %d, %v; want %d", got, err, want)
	}
}

func isError(t *testing.T, got, want, not error) {
	t.Helper()
	if !errors.Is(got, want) || errors.Is(got, not) {
		t.Fatalf("the error is %v; want %v and not %v", got, want, not)
	}
}

// cut is a proxy in front of a server that loses a COMMIT, or the answer to it.
type cut struct {
	net.Listener
	server string
	armed  atomic.Bool
	answer bool // the COMMIT arrives and its answer is lost
	next   bool // whatever comes next has the COMMIT in it, by the number that it was prepared under
}

func newCut(t *testing.T, server string, answer bool) *cut {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := &cut{Listener: l, server: server, answer: answer}
	go c.serve()
	return c
}

func (c *cut) serve() {
	for {
		client, err := c.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.server)
		if err != nil {
			client.Close()
			return
		}
		mute := new(atomic.Bool)
		go c.forward(client, server, mute)
		go c.back(server, client, mute)
	}
}

// forward passes what the client says until a COMMIT comes while armed.
func (c *cut) forward(client, server net.Conn, mute *atomic.Bool) {
	defer server.Close()
	defer client.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		hit := c.armed.Load() && (c.next || bytes.Contains(bytes.ToLower(buffer[:n]), []byte("commit\x00")))
		if hit {
			c.armed.Store(false)
			mute.Store(true)
		}
		if hit && !c.answer {
			return
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// back passes what the server says. Muted, it waits for the answer and hangs up.
func (c *cut) back(server, client net.Conn, mute *atomic.Bool) {
	defer client.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := server.Read(buffer)
		if err != nil || mute.Load() {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// through gives the address of a database as seen through the proxy.
func (c *cut) through(t *testing.T, dsn string) string {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	address.Host = c.Addr().String()
	return address.String()
}

func TestALostCommitIsUnknownUntilItIsSettled(t *testing.T) {
	server := cluster(t, pgtest.Fast, pgtest.TCP)
	for _, c := range []struct {
		name   string
		answer bool
	}{
		{"the commit was lost", false},
		{"the answer was lost", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dsn := server.Database(t)
			address, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			proxy := newCut(t, address.Host, c.answer)
			s := open(t, proxy.through(t, dsn), store.Options{})
			batch := newBatch(1)
			tx := begun(t, s, batch)
			proxy.armed.Store(true)
			isError(t, tx.Commit(t.Context()), store.ErrUnknown, store.ErrRetry)
			stands(t, s, batch, c.answer)
		})
	}
}

// TestALostFinishIsUnknownUntilItIsSettled: the commit goes out with what it
// commits, so from the first byte on it may have happened.
func TestALostFinishIsUnknownUntilItIsSettled(t *testing.T) {
	server := cluster(t, pgtest.Fast, pgtest.TCP)
	for _, answer := range []bool{false, true} {
		t.Run(fmt.Sprintf("arrived=%v", answer), func(t *testing.T) {
			dsn := server.Database(t)
			address, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			proxy := newCut(t, address.Host, answer)
			proxy.next = true
			s := open(t, proxy.through(t, dsn), store.Options{MaxConns: 1})
			finish := func(batch store.Batch, amount money.Amount) error {
				tx, err := s.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer tx.Rollback()
				if _, _, err := store.Start(t.Context(), tx, batch, nil, nil, nil); err != nil {
					t.Fatal(err)
				}
				proxy.armed.Store(amount == 1)
				return store.Finish(t.Context(), tx, store.Changes{Batch: batch, Now: time.Now(), Deltas: []store.Delta{{Account: purse, Amount: amount}}})
			}
			if err := finish(newBatch(1), 0); err != nil { // so that the statements are prepared
				t.Fatal(err)
			}
			batch := newBatch(2)
			isError(t, finish(batch, 1), store.ErrUnknown, store.ErrRetry)
			stands(t, s, batch, answer)
		})
	}
}

func TestABackendThatEndsInATransactionWroteNothing(t *testing.T) {
	dsn := pgtest.New(t)
	s := open(t, dsn, store.Options{})
	batch := newBatch(1)
	tx := begun(t, s, batch)
	doPostgres(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()")
	isError(t, add(t, tx, batch, purse, 1), store.ErrRetry, store.ErrUnknown)
	tx.Rollback()
	stands(t, s, batch, false)
}

func TestABackendThatEndsBeforeTheCommitIsSettled(t *testing.T) {
	dsn := pgtest.New(t)
	s := open(t, dsn, store.Options{})
	batch := newBatch(1)
	tx := begun(t, s, batch)
	doPostgres(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()")
	if err := tx.Commit(t.Context()); !errors.Is(err, store.ErrUnknown) && !errors.Is(err, store.ErrRetry) {
		t.Fatalf("the error is %v", err)
	}
	stands(t, s, batch, false)
}

func TestAServerThatIsGoneIsWaitedFor(t *testing.T) {
	server := cluster(t)
	s := open(t, server.Database(t), store.Options{})
	batch, other := newBatch(1), newBatch(2)
	tx := begun(t, s, batch)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	isError(t, add(t, tx, batch, purse, 1), store.ErrRetry, store.ErrUnknown)
	tx.Rollback()
	_, err := s.Begin(t.Context())
	isError(t, err, store.ErrRetry, store.ErrUnknown)
	if _, err := s.Settle(t.Context(), batch); err == nil {
		t.Fatal("a server that is gone settled a batch")
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Fatal("a server that is gone answers")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	stands(t, s, batch, false)
	if err := begun(t, s, other).Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	stands(t, s, other, true)
}

func TestAReadOnlyServerIsNotHealthy(t *testing.T) {
	dsn := pgtest.New(t)
	s := open(t, dsn, store.Options{MaxConns: 1})
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	readOnly := open(t, dsn+"&default_transaction_read_only=on", store.Options{})
	if err := readOnly.Ping(t.Context()); err == nil {
		t.Error("a server that takes no writes is called healthy")
	}
}

func TestDeadlocksMayRunAgain(t *testing.T) {
	s := open(t, pgtest.New(t)+"&deadlock_timeout=50ms", store.Options{})
	a, b := ledger.Platform(ledger.Fees), ledger.Platform(ledger.Settlement)
	one, other := newBatch(1), newBatch(2)
	first, second := begunWith(t, s, one, a), begunWith(t, s, other, b)
	lost := make(chan error, 2)
	go func() { lost <- add(t, first, one, b, 1) }()
	go func() { lost <- add(t, second, other, a, 1) }()
	refused := []error{<-lost, <-lost}
	isError(t, errors.Join(refused...), store.ErrRetry, store.ErrUnknown)
	if refused[0] != nil && refused[1] != nil {
		t.Errorf("both lost: %v", refused)
	}
}

func TestAFileThatAnotherProcessHoldsIsTriedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tolom.db")
	s := open(t, "sqlite:"+file, store.Options{})
	other, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Begin(t.Context())
	isError(t, err, store.ErrRetry, store.ErrUnknown)
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	batch := newBatch(1)
	if err := begun(t, s, batch).Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	stands(t, s, batch, true)
}

func TestSumsThatDoNotFitAreNamed(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			s := open(t, p.dsn, store.Options{})
			if err := begun(t, s, newBatch(1)).Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			batch := newBatch(2)
			tx := begunWith(t, s, batch, ledger.Platform(ledger.Suspense))
			isError(t, add(t, tx, batch, purse, 1<<63-1), money.ErrOverflow, store.ErrRetry)
		})
	}
}

func TestReadsAndWritesAfterCloseAreRefused(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			s := open(t, p.dsn, store.Options{})
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Begin(t.Context()); err == nil {
				t.Error("a closed store began a transaction")
			}
			if _, err := s.Head(t.Context()); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("a closed store answered with %v", err)
			}
		})
	}
}
