package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tolom/access"
	"tolom/invariant"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

// The ends of the names of the two logs, after the provider's: what happened to money, and what people did.
const (
	factsLog = "/facts"
	deedsLog = "/deeds"
)

// auditVerifyCmd computes both logs again.
type auditVerifyCmd struct {
	DB         string   `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	Checkpoint []string `type:"existingfile" help:"Checkpoint that was kept outside, as \"tolom audit checkpoint\" prints it; shows whether the log was cut off. May be given again."`
	Key        []string `type:"existingfile" help:"Public keys of the platform that were kept outside: JWKS or PEM. Without, the keys in the database are believed."`
	master
}

// Run prints what is wrong, the first changed line first, and fails if anything is.
func (c *auditVerifyCmd) Run(ctx context.Context, std *stdio) error {
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	o, err := c.options(ctx, s, std)
	if err != nil {
		return err
	}
	var broken []error
	for _, log := range []struct {
		name, end string
		check     func(context.Context, store.Auditor, invariant.TrailOptions) (invariant.TrailReport, error)
	}{{"facts", factsLog, invariant.CheckTrail}, {"deeds", deedsLog, invariant.CheckDeeds}} {
		passed := world.Stopwatch()
		report, err := log.check(ctx, s, keptOf(o, log.end))
		if err != nil {
			return err
		}
		for _, p := range report.Problems {
			fmt.Fprintln(std.Out, p)
		}
		fmt.Fprintf(std.Out, "%d lines, %d checkpoints; %d lines came after the newest (%v)\n", report.Lines, report.Checkpoints, report.Unsealed, passed().Round(time.Millisecond))
		if !report.Sound() {
			broken = append(broken, fmt.Errorf("the log of %s is not as it was sealed", log.name))
			continue
		}
		fmt.Fprintf(std.Out, "the log of %s is as it was sealed\n", log.name)
	}
	if len(c.Checkpoint) == 0 {
		fmt.Fprintln(std.Out, "note: only a --checkpoint that was kept outside the database, of each log, shows whether lines were cut off its end together with their checkpoints")
	}
	return errors.Join(broken...)
}

// keptOf leaves the checkpoints of one log. Those that are of neither are held against the facts, where they fail.
func keptOf(o invariant.TrailOptions, end string) invariant.TrailOptions {
	var kept []trail.Checkpoint
	for _, k := range o.Kept {
		if strings.HasSuffix(k.Origin, deedsLog) == (end == deedsLog) {
			kept = append(kept, k)
		}
	}
	o.Kept = kept
	return o
}

// logOf chooses between the two logs.
type logOf struct {
	Deeds bool `help:"Of the log of what people did, in place of the log of facts."`
}

func (l logOf) of(s store.Store) store.Trail {
	if l.Deeds {
		return s.Deeds()
	}
	return s
}

func (c *auditVerifyCmd) options(ctx context.Context, desk store.Desk, std *stdio) (o invariant.TrailOptions, err error) {
	if o.Keys, err = readPublic(c.Key); err == nil && len(c.Key) == 0 {
		var vault *access.Vault
		if vault, err = c.vault(world.System()); err == nil {
			o.Keys, err = storedPublic(ctx, vault.Locked(desk))
		}
	}
	if err != nil {
		return o, err
	}
	for _, path := range c.Checkpoint {
		kept, err := readCheckpoint(path, std, o.Keys)
		if err != nil {
			return o, err
		}
		o.Kept = append(o.Kept, kept)
	}
	return o, nil
}

// auditCheckpointCmd prints the newest checkpoint.
type auditCheckpointCmd struct {
	DB string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	logOf
}

// Run prints it as it was signed.
func (c *auditCheckpointCmd) Run(ctx context.Context, std *stdio) error {
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	last, err := c.of(s).Checkpoint(ctx, 0)
	if errors.Is(err, store.ErrNotFound) {
		return errors.New("nothing was sealed yet: a running platform signs a checkpoint within ten seconds after the first line")
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(std.Out, last.Text)
	return err
}
