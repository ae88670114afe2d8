package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tolom/access"
	"tolom/flow"
	"tolom/store"
	"tolom/world"
)

// operatorCmd gives staff of the centre access to the operator API.
type operatorCmd struct {
	Add      operatorAddCmd      `cmd:"" help:"Add a member of staff; the password is read from standard input."`
	Password operatorPasswordCmd `cmd:"" help:"Give a member of staff another password, read from standard input, and take the second factor away."`
}

// operatorAddCmd adds a member of staff. The first one cannot be added over the
// API, since nobody could sign in yet.
type operatorAddCmd struct {
	DB    string   `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	Role  []string `enum:"operator,approver,auditor" default:"operator" help:"operator, approver or auditor; several with commas between."`
	Login string   `arg:"" help:"The name to sign in with."`
}

// Run reads the password and writes the operator.
func (c *operatorAddCmd) Run(ctx context.Context, std *stdio) error {
	return withStaff(ctx, std, c.DB, func(r *flow.Registry, password string) error {
		var roles []access.Role
		for _, role := range c.Role {
			roles = append(roles, access.Role(role))
		}
		o, err := r.AddOperator(ctx, c.Login, password, roles...)
		if errors.Is(err, store.ErrTaken) {
			return fmt.Errorf("there is an operator %q already", c.Login)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.Out, "operator %s has the id %s\n", o.Login, o.ID)
		return err
	})
}

// operatorPasswordCmd lets somebody in again who has lost both factors: whoever can reach the database could anyway.
type operatorPasswordCmd struct {
	DB    string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	Login string `arg:"" help:"The name to sign in with."`
}

// Run reads the password, and ends all that the person could sign in with before.
func (c *operatorPasswordCmd) Run(ctx context.Context, std *stdio) error {
	return withStaff(ctx, std, c.DB, func(r *flow.Registry, password string) error {
		if err := r.ResetPerson(ctx, c.Login, password); err != nil {
			return err
		}
		_, err := fmt.Fprintf(std.Out, "%s signs in with the new password alone now, and sets up a second factor again\n", c.Login)
		return err
	})
}

// withStaff reads a password from standard input and opens the people of a database.
func withStaff(ctx context.Context, std *stdio, db string, do func(r *flow.Registry, password string) error) error {
	password, err := bufio.NewReader(std.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	s, err := store.Open(ctx, db, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	w := world.System()
	return do(flow.NewRegistry(s, access.New(s, w.Clock), w), strings.TrimRight(password, "\r\n"))
}
