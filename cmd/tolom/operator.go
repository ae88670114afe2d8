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
	Add operatorAddCmd `cmd:"" help:"Add a member of staff; the password is read from standard input."`
}

// operatorAddCmd adds a member of staff. The first one cannot be added over the
// API, since nobody could sign in yet.
type operatorAddCmd struct {
	DB    string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
	Login string `arg:"" help:"The name to sign in with."`
}

// Run reads the password and writes the operator.
func (c *operatorAddCmd) Run(ctx context.Context, std *stdio) error {
	password, err := bufio.NewReader(std.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	w := world.System()
	o, err := flow.NewRegistry(s, access.New(s, w.Clock), w).AddOperator(ctx, c.Login, strings.TrimRight(password, "\r\n"))
	if errors.Is(err, store.ErrTaken) {
		return fmt.Errorf("there is an operator %q already", c.Login)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "operator %s has the id %s\n", o.Login, o.ID)
	return err
}
