// Command run starts the binary on a database, fuzzes it over the network by its own OpenAPI document for a time, audits
// the database afterwards, and prints what was seen. It ends with 1 when anything was found.
//
//	go run ./internal/openapifuzz/run -binary bin/tolom -for 10m
//	go run ./internal/pgtest/run go run ./internal/openapifuzz/run -binary bin/tolom -for 10m -postgresql
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tolom/internal/browsertest"
	"tolom/internal/openapifuzz"
	"tolom/internal/pgtest"
)

type options struct {
	binary     string
	length     time.Duration
	workers    int
	seed       uint64
	postgresql bool
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/tolom", "the binary to fuzz")
	flag.DurationVar(&o.length, "for", time.Minute, "how long")
	flag.IntVar(&o.workers, "workers", 2, "callers at once")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().Unix()), "of the calls")
	flag.BoolVar(&o.postgresql, "postgresql", false, "use the server of "+pgtest.Variable+", which internal/pgtest/run starts")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "openapi-fuzz:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	folder, err := os.MkdirTemp("", "tolom-openapifuzz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	dsn := "sqlite:" + filepath.Join(folder, "tolom.db")
	if o.postgresql {
		if dsn = os.Getenv(pgtest.Variable); dsn == "" {
			return errors.New("no PostgreSQL: start this by internal/pgtest/run")
		}
	}
	server, err := serve(o, folder, dsn)
	if err != nil {
		return err
	}
	report, err := fuzz(o, server)
	if stop := server.Stop(); err == nil {
		err = stop
	}
	if err != nil {
		return fmt.Errorf("%w\nthe server printed:\n%s", err, server.Printed())
	}
	fmt.Printf("%s for %v, %d callers at once, seed %d\n", strings.SplitN(dsn, ":", 2)[0], o.length, o.workers, o.seed)
	if err := report.Write(os.Stdout); err != nil {
		return err
	}
	return errors.Join(verdict(report, server), audit(o.binary, dsn))
}

// serve hires an operator and starts the server.
func serve(o options, folder, dsn string) (*browsertest.Process, error) {
	hire := exec.Command(o.binary, "operator", "add", "--db", dsn, login)
	if out, err := runs(exec.Command(o.binary, "migrate", "--db", dsn)); err != nil {
		return nil, fmt.Errorf("tolom migrate: %w: %s", err, out)
	}
	hire.Stdin = strings.NewReader(password + "\n")
	if out, err := runs(hire); err != nil {
		return nil, fmt.Errorf("tolom operator add: %w: %s", err, out)
	}
	address, err := browsertest.FreeAddress()
	if err != nil {
		return nil, err
	}
	p := &browsertest.Process{Binary: o.binary, Address: address, Log: filepath.Join(folder, "log"),
		Args: []string{"serve", "--db", dsn, "--listen", address, "--private-webhooks", "--mode", "test", "--log-level", "error"}}
	return p, p.Start()
}

func runs(c *exec.Cmd) (string, error) {
	out, err := c.CombinedOutput()
	return string(out), err
}

// fuzz lets the workers call until the time is over.
func fuzz(o options, server *browsertest.Process) (*openapifuzz.Report, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 2 * o.workers, DisableCompression: true}}
	document, err := documentOf(client, server.URL())
	if err != nil {
		return nil, err
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	crews, err := settleAll(client, server.URL(), o.workers)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithTimeout(context.Background(), o.length)
	defer end()
	reports := make(chan *openapifuzz.Report, o.workers)
	for n, people := range crews {
		fuzzer := openapifuzz.New(openapifuzz.Config{
			Document: document, Do: openapifuzz.Client(client), Base: server.URL(), Credentials: people, Webhook: receiver.URL, Seed: o.seed + uint64(n),
			Rarely: func(op *openapifuzz.Operation) bool { return strings.HasPrefix(op.Path, "/operator/") }, // Each checks a password.
		})
		go func() {
			reports <- fuzzer.Run(ctx, func(_ int, seen *openapifuzz.Report) bool { return !seen.Hopeless() })
		}()
	}
	all := <-reports
	for range o.workers - 1 {
		all.Add(<-reports)
	}
	return all, nil
}

func verdict(report *openapifuzz.Report, server *browsertest.Process) error {
	switch {
	case !report.Sound():
		return fmt.Errorf("%d answers are not as the document says", report.Broken)
	case strings.Contains(server.Printed(), "panic"):
		return fmt.Errorf("something panicked:\n%s", server.Printed())
	}
	return nil
}

// audit has the binary check everything that is kept.
func audit(binary, dsn string) error {
	out, err := runs(exec.Command(binary, "audit", "--db", dsn))
	fmt.Print("tolom audit: ", out)
	return err
}
