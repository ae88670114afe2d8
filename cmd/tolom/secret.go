package main

import (
	"context"
	"errors"
	"fmt"

	"tolom/access"
	"tolom/store"
	"tolom/world"
)

// keysCmd handles the master keys that secrets in the database are encrypted under.
type keysCmd struct {
	New     keysNewCmd     `cmd:"" help:"Print a new master key, as --master-key-file holds it."`
	Encrypt keysEncryptCmd `cmd:"" help:"Encrypt all secrets in the database under the first master key: those kept plain before there was one, and those under an older one. May be stopped, run again, and run while nodes work."`
}

type keysNewCmd struct{}

// Run prints a key.
func (c *keysNewCmd) Run(std *stdio) error {
	line, err := access.NewMasterKey(world.System().Entropy)
	if err == nil {
		_, err = fmt.Fprint(std.Out, line)
	}
	return err
}

type keysEncryptCmd struct {
	DB string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	master
}

// Run encrypts and says how much there was to do.
func (c *keysEncryptCmd) Run(ctx context.Context, std *stdio) error {
	vault, err := c.vault(world.System())
	if err != nil {
		return err
	}
	if vault == nil {
		return errors.New("give the master keys with --master-key-file or " + masterKeyVariable + ", the one to encrypt with first; `tolom keys new` makes one")
	}
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	done, err := vault.Reseal(ctx, s)
	if err != nil {
		return fmt.Errorf("after %d rows: %w", done.Rows, err)
	}
	_, err = fmt.Fprintf(std.Out, "%d secrets can be read; %d rows were encrypted under the key %s\n", done.Seen, done.Rows, done.Under)
	return err
}
