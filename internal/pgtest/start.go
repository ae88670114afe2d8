package pgtest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Start starts a stopped or killed server on the data it had and returns when it takes connections.
func (c *Cluster) Start() error {
	server, err := launch(c.command(filepath.Join(c.bin, "postgres"), "-D", c.data()), filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	c.server = server
	if err := c.ready(); err != nil {
		return errors.Join(err, fmt.Errorf("pgtest: the server's log ends:\n%s", tail(filepath.Join(c.dir, "log"))))
	}
	return nil
}

// ready waits until the server answers, which after a crash includes its recovery.
func (c *Cluster) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.server.gone:
			return errors.New("pgtest: the server ended before it took a connection")
		case <-ctx.Done():
			return fmt.Errorf("pgtest: the server does not answer after %v: %w", patience, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop shuts the server down in order: clients are cut off, everything is written.
func (c *Cluster) Stop() error {
	if err := c.server.signal(syscall.SIGINT); err != nil {
		return err
	}
	return c.server.wait()
}

// Kill ends all processes of the server at once with SIGKILL, as a crash does, and returns when they are gone.
// Start then recovers from the write-ahead log. The parent is halted first, so that it cannot start a process
// between the moment when its children are listed and the moment when they are killed.
func (c *Cluster) Kill() error {
	if err := c.server.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := waitHalted(c.server.pid()); err != nil {
		return err
	}
	workers := children(c.server.pid())
	for _, worker := range workers {
		// A worker may have left by itself in the meantime, which is as good.
		_ = syscall.Kill(worker, syscall.SIGKILL)
	}
	if err := c.server.signal(syscall.SIGKILL); err != nil {
		return err
	}
	if err := c.server.wait(); err != nil {
		return err
	}
	return waitGone(workers)
}

// Running says whether the server has not ended by itself or been ended.
func (c *Cluster) Running() bool {
	select {
	case <-c.server.gone:
		return false
	default:
		return true
	}
}
