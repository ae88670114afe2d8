// Command run executes the target of payloads in a loop for a time, or until it is interrupted, writes what it did into
// the ledger, and prints the ledger's totals. It ends with 1 when anything was found.
//
//	go run ./internal/payloadfuzz/run -for 1h -commit "$(git rev-parse --short HEAD)"
//
// With -note it only writes a run of Go's engine into the ledger: TARGET EXECUTIONS SECONDS FINDINGS.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tolom/internal/payloadfuzz"
)

type options struct {
	length         time.Duration
	seed           uint64
	ledger, commit string
	vectors        string
	note, totals   bool
}

func main() {
	var o options
	flag.DurationVar(&o.length, "for", time.Minute, "how long")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the inputs")
	flag.StringVar(&o.ledger, "ledger", "docs/fuzz-ledger.txt", "file that keeps the runs")
	flag.StringVar(&o.commit, "commit", "unknown", "what is fuzzed")
	flag.StringVar(&o.vectors, "vectors", "elqr/testdata", "folder of the payloads to begin with")
	flag.BoolVar(&o.note, "note", false, "only note a run of Go's engine")
	flag.BoolVar(&o.totals, "totals", false, "only print the ledger's totals")
	flag.Parse()
	if err := run(o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz-payload:", err)
		os.Exit(1)
	}
}

func run(o options, args []string) error {
	if o.totals {
		return payloadfuzz.WriteTotals(os.Stdout, o.ledger)
	}
	entry, found, err := payloadfuzz.Entry{}, error(nil), error(nil)
	if o.note {
		entry, err = noted(o, args)
	} else {
		entry, found, err = loop(o)
	}
	if err != nil {
		return err
	}
	if err := payloadfuzz.Append(o.ledger, entry); err != nil {
		return err
	}
	if err := payloadfuzz.WriteTotals(os.Stdout, o.ledger); err != nil {
		return err
	}
	return found
}

func noted(o options, args []string) (payloadfuzz.Entry, error) {
	e := payloadfuzz.Entry{At: time.Now(), Commit: o.commit, By: "engine"}
	if len(args) != 4 {
		return e, fmt.Errorf("-note takes TARGET EXECUTIONS SECONDS FINDINGS, got %q", args)
	}
	var seconds int64
	_, err := fmt.Sscan(args[1]+" "+args[2]+" "+args[3], &e.Executions, &seconds, &e.Findings)
	e.Target, e.Took = args[0], time.Duration(seconds)*time.Second
	return e, err
}

// loop executes until the time is over, an interrupt comes or something is found.
func loop(o options) (e payloadfuzz.Entry, found, err error) {
	seeds, err := payloads(o.vectors)
	if err != nil {
		return e, nil, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, end := context.WithTimeout(ctx, o.length)
	defer end()
	maker, started := payloadfuzz.New(o.seed, seeds), time.Now()
	e = payloadfuzz.Entry{At: started, Commit: o.commit, Target: "elqr.FuzzRead", By: "loop"}
	for found == nil && ctx.Err() == nil {
		for n := 0; n < 10_000 && found == nil; n++ {
			found = payloadfuzz.Target(maker.Next())
			e.Executions++
		}
	}
	if found != nil {
		e.Findings = 1
	}
	e.Took = time.Since(started)
	fmt.Printf("fuzz-payload: seed %d, %d executions in %v, %.2f µs each\n", o.seed, e.Executions, e.Took.Round(time.Second), float64(e.Took.Microseconds())/float64(e.Executions))
	return e, found, nil
}

// payloads reads the payloads of the test vectors, valid or not.
func payloads(folder string) (all []string, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no payloads in %s: %w", folder, err)
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var v struct{ Payload string }
			if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			all = append(all, v.Payload)
		}
	}
	return all, nil
}
