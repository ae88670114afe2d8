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

// Why a Dialer refused.
var (
	ErrPrivate = errors.New("address is not public")        // the host's address is not one of the public internet
	ErrPort    = errors.New("port is not that of webhooks") // it is another than WebPort
)

// WebPort is the only port that strangers may have us connect to: HTTPS. Behind others stand mail, databases and
// consoles, which a well-chosen text can be made to obey.
const WebPort = 443

// Dialer connects to hosts that strangers name, such as the addresses of webhooks. Without AllowPrivate it
// connects to WebPort on the public internet only, so that nobody can use the platform to reach its own network. The check
// is made on the very address that the kernel is about to connect to, after names are resolved and for every
// connection anew: a name that changes its address between a check and its use gains nothing.
type Dialer struct {
	// AllowPrivate also lets loopback, private networks and any port through: for the demo, tests and closed networks.
	AllowPrivate bool
	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver
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
	// mostHeaderBytes is how much of an answer's headers is read; a longer answer is none.
	mostHeaderBytes = 32 << 10
)

// DialContext connects like net.Dialer's. A refusal matches ErrPrivate under errors.Is.
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: connectTime, Control: d.control, Resolver: d.Resolver}
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
	if target.Port() != WebPort {
		return fmt.Errorf("%w: %d, want %d", ErrPort, target.Port(), WebPort)
	}
	return nil
}

// Transport is an HTTP transport over this dialer. It takes no proxy from the environment: a proxy would connect
// where the dialer would not. It asks for no compression, so that what arrives is what is read: a few bytes cannot
// become many.
func (d Dialer) Transport() *http.Transport {
	return &http.Transport{
		DialContext:           d.DialContext,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: silenceTime, PingTimeout: pingTime},
		TLSHandshakeTimeout:   connectTime,
		ResponseHeaderTimeout: responseTime,
		IdleConnTimeout:       idleTime,
		DisableCompression:    true,

		MaxResponseHeaderBytes: mostHeaderBytes,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    8,
	}
}
