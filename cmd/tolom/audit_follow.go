package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tolom/access"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/world"
)

// logAt is a published log, and the keys that it is believed by.
type logAt struct {
	Log   string   `required:"" help:"The published log: the platform's address, or a folder that \"tolom audit copy\" made."`
	Key   []string `required:"" type:"existingfile" help:"Public keys of the platform: JWKS, as under /.well-known/jwks.json, or PEM. May be given again."`
	Deeds bool     `help:"Of the log of what people did, in place of the log of facts."`
}

// newest opens the log and its newest checkpoint.
func (l logAt) newest(ctx context.Context) (log published, text string, c trail.Checkpoint, keys []seal.PublicKey, err error) {
	if keys, err = readPublic(l.Key); err != nil {
		return log, "", c, nil, err
	}
	log = openPublished(l.Log, l.Deeds)
	text, c, err = log.newest(ctx, keys)
	return log, text, c, keys, err
}

// auditFollowCmd is what anybody runs now and then, who does not want to take the platform's word for its log.
type auditFollowCmd struct {
	logAt
	Since []string `required:"" type:"existingfile" help:"Checkpoint that was kept, as \"tolom audit checkpoint\" or PLATFORM/log/checkpoint gives it. May be given again."`
	Keep  bool     `help:"Put the newest checkpoint into the file of --since when the log only grew, to go on from there."`
}

