package main

import (
	"context"
	"fmt"

	"tolom/store"
)

// migrateCmd brings a database to the schema of this binary.
type migrateCmd struct {
	DB string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
}

// Run migrates and says to which version.
func (c *migrateCmd) Run(ctx context.Context, std *stdio) error {
	if err := store.Migrate(ctx, c.DB); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.Out, "the schema is at version %d\n", store.Version)
	return err
}
