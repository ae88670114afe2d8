package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// Cluster is a PostgreSQL server of our own in a temporary folder. It can be stopped, killed and started again
// on the same data, which is what tests of crashes need. Its methods are not for concurrent use.
type Cluster struct {
	dir   string
	bin   string
	port  int
	tcp   bool
	owner *syscall.Credential

	server  *process
	watcher *exec.Cmd
	leash   io.Closer
}

// Open creates a cluster and starts it. Close it, or let the process end: a watcher outside the process stops
// the server and removes its folder even if the tests are killed.
func Open(options ...Option) (*Cluster, error) {
	settings := config{values: map[string]string{}}
	for _, option := range options {
		option(&settings)
	}
	c, err := prepare(settings.folder)
	if err != nil {
		return nil, err
	}
	if err := c.create(settings); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.Start(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// prepare finds the programs and makes a folder that the server's owner may write to, in the given one or where
// temporary files go.
func prepare(in string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	owner, err := owner()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(in, "tolom-pg-")
	if err != nil {
		return nil, err
	}
	if owner != nil {
		if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	return &Cluster{dir: dir, bin: bin, port: 5432, owner: owner}, nil
}

// create runs initdb and writes the settings. initdb's own sync is left out: the folder is new, and what
// matters is that the server syncs what tests write.
func (c *Cluster) create(settings config) error {
	args := []string{"--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--pgdata=" + c.data()}
	if settings.folder != "" {
		args = append(args, "--wal-segsize=1")
	}
	if err := c.run("initdb", args...); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"listen_addresses":        "''",
		"unix_socket_directories": "'" + c.dir + "'",
		"max_connections":         "200",
		"max_wal_size":            "'256MB'",
		"timezone":                "'UTC'",
	} {
		if _, set := settings.values[name]; !set {
			settings.values[name] = value
		}
	}
	if settings.tcp {
		var err error
		if c.port, err = freePort(); err != nil {
			return err
		}
		c.tcp = true
		settings.values["listen_addresses"] = "'127.0.0.1'"
	}
	settings.values["port"] = strconv.Itoa(c.port)
	return appendFile(filepath.Join(c.data(), "postgresql.conf"), settings.text())
}

// watch starts the process that ends the server when this one ends, however it ends: the shell waits for the
// closing of a pipe that only this process holds.
func (c *Cluster) watch() error {
	const script = `cat >/dev/null; "$1/pg_ctl" stop --pgdata="$2/data" --mode=immediate --wait >/dev/null 2>&1; rm -rf "$2"`
	watcher := c.command("/bin/sh", "-c", script, "pgtest-watcher", c.bin, c.dir)
	watcher.Dir = "/"
	leash, err := watcher.StdinPipe()
	if err != nil {
		return err
	}
	if err := watcher.Start(); err != nil {
		return fmt.Errorf("pgtest: start the watcher: %w", err)
	}
	c.watcher, c.leash = watcher, leash
	return nil
}

// Close stops the server and removes everything it wrote. It works in every state, killed included.
func (c *Cluster) Close() error {
	if err := c.leash.Close(); err != nil {
		return err
	}
	if err := c.watcher.Wait(); err != nil {
		return fmt.Errorf("pgtest: the watcher did not clean %s up: %w", c.dir, err)
	}
	if c.server == nil {
		return nil
	}
	return c.server.wait()
}

// DSN is the address of a database of this cluster, in the form postgres://….
func (c *Cluster) DSN(database string) string {
	address := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database}
	if c.tcp {
		address.Host = "127.0.0.1:" + strconv.Itoa(c.port)
		address.RawQuery = "sslmode=disable"
		return address.String()
	}
	query := url.Values{"host": {c.dir}, "port": {strconv.Itoa(c.port)}}
	address.RawQuery = query.Encode()
	return address.String()
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }
