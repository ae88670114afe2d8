package main

import (
	"context"
	"fmt"

	"tolom/archive"
	"tolom/store"
	"tolom/world"
)

// archiveCmd keeps what happened in closed months in files.
type archiveCmd struct {
	Make   archiveMakeCmd   `cmd:"" help:"Write the archive of a month that is over."`
	List   archiveListCmd   `cmd:"" help:"List the archives of a folder."`
	Show   archiveShowCmd   `cmd:"" help:"Say what an archive holds."`
	Verify archiveVerifyCmd `cmd:"" help:"Hold archives against themselves, each other and the signed log."`
}

type archiveMakeCmd struct {
	DB    string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	Month string `required:"" help:"Month in Bishkek, such as 2026-10."`
	To    string `name:"to" required:"" type:"existingdir" help:"Folder of archives; the new one begins where the last one there ends."`
}

// Run writes the archive and says what is in it.
func (c *archiveMakeCmd) Run(ctx context.Context, std *stdio) error {
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	path, made, err := archive.MakeMonth(ctx, s, c.To, c.Month, world.System().Clock.Now())
	if err != nil {
		return err
	}
	return tellMonth(std, path, made)
}

// tellMonth says in a line what an archive holds.
func tellMonth(std *stdio, path string, m archive.Month) error {
	_, err := fmt.Fprintf(std.Out, "%s: %s, positions %d to %d, %d entries, %d payments of %s, %d refunds of %s, sha256 of its lines %s\n",
		path, m.Month, m.From+1, m.To, m.Entries, m.Payments, m.Paid, m.Refunds, m.Refunded, m.Digest)
	return err
}

type archiveListCmd struct {
	Folder string `arg:"" type:"existingdir" help:"Folder of archives."`
}

// Run reads each archive and tells of it.
func (c *archiveListCmd) Run(std *stdio) error {
	all, err := archive.Months(c.Folder)
	for _, path := range all {
		if err := (&archiveShowCmd{File: path}).Run(std); err != nil {
			return err
		}
	}
	return err
}

type archiveShowCmd struct {
	File string `arg:"" type:"existingfile" help:"Archive of a month."`
}

// Run reads an archive and tells of it.
func (c *archiveShowCmd) Run(std *stdio) error {
	m, err := archive.ReadMonth(c.File, nil)
	if err != nil {
		return err
	}
	return tellMonth(std, c.File, m)
}

type archiveVerifyCmd struct {
	Folder string   `arg:"" type:"existingdir" help:"Folder of archives."`
	Key    []string `required:"" type:"existingfile" help:"Public keys of the platform, retired ones too: JWKS or PEM."`
}

// Run holds every archive against the log, and against the one before it.
func (c *archiveVerifyCmd) Run(std *stdio) error {
	keys, err := readPublic(c.Key)
	if err != nil {
		return err
	}
	all, err := archive.Months(c.Folder)
	if err != nil {
		return err
	}
	var before archive.Month
	for _, path := range all {
		m, err := archive.ReadMonth(path, keys)
		if err != nil {
			return err
		}
		if m.From != before.To || m.Previous != before.Digest {
			return fmt.Errorf("%s: it does not follow the archive before it, which ends at %d", path, before.To)
		}
		if _, err := fmt.Fprintf(std.Out, "%s: as it was sealed, by checkpoint %d over %d lines\n", path, m.Sealed.Number, m.Sealed.Size); err != nil {
			return err
		}
		before = m
	}
	_, err = fmt.Fprintf(std.Out, "%d archives, each follows the one before\n", len(all))
	return err
}
