package db

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"tolom/internal/pgtest"
)

// wire is a connection to the server that can be frozen: bytes are taken from both
// sides and come out on neither, and nothing is closed. That is what is left of a
// connection when the other machine, or something on the way, is suddenly gone.
type wire struct {
	listener net.Listener
	upstream string
	mu       sync.Mutex
	frozen   bool
	conns    []net.Conn
}

func newWire(t *testing.T, upstream string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, upstream: upstream}
	go w.accept()
	t.Cleanup(w.close)
	return w
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", w.upstream)
		if err != nil {
			client.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, client, server)
		dead := w.frozen
		w.mu.Unlock()
		if !dead {
			go w.pass(client, server)
			go w.pass(server, client)
		}
	}
}

// pass copies until the wire is frozen; what is read then is lost.
func (w *wire) pass(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		dead := w.frozen
		w.mu.Unlock()
		if dead {
			return
		}
		if _, wrong := to.Write(buffer[:n]); err != nil || wrong != nil {
			to.Close()
			return
		}
	}
}

// freeze kills all connections that there are without closing them; thaw lets new ones work.
func (w *wire) freeze() { w.set(true) }
func (w *wire) thaw()   { w.set(false) }

func (w *wire) set(frozen bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen = frozen
}

func (w *wire) close() {
	w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}

// overWire opens a database whose connections go over a wire, with little patience.
func overWire(t *testing.T) (*postgresDB, *wire) {
	t.Helper()
	address, err := url.Parse(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	q := address.Query()
	w := newWire(t, filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port")))
	if _, err := os.Stat(w.upstream); err != nil {
		t.Fatalf("the tests' server has no socket: %v", err)
	}
	address.Host, address.RawQuery = w.listener.Addr().String(), "sslmode=disable&connect_timeout=1&pool_ping_timeout=200ms"
	d, err := OpenPostgres(t.Context(), address.String(), Config{Causes: causes, Now: time.Now, MaxConns: 4, Migrations: fstest.MapFS{
		"0001_step.sql": &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE note (id text PRIMARY KEY);")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	p := d.(*postgresDB)
	p.patience = 500 * time.Millisecond
	return p, w
}

// soon fails the test when something takes far longer than patience.
func soon(t *testing.T, what string, do func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		t.Fatalf("%s hangs", what)
		return nil
	}
}

// TestADeadConnectionHoldsUpNobody freezes connections where they hurt: while one
// is idle in the pool, in the middle of a transaction, and during the commit.
func TestADeadConnectionHoldsUpNobody(t *testing.T) {
	insert := func(tx Tx, name string) error {
		_, err := tx.Exec(context.Background(), "INSERT INTO note (id) VALUES ($1)", name)
		return err
	}
	d, w := overWire(t)
	t.Run("read", func(t *testing.T) {
		w.freeze()
		err := soon(t, "a read", func() error {
			return d.Query(context.Background(), "SELECT 1", func(Scan) error { return nil })
		})
		if !errors.Is(err, causes.Retry) {
			t.Errorf("a read over a dead connection: %v, want one to run again", err)
		}
	})
	works(t, d, w)
	t.Run("statement", func(t *testing.T) {
		tx, err := d.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.freeze()
		if err := soon(t, "a statement", func() error { return insert(tx, "lost") }); !errors.Is(err, causes.Retry) {
			t.Errorf("a statement over a dead connection: %v, want one to run again", err)
		}
		_ = soon(t, "the rollback", func() error { tx.Rollback(); return nil })
	})
	works(t, d, w)
	t.Run("commit", func(t *testing.T) {
		tx, err := d.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := insert(tx, "perhaps"); err != nil {
			t.Fatal(err)
		}
		w.freeze()
		if err := soon(t, "the commit", func() error { return tx.Commit(context.Background()) }); !errors.Is(err, causes.Unknown) {
			t.Errorf("a commit over a dead connection: %v, want an unknown outcome", err)
		}
	})
	works(t, d, w)
	_ = soon(t, "closing", d.Close)
}

// works lets new connections through and wants the pool to make some, and the
// caller's own patience to stay the caller's.
func works(t *testing.T, d *postgresDB, w *wire) {
	t.Helper()
	w.thaw()
	err := soon(t, "a read after the thaw", func() error {
		return Do(context.Background(), d, func(tx Tx) error { _, err := tx.Now(context.Background()); return err })
	})
	if err != nil {
		// The connection that was asked may have been one of the dead.
		err = soon(t, "a second read after the thaw", func() error {
			return Do(context.Background(), d, func(tx Tx) error { _, err := tx.Now(context.Background()); return err })
		})
	}
	if err != nil {
		t.Fatalf("after the thaw: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := d.Query(short, "SELECT pg_sleep(0.3)", func(Scan) error { return nil }); errors.Is(err, causes.Retry) || err == nil {
		t.Errorf("a caller who gave up was told %v", err)
	}
}

// TestTheServerLooksForDeadNodes asks a server that is reached over TCP for what
// the connection has set.
func TestTheServerLooksForDeadNodes(t *testing.T) {
	cluster, err := pgtest.Open(pgtest.TCP, pgtest.Fast)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	d, err := OpenPostgres(t.Context(), cluster.Database(t), Config{Causes: causes, Now: time.Now, MaxConns: 2, Migrations: fstest.MapFS{
		"0001_step.sql": &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE note (id text PRIMARY KEY);")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	for name, want := range map[string]string{"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "idle_in_transaction_session_timeout": "20000"} {
		err := d.Query(t.Context(), "SELECT setting FROM pg_settings WHERE name = $1", func(scan Scan) error {
			var is string
			err := scan(&is)
			if is != want {
				t.Errorf("%s is %s, want %s", name, is, want)
			}
			return err
		}, name)
		if err != nil {
			t.Error(err)
		}
	}
}