// Run says that the log begins with all lines of the checkpoints that were kept, or which of them it does not begin with.
func (c *auditFollowCmd) Run(ctx context.Context, std *stdio) error {
	log, text, newest, keys, err := c.newest(ctx)
	if err != nil {
		return err
	}
	for _, path := range c.Since {
		kept, err := readCheckpoint(path, std, keys)
		if err == nil {
			err = trail.Follows(newest, kept, log.tiles(ctx, newest.Size))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		fmt.Fprintf(std.Out, "%s: the log only grew, from %d lines (checkpoint %d of %s) to %d (checkpoint %d of %s)\n",
			path, kept.Size, kept.Number, kept.At.Format(moment), newest.Size, newest.Number, newest.At.Format(moment))
	}
	if c.Keep {
		for _, path := range c.Since {
			if err := keep(path, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// moment is how these commands write times.
const moment = "2006-01-02T15:04:05.000Z"

// auditCopyCmd makes a copy of a published log, with which proofs are made and checked without the platform.
type auditCopyCmd struct {
	logAt
	To string `required:"" type:"path" help:"Folder of the copy; made when it is missing. A copy that is there is brought up to date, if the log only grew since."`
}

// Run copies the tiles that are missing, then the checkpoint. It refuses a log that does not begin with the copy.
func (c *auditCopyCmd) Run(ctx context.Context, std *stdio) error {
	log, text, newest, keys, err := c.newest(ctx)
	if err != nil {
		return err
	}
	copied := published{root: c.To}
	switch _, before, err := copied.newest(ctx, keys); {
	case errors.Is(err, errAbsent):
	case err != nil:
		return err
	default:
		if err := trail.Follows(newest, before, log.tiles(ctx, newest.Size)); err != nil {
			return fmt.Errorf("not copied, the log does not go on from the copy: %w", err)
		}
	}
	n, err := copyTiles(ctx, log, copied, newest.Size)
	if err != nil {
		return err
	}
	if err := trail.Sound(newest, copied.tiles(ctx, newest.Size)); err != nil {
		return fmt.Errorf("not copied: %w", err)
	}
	if err := put(c.To, trail.CheckpointName, []byte(text)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "%s: %d lines under checkpoint %d, %d tiles copied\n", c.To, newest.Size, newest.Number, n)
	return err
}

// copyTiles copies the tiles of a log of so many lines that the copy does not have.
func copyTiles(ctx context.Context, from, to published, size int64) (n int, err error) {
	for _, last := range trail.Edge(size) {
		for number := range last.Number + 1 {
			name := trail.Name{Level: last.Level, Number: number}
			path := trail.Path(name, name.WidthIn(size))
			if _, err := to.file(ctx, path); err == nil {
				continue
			}
			tile, err := from.file(ctx, path)
			if err != nil {
				return n, err
			}
			if err := put(to.root, path, tile); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// put writes a file of a copy, whole or not at all.
func put(root, name string, text []byte) error {
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return keep(path, string(text))
}

// keep replaces a file at one go.
func keep(path, text string) error {
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// auditWitnessCmd is what a witness runs: anywhere, over the published log, or beside the database.
type auditWitnessCmd struct {
	DB    string   `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database to read the hashes from: sqlite:PATH or postgres://…"`
	Log   string   `help:"The published log, in place of the database: the platform's address, or a folder that \"tolom audit copy\" made."`
	Name  string   `required:"" help:"Name of the witness, such as witness.example.kg."`
	Sign  string   `required:"" type:"existingfile" help:"The witness's private key: PEM, Ed25519."`
	Key   []string `required:"" type:"existingfile" help:"Public keys of the platform: JWKS or PEM."`
	State string   `required:"" help:"File in which the witness keeps the checkpoint that it signed last; made when it is missing. Each log needs its own."`
	logOf
}

// Run signs the newest checkpoint, keeps it, and prints it with the witness's signature. It refuses a log that did not
// just grow.
func (c *auditWitnessCmd) Run(ctx context.Context, std *stdio) error {
	private, keys, err := c.keys()
	if err != nil {
		return err
	}
	last, tile, done, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("no checkpoint to sign: %w", err)
	}
	defer done()
	next, err := trail.Open(last, keys)
	if err != nil {
		return err
	}
	if err := c.follows(next, keys, tile(next.Size)); err != nil {
		return fmt.Errorf("not signed: %w", err)
	}
	text, err := trail.Cosign(last, c.Name, private, world.System().Clock.Now())
	if err != nil {
		return err
	}
	if err := keep(c.State, text); err != nil {
		return err
	}
	_, err = fmt.Fprint(std.Out, text)
	return err
}

// tileReader reads the hashes of a log with so many lines.
type tileReader = func(size int64) func(trail.Name) (trail.Tile, error)

// open gives the newest checkpoint as it was signed, and the hashes, from the published log or the database.
func (c *auditWitnessCmd) open(ctx context.Context) (newest string, tile tileReader, done func(), err error) {
	if c.Log != "" {
		log := openPublished(c.Log, c.Deeds)
		text, err := log.file(ctx, trail.CheckpointName)
		return string(text), func(size int64) func(trail.Name) (trail.Tile, error) { return log.tiles(ctx, size) }, func() {}, err
	}
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return "", nil, nil, err
	}
	last, err := c.of(s).Checkpoint(ctx, 0)
	if err != nil {
		return "", nil, nil, errors.Join(err, s.Close())
	}
	return last.Text, func(int64) func(trail.Name) (trail.Tile, error) {
		return func(n trail.Name) (trail.Tile, error) { return store.OneTile(ctx, c.of(s), n) }
	}, func() { _ = s.Close() }, nil // Nothing was written.
}

func (c *auditWitnessCmd) keys() (seal.PrivateKey, []seal.PublicKey, error) {
	text, err := os.ReadFile(c.Sign)
	if err != nil {
		return seal.PrivateKey{}, nil, err
	}
	private, err := access.OpenKeys(text)
	if err != nil {
		return seal.PrivateKey{}, nil, fmt.Errorf("--sign %s: %w", c.Sign, err)
	}
	keys, err := readPublic(c.Key)
	return private[0], keys, err
}

// follows says whether the log begins with all lines of the one that the witness signed before.
func (c *auditWitnessCmd) follows(next trail.Checkpoint, keys []seal.PublicKey, tile func(trail.Name) (trail.Tile, error)) error {
	text, err := os.ReadFile(c.State)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	before, err := trail.Open(string(text), keys)
	if err != nil {
		return fmt.Errorf("--state %s: %w", c.State, err)
	}
	return trail.Follows(next, before, tile)
}
