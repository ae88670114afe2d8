package main

import (
	"context"
	"fmt"
	"time"

	"tolom/archive"
	"tolom/store"
	"tolom/world"
)

// backupCmd copies a live database into a file.
type backupCmd struct {
	DB string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	To string `name:"to" required:"" help:"File to make; one that is there is not replaced."`
}

// Run makes the backup and prints its digest.
func (c *backupCmd) Run(ctx context.Context, std *stdio) error {
	s, copier, err := openCopier(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	passed := world.Stopwatch()
	made, err := archive.Backup(ctx, copier, c.To, world.System().Clock.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "%s: %d rows of %d tables, %d bytes, schema %d (%v)\nsha256 of its lines: %s\n",
		c.To, made.All(), len(made.Rows), made.Bytes, made.Schema, passed().Round(time.Millisecond), made.Digest)
	return err
}

// restoreCmd makes a database from a backup.
type restoreCmd struct {
	From string `name:"from" required:"" help:"Backup to read."`
	DB   string `name:"db" env:"TOLOM_DB" required:"" help:"Empty database to fill: sqlite:PATH or postgres://…"`
}

// Run checks the whole file, then fills the database, all or nothing.
func (c *restoreCmd) Run(ctx context.Context, std *stdio) error {
	s, copier, err := openCopier(ctx, c.DB, store.Options{MaxConns: 2, Migrate: true})
	if err != nil {
		return err
	}
	defer s.Close()
	passed := world.Stopwatch()
	made, err := archive.Restore(ctx, copier, c.From)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "%d rows of %d tables as of %s, schema %d (%v)\nnow run: tolom audit --db … and tolom audit verify --db …\n",
		made.All(), len(made.Rows), made.MadeAt.Format(time.RFC3339), made.Schema, passed().Round(time.Millisecond))
	return err
}

// openCopier opens a database that can be copied.
func openCopier(ctx context.Context, dsn string, o store.Options) (store.Store, store.Copier, error) {
	s, err := store.Open(ctx, dsn, o)
	if err != nil {
		return nil, nil, err
	}
	copier, ok := s.(store.Copier)
	if !ok {
		_ = s.Close()
		return nil, nil, fmt.Errorf("the database %T cannot be copied", s)
	}
	return s, copier, nil
}
