package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tolom/api"
	"tolom/client"
	"tolom/id"
	"tolom/sandbox"
	"tolom/web"
	"tolom/world"
)

// demoCmd runs the whole thing in one process.
type demoCmd struct {
	Listen   string `env:"TOLOM_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	Data     string `env:"TOLOM_DATA" default:"demo-data" type:"path" help:"Folder of the database, the bank's books and demo.json; kept over restarts."`
	LogLevel string `name:"log-level" env:"TOLOM_LOG_LEVEL" enum:"debug,info,warn,error" default:"warn" help:"debug, info, warn or error."`
}

// phonePath is where the simulated bank's app is mounted.
const phonePath = "/phone"

// Run fills the database on the first start, opens the bank, and serves both
// until it is interrupted.
func (c *demoCmd) Run(ctx context.Context, std *stdio) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	s := settings{
		DB: "sqlite:" + filepath.Join(c.Data, "tolom.db"), Listen: c.Listen, Provider: vars["provider"], MaxBatch: 256, MaxConns: 8,
		PrivateWebhooks: true, LogFormat: "text", LogLevel: c.LogLevel, StopSeconds: 5,
	}
	if err := s.check(); err != nil {
		return err
	}
	s.filing = demoFiling(c.Data)
	var err error
	if s.master, err = demoMaster(c.Data, world.System()); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%w; give another address with --listen", err)
	}
	a, err := newApp(ctx, s.at(listener.Addr()), newLog(s, std.Err))
	if err != nil {
		return err
	}
	k, err := c.keys(ctx, a)
	if err != nil {
		return err
	}
	return c.run(ctx, a, k, listener, std.Out)
}

// keys gives the keys of an earlier start if they still work, or seeds.
func (c *demoCmd) keys(ctx context.Context, a *app) (keys, error) {
	k, err := readKeys(c.Data)
	if err != nil {
		return k, err
	}
	if _, err := a.gate.Merchant(ctx, k.MerchantKey); err != nil {
		if k, err = seed(ctx, a.registry, a.world); err != nil {
			return k, err
		}
	}
	if k.PSPSigning.KeyID == "" { // It was seeded before PSPs signed.
		if k.PSPSigning, err = seedSigning(ctx, a.registry, a.world, id.ID(k.PSPID)); err != nil {
			return k, err
		}
	}
	if len(k.People) == 0 { // It was seeded before people signed in.
		if k.People, err = seedPeople(ctx, a.registry, a.world, id.ID(k.MerchantID)); err != nil {
			return k, err
		}
	}
	k.BaseURL = a.settings.BaseURL
	k.PSPSigning.PlatformKeys = k.BaseURL + api.KeysPath
	return k, k.write(c.Data)
}

// run joins the bank's phone to the platform's pages.
func (c *demoCmd) run(ctx context.Context, a *app, k keys, listener net.Listener, out io.Writer) error {
	journal, err := sandbox.OpenFile(filepath.Join(c.Data, "bank.jsonl"))
	if err != nil {
		return err
	}
	defer journal.Close()
	faults := sandbox.NewFaults(http.DefaultTransport)
	signs, err := client.ReadSigningKey(k.PSPSigning.KeyID, []byte(k.PSPSigning.PrivateKey))
	if err != nil {
		return fmt.Errorf("psp_signing in %s: %w", filepath.Join(c.Data, "demo.json"), err)
	}
	psp := client.New(a.settings.BaseURL, "", client.WithHTTP(&http.Client{Transport: faults, Timeout: 10 * time.Second}),
		client.WithKeysHTTP(&http.Client{Timeout: 5 * time.Second}), client.WithSigningKey(signs)).PSP()
	bank, err := sandbox.New(sandbox.Config{PSP: psp, Journal: journal, Payers: sandbox.DemoPayers(), Path: phonePath, Faults: faults, Log: a.log, ReconcileEvery: 10 * time.Minute})
	if err != nil {
		return err
	}
	phone := a.settings.BaseURL + phonePath
	mux, err := a.handler(web.Config{DemoKey: k.TillKey, DemoStaff: k.shown(), Phone: phone, Apps: []web.App{{Name: bank.Name, Page: phone + "?link="}}})
	if err != nil {
		return err
	}
	app := bank.Handler()
	mux.Handle(phonePath, app)
	mux.Handle(phonePath+"/", app)
	welcome(out, a.settings.BaseURL, c.Data)
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	var group sync.WaitGroup
	var bankErr error
	group.Go(func() { a.answerFiles(stop) })
	group.Go(func() {
		if bankErr = bank.Run(stop); bankErr != nil {
			cancel()
		}
	})
	err = a.run(stop, listener, mux)
	cancel()
	group.Wait()
	if err == nil {
		err = bankErr
	}
	fmt.Fprintln(out, "stopped")
	return err
}

// welcome says what to open.
func welcome(out io.Writer, base, folder string) {
	fmt.Fprintf(out, `Tölöm demo: a shop, a bank and the platform between them.

  point of sale   %[1]s/pos      take money: enter an amount, show the code
  phone           %[1]s/phone    pay: scan the code, confirm
  dashboard       %[1]s/sign-in  the merchant's people and the centre: logins and passwords are on the page
  documents       %[1]s/docs     the APIs, with examples
  keys            %[2]s

Stop with Ctrl-C; the next start goes on with the same data.
`, base, filepath.Join(folder, "demo.json"))
}
