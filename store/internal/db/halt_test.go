package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"modernc.org/sqlite"
)

// halting is a driver whose process dies (SIGKILL) before one of its calls: the
// process that migrates is then gone at that boundary, with everything before it
// done and nothing after it. With a moment set it dies so long after the call began.
type halting struct {
	after  int64
	moment time.Duration
	calls  atomic.Int64
}

// step is passed at each boundary.
func (h *halting) step() {
	if h.calls.Add(1) != h.after {
		return
	}
	if h.moment > 0 {
		time.AfterFunc(h.moment, die)
		return
	}
	die()
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // nothing is done between the signal and the end
}

type haltingConnector struct {
	driver.Connector
	h *halting
}

func (c haltingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return haltingConn{conn, c.h}, err
}

type haltingDriver struct{ h *halting }

func (d haltingDriver) Open(name string) (driver.Conn, error) {
	conn, err := (&sqlite.Driver{}).Open(name)
	return haltingConn{conn, d.h}, err
}

type haltingConn struct {
	driver.Conn
	h *halting
}

func (c haltingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	c.h.step()
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, text, args)
}

func (c haltingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	c.h.step()
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, text, args)
}

func (c haltingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, text)
}

func (c haltingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.h.step()
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	return haltingTx{tx, c.h}, err
}

func (c haltingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

type haltingTx struct {
	driver.Tx
	h *halting
}

func (x haltingTx) Commit() error {
	x.h.step()
	return x.Tx.Commit()
}

// haltVariable tells the test's own binary to migrate and die: dialect, boundary,
// moment and lease in milliseconds, address.
const haltVariable = "TOLOM_TEST_HALT"

// migrateAndDie is the process that is killed. It ends with 0 when it came to the
// end before the boundary.
func migrateAndDie(what string) int {
	words := strings.SplitN(what, " ", 5)
	number := make([]int64, 3)
	for i := range number {
		number[i], _ = strconv.ParseInt(words[i+1], 10, 64)
	}
	h := &halting{after: number[0], moment: time.Duration(number[1]) * time.Microsecond}
	lease = time.Duration(number[2]) * time.Millisecond
	sql.Register("halting", haltingDriver{h})
	sqliteDriver = "halting"
	postgresDriver = func(c driver.Connector) driver.Connector { return haltingConnector{c, h} }
	d, err := dialects[words[0]].open(context.Background(), words[4])
	if err == nil {
		err = d.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
