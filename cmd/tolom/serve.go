package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"

	"tolom/id"
	"tolom/web"
)

// serveCmd runs the platform.
type serveCmd struct {
	settings
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	log := newLog(c.settings, std.Err)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	a, err := newApp(ctx, c.at(listener.Addr()), log)
	if err != nil {
		return err
	}
	if listener, err = a.settings.encrypted(a.settings.limited(listener), log); err != nil {
		return errors.Join(err, a.store.Close())
	}
	log.Info("serving", "address", listener.Addr().String(), "base_url", a.settings.BaseURL, "mode", a.settings.Mode)
	defer log.Info("stopped")
	handler, err := a.handler(web.Config{})
	if err != nil {
		return err
	}
	return a.run(ctx, listener, handler)
}

func newLog(s settings, to io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, o))
	}
	return slog.New(slog.NewTextHandler(to, o))
}

// subscribe gives a page hints that something happened to a request. They end
// when the server closes, so that open pages do not hold it up.
func (a *app) subscribe(request id.ID) (<-chan struct{}, func()) {
	s := a.telling.Hub.Subscribe(request)
	return s.C, s.Close
}
