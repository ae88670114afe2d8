package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby creates and starts a server that follows this one and can take its place. It has the settings of this
// one, so this one must have been opened with TCP. Replication is asynchronous until this one is told to Require it.
func (c *Cluster) Standby() (*Cluster, error) {
	if !c.tcp {
		return nil, errors.New("pgtest: a server with a standby must be opened with TCP")
	}
	s, err := prepare("")
	if err != nil {
		return nil, err
	}
	s.tcp = true
	if s.port, err = freePort(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.Follow(c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Follow makes a server that does not run a standby of another: whatever it had is replaced by a copy, and it starts.
func (c *Cluster) Follow(primary *Cluster) error {
	if err := os.RemoveAll(c.data()); err != nil {
		return err
	}
	err := c.run("pg_basebackup", "--pgdata="+c.data(), "--dbname="+primary.DSN("postgres"), "--checkpoint=fast", "--wal-method=stream", "--no-sync")
	if err != nil {
		return err
	}
	// What was set while the other ran is not for this one; above all it must not wait for a standby of its own.
	if err := os.Truncate(filepath.Join(c.data(), "postgresql.auto.conf"), 0); err != nil {
		return err
	}
	own := config{values: map[string]string{
		"unix_socket_directories":      "'" + c.dir + "'",
		"port":                         fmt.Sprint(c.port),
		"primary_conninfo":             fmt.Sprintf("'host=127.0.0.1 port=%d user=postgres application_name=standby'", primary.port),
		"wal_retrieve_retry_interval":  "'100ms'",
		"wal_receiver_status_interval": "'1s'",
	}}
	if err := appendFile(filepath.Join(c.data(), "postgresql.conf"), own.text()); err != nil {
		return err
	}
	if err := c.own(filepath.Join(c.data(), "standby.signal")); err != nil {
		return err
	}
	return c.Start()
}

// own makes an empty file that belongs to the server's owner.
func (c *Cluster) own(path string) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	if c.owner == nil {
		return nil
	}
	return os.Chown(path, int(c.owner.Uid), int(c.owner.Gid))
}

// Promote makes a standby a primary and returns when it takes writes.
func (c *Cluster) Promote() error {
	return c.ask(func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_promote(wait => false)"); err != nil {
			return err
		}
		return until(ctx, conn, "SELECT NOT pg_is_in_recovery()")
	})
}

// Require says whether a commit waits until a standby has it on disk: at once on a primary, from its promotion on a
// standby.
func (c *Cluster) Require(standby bool) error {
	names := ""
	if standby {
		names = "*"
	}
	return c.ask(func(ctx context.Context, conn *pgx.Conn) error {
		for _, statement := range []string{"ALTER SYSTEM SET synchronous_standby_names = '" + names + "'", "SELECT pg_reload_conf()"} {
			if _, err := conn.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// Synchronous requires a standby and returns when one has everything that was committed before, so that nothing is
// left that only this server has.
func (c *Cluster) Synchronous() error {
	if err := c.Require(true); err != nil {
		return err
	}
	return c.ask(func(ctx context.Context, conn *pgx.Conn) error {
		var now string
		if err := conn.QueryRow(ctx, "SELECT pg_current_wal_lsn()::text").Scan(&now); err != nil {
			return err
		}
		return until(ctx, conn, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '"+now+"')")
	})
}

// until asks a question until the answer is yes.
func until(ctx context.Context, conn *pgx.Conn, question string) error {
	for {
		var yes bool
		if err := conn.QueryRow(ctx, question).Scan(&yes); err != nil || yes {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: it never became so: %s: %w", question, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ask talks to this server on a connection of its own.
func (c *Cluster) ask(do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return do(ctx, conn)
}

// EitherDSN is the address of a database on whichever of the servers takes writes.
func EitherDSN(database string, servers ...*Cluster) string {
	hosts := make([]string, len(servers))
	for i, c := range servers {
		hosts[i] = fmt.Sprintf("127.0.0.1:%d", c.port)
	}
	address := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: strings.Join(hosts, ","), Path: "/" + database}
	address.RawQuery = "sslmode=disable&target_session_attrs=read-write"
	return address.String()
}

// Printed is what the server has logged so far, over all its starts.
func (c *Cluster) Printed() (string, error) {
	text, err := os.ReadFile(filepath.Join(c.dir, "log"))
	return string(text), err
}
