package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// passing are the codes of SQLSTATE for what goes well when it is run again.
var passing = map[string]bool{
	"40001": true, // serialization failure
	"40P01": true, // deadlock
	"55P03": true, // lock not available in time
	"25P03": true, // idle in transaction for too long
	"53300": true, // too many connections
	"53100": true, // no space on the server's disk
	"58030": true, // the server's disk failed
	"25006": true, // the server only reads: it was a primary before, or is none yet
	"57P01": true, // the server is told to shut down
	"57P02": true, // another process of the server crashed
	"57P03": true, // the server is starting
	"57P05": true, // idle for too long
}

const (
	uniqueViolation = "23505"
	outOfRange      = "22003"
	connectionClass = "08"
)

// explain wraps an error from before the commit with what it means for the
// caller. Without a commit sent, a lost connection means that nothing was written.
func (d *postgresDB) explain(err error) error {
	if err == nil {
		return nil
	}
	c := d.config.Causes
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case passing[e.Code], strings.HasPrefix(e.Code, connectionClass):
			return fmt.Errorf("%w: %w", c.Retry, err)
		case e.Code == uniqueViolation:
			return fmt.Errorf("%w: %w", c.Taken, err)
		case e.Code == outOfRange:
			return fmt.Errorf("%w: %w", c.Overflow, err)
		}
		return err
	}
	if lost(err) {
		return fmt.Errorf("%w: %w", c.Retry, err)
	}
	return err
}

// explainCommit wraps an error of a commit. Only the server's own word that it
// did not commit is believed; a server that goes away may have committed before.
func (d *postgresDB) explainCommit(err error) error {
	if err == nil {
		return nil
	}
	c := d.config.Causes
	var e *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return fmt.Errorf("%w: %w", c.Retry, err)
	case !errors.As(err, &e), strings.HasPrefix(e.Code, "57"), strings.HasPrefix(e.Code, connectionClass):
		return fmt.Errorf("%w: %w", c.Unknown, err)
	}
	return d.explain(err)
}

// lost says that the connection broke or could not be made, and not because the
// caller gave up.
func lost(err error) bool {
	if errors.Is(err, errSilent) {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed")
}
