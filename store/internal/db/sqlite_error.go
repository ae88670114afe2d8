package db

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// explain wraps an error of SQLite with what it means for the caller.
func (d *sqliteDB) explain(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	c := d.config.Causes
	switch code := e.Code(); {
	case isBusy(err):
		return fmt.Errorf("%w: %w", c.Retry, err)
	case code == codes.SQLITE_CONSTRAINT_PRIMARYKEY, code == codes.SQLITE_CONSTRAINT_UNIQUE, code == codes.SQLITE_CONSTRAINT_ROWID:
		return fmt.Errorf("%w: %w", c.Taken, err)
	case code == codes.SQLITE_CONSTRAINT_DATATYPE, strings.Contains(e.Error(), "integer overflow"):
		// A sum of integers that does not fit becomes a float, which a STRICT table refuses.
		return fmt.Errorf("%w: %w", c.Overflow, err)
	case code&0xff == codes.SQLITE_FULL, code&0xff == codes.SQLITE_IOERR, code&0xff == codes.SQLITE_CANTOPEN:
		// No room, or the disk failed: nothing of the transaction is there, and it goes well when that is mended.
		return fmt.Errorf("%w: %w", c.Retry, err)
	case code&0xff == codes.SQLITE_NOTADB:
		return fmt.Errorf("%w: the file is not a SQLite database: %w", c.Foreign, err)
	}
	return err
}

// isBusy says that another process holds the lock; nothing was written.
func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == codes.SQLITE_BUSY || e.Code()&0xff == codes.SQLITE_LOCKED)
}

// inAutocommit says that there is no transaction to roll back: SQLite has done
// so by itself, as it does after some errors.
func inAutocommit(err error) bool {
	return strings.Contains(err.Error(), "no transaction is active")
}
