// Command run starts one throwaway PostgreSQL cluster, runs the command it is given with the cluster's address
// in TOLOM_TEST_PG, removes the cluster and ends with the command's exit code. `make test` uses it so that all
// packages share one server:
//
//	go run ./internal/pgtest/run go test ./...
//
// With -sized before the command, the server has the memory and the log of a machine that is there for it; it is
// as durable as without.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"tolom/internal/pgtest"
)

func main() {
	command, options := os.Args[1:], []pgtest.Option(nil)
	if len(command) > 0 && command[0] == "-sized" {
		command, options = command[1:], []pgtest.Option{pgtest.Sized}
	}
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/pgtest/run [-sized] COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	code, err := run(command[0], command[1:], options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run returns the exit code of the command. Ctrl-C reaches the command by itself, as it does every process of
// the terminal; ignoring it here leaves time to remove the cluster afterwards.
func run(program string, args []string, options []pgtest.Option) (int, error) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	if os.Getenv(pgtest.Variable) != "" {
		return execute(program, args, nil)
	}
	cluster, err := pgtest.Open(options...)
	if err != nil {
		return 1, err
	}
	code, err := execute(program, args, []string{pgtest.Variable + "=" + cluster.DSN("postgres")})
	return code, errors.Join(err, cluster.Close())
}

func execute(program string, args, extra []string) (int, error) {
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), extra...)
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}
