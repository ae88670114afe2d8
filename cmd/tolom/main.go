// Command tolom is the one binary of the platform.
package main

import (
	"os"

	"github.com/alecthomas/kong"
)

// commands is the command line: a field for each subcommand.
type commands struct {
	QR qrCmd `cmd:"" name:"qr" help:"Write and read payment codes."`
}

func main() {
	ctx := kong.Parse(&commands{}, kong.Name("tolom"),
		kong.Description("A merchant platform for payments by the national QR."))
	ctx.FatalIfErrorf(ctx.Run(&stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
