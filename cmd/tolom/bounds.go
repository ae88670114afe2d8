package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"tolom/api"
	"tolom/api/gate"
)

// bounds are how much one key and all connections together may take. Nothing is bounded by address: the tills of a
// shop, and the customers of a mobile operator, share one.
type bounds struct {
	MerchantRate   int `name:"merchant-rate" env:"TOLOM_MERCHANT_RATE" default:"1000" help:"Calls a second that one key of a merchant or till may make, twice as many at once; 0: no bound." json:"merchant_rate"`
	PSPRate        int `name:"psp-rate" env:"TOLOM_PSP_RATE" default:"0" help:"The same for a key of a PSP." json:"psp_rate"`
	OperatorRate   int `name:"operator-rate" env:"TOLOM_OPERATOR_RATE" default:"100" help:"The same for a member of staff." json:"operator_rate"`
	MaxConnections int `name:"max-connections" env:"TOLOM_MAX_CONNECTIONS" default:"10000" help:"Connections that are open at once; further ones wait to be taken. 0: no bound." json:"max_connections"`
}

func (b bounds) check() error {
	if min(b.MerchantRate, b.PSPRate, b.OperatorRate, b.MaxConnections) < 0 || max(b.MerchantRate, b.PSPRate, b.OperatorRate) > 1_000_000 {
		return errors.New("--merchant-rate, --psp-rate and --operator-rate are 0 to 1000000, --max-connections at least 0")
	}
	return nil
}

// rates gives the bounds of keys to the door.
func (b bounds) rates() api.Rates {
	return api.Rates{Merchant: rateOf(b.MerchantRate), PSP: rateOf(b.PSPRate), Operator: rateOf(b.OperatorRate)}
}

func rateOf(perSecond int) gate.Rate {
	return gate.Rate{PerSecond: float64(perSecond), Burst: 2 * perSecond}
}

// limited takes no more connections than are allowed; those beyond wait in the queue of the operating system.
func (b bounds) limited(l net.Listener) net.Listener {
	if b.MaxConnections == 0 {
		return l
	}
	return netutil.LimitListener(l, b.MaxConnections)
}

// patience bounds an exchange, so that callers who stall hold nothing for long. Live streams extend the time for
// writing themselves.
type patience struct {
	head, read, write, idle time.Duration
	largestHead             int // bytes of the request line and the headers
}

// usual is the patience of a server in use.
var usual = patience{head: 5 * time.Second, read: 30 * time.Second, write: 2 * time.Minute, idle: 2 * time.Minute, largestHead: 32 << 10}

// server makes the server of a handler.
func (p patience) server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: p.head, ReadTimeout: p.read, WriteTimeout: p.write, IdleTimeout: p.idle,
		MaxHeaderBytes: p.largestHead, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
