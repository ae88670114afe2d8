// Command tolom is the one binary of the platform.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line: a field for each subcommand.
type commands struct {
	Config kong.ConfigFlag `help:"A JSON file of settings; the environment and flags win over it." placeholder:"FILE"`

	Demo        demoCmd        `cmd:"" help:"Run the whole thing on an embedded database, with a shop and a simulated bank."`
	Serve       serveCmd       `cmd:"" help:"Run the platform on SQLite or PostgreSQL."`
	Migrate     migrateCmd     `cmd:"" help:"Bring a database to the schema of this binary."`
	Operator    operatorCmd    `cmd:"" help:"Give staff of the centre access to the operator API."`
	Settings    configCmd      `cmd:"" name:"config" help:"Show the settings in force."`
	Bench       benchCmd       `cmd:"" help:"Measure payments a second beside the floor of this machine."`
	BenchReport benchReportCmd `cmd:"" name:"bench-report" help:"Measure the time and memory of a long report."`
	Audit       auditCmd       `cmd:"" help:"Check over a live database that everything adds up."`
	Files       filesCmd       `cmd:"" help:"List the files of closed days, and write them into a folder."`
	Backup      backupCmd      `cmd:"" help:"Copy everything of a live database into a file."`
	Restore     restoreCmd     `cmd:"" help:"Make a database from such a file, on SQLite or PostgreSQL."`
	Archive     archiveCmd     `cmd:"" help:"Keep what happened in closed months in files that prove themselves."`
	Sim         simCmd         `cmd:"" help:"Simulate payments while everything goes wrong, and check what must always hold."`
	QR          qrCmd          `cmd:"" name:"qr" help:"Write and read payment codes."`
	Receipt     receiptCmd     `cmd:"" name:"receipt" help:"Check receipts."`
	Keys        keysCmd        `cmd:"" name:"keys" help:"Make master keys, and encrypt what is kept in the database under them."`
	Proposals   proposalsCmd   `cmd:"" name:"proposals" help:"Propose changes of money, keys and limits, and approve those of others."`
}

func main() {
	tune()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	parser := kong.Must(&c, kong.Name("tolom"), kong.Description("A merchant platform for payments by the national QR."),
		vars, kong.Configuration(fileValues), kong.BindTo(ctx, (*context.Context)(nil)))
	run, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	run.FatalIfErrorf(run.Run(&c, &stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
