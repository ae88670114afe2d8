package world

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrPrivate is why a Dialer refused: the host's address is not one of the public internet.
var ErrPrivate = errors.New("address is not public")

// Dialer connects to hosts that strangers name, such as the addresses of webhooks. Without AllowPrivate it
// connects to the public internet only, so that nobody can use the platform to reach its own network. The check
// is made on the very address that the kernel is about to connect to, after names are resolved and for every
// connection anew: a name that changes its address between a check and its use gains nothing.
type Dialer struct {
	// AllowPrivate also lets loopback and private networks through: for the demo, tests and closed networks.
	AllowPrivate bool
}

const (
	connectTime  = 10 * time.Second
	responseTime = 15 * time.Second
	idleTime     = 60 * time.Second
	// After so long without a word on an HTTP/2 connection it is asked whether it lives, and given up when it does not
	// answer. All calls to a host share one: over a dead one that nothing has closed they would fail for a quarter of
	// an hour, until the kernel stops repeating what nobody takes.
	silenceTime = 15 * time.Second
	pingTime    = 5 * time.Second
)

// DialContext connects like net.Dialer's. A refusal matches ErrPrivate under errors.Is.
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: connectTime, Control: d.control}
	return dialer.DialContext(ctx, network, address)
}

// control sees the numeric address of a socket right before it is connected.
func (d Dialer) control(_, address string, _ syscall.RawConn) error {
	if d.AllowPrivate {
		return nil
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is not an IP address and port", ErrPrivate, address)
	}
	if !Public(target.Addr()) {
		return fmt.Errorf("%w: %s", ErrPrivate, target.Addr())
	}
	return nil
}

// Transport is an HTTP transport over this dialer. It takes no proxy from the environment: a proxy would connect
// where the dialer would not.
func (d Dialer) Transport() *http.Transport {
	return &http.Transport{
		DialContext:           d.DialContext,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: silenceTime, PingTimeout: pingTime},
		TLSHandshakeTimeout:   connectTime,
		ResponseHeaderTimeout: responseTime,
		IdleConnTimeout:       idleTime,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   8,
	}
}
