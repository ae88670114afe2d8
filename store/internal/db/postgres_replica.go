package db

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// With synchronous replication a commit is acknowledged when a standby has it too,
// so that a failover loses nothing that was acknowledged. There are two ways in
// which a server shows what it has committed although the standby never got it, and
// whoever believes it tells a success that a failover can lose.
//
// One is a crash: what was committed and waited for the standby is there after the
// recovery, to be read and to be settled. So a connection is not used before a
// commit through it has been acknowledged: that commit comes after everything that
// the server shows, and when the standby has it, it has all of that. A crash cuts
// all connections, hence once a connection is enough.
//
// The other is a wait that an operator cancels: the server then commits with no
// more than a warning. Such a commit counts as unknown, and is settled by a commit
// that has to wait again.

// emit is a commit that writes nothing but a word into the log, and nothing at all
// on a server that only reads.
const emit = "SELECT CASE WHEN current_setting('transaction_read_only') = 'off' THEN pg_logical_emit_message(true, 'tolom', '')::text END"

const (
	undefinedFunction   = "42883"
	featureNotSupported = "0A000"
	warning             = "01000"
)

// believeReplicated has every connection of the pool wait for the standby first and
// remember warnings.
func believeReplicated(settings *pgxpool.Config) {
	before := settings.AfterConnect
	settings.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if before != nil {
			if err := before(ctx, conn); err != nil {
				return err
			}
		}
		return replicated(ctx, conn.PgConn())
	}
	settings.ConnConfig.OnNotice = func(conn *pgconn.PgConn, n *pgconn.Notice) {
		if n.Code == warning {
			conn.CustomData()[warning] = n.Message
		}
	}
}

// replicatedWithin is how long a new connection may wait for the standby. It is long,
// because a wait that is cut goes on at the server, and each new one takes another of its
// connections; and it ends, because the way to the server may have gone meanwhile.
const replicatedWithin = time.Minute

// replicated waits until everything that the server shows is acknowledged.
func replicated(ctx context.Context, conn *pgconn.PgConn) error {
	cut := time.AfterFunc(replicatedWithin, func() { _ = conn.Conn().Close() })
	defer cut.Stop()
	_, err := conn.Exec(context.WithoutCancel(ctx), emit).ReadAll()
	var e *pgconn.PgError
	if errors.As(err, &e) && (e.Code == undefinedFunction || e.Code == featureNotSupported) {
		return nil // not PostgreSQL itself, but a database that speaks as it does and replicates in its own way
	}
	if err == nil {
		err = warned(conn)
	}
	return err
}

// errAlone says that a commit is there and that no standby may have it.
var errAlone = errors.New("db: the server stopped waiting for its standby")

// warned gives the warning that came with the last commit of a connection, once.
func warned(conn *pgconn.PgConn) error {
	message, is := conn.CustomData()[warning].(string)
	if !is {
		return nil
	}
	delete(conn.CustomData(), warning)
	return errors.Join(errAlone, errors.New(message))
}
