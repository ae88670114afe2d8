// Package merchant is the merchant API, /v1: what a shop's programs call. It only translates: every rule is decided
// behind it, in flow and notify.
package merchant

import (
	"context"
	"net/netip"
	"time"

	"tolom/access"
	"tolom/api/gate"
	"tolom/flow"
	"tolom/notify"
	"tolom/wire"
	"tolom/world"
)

// Shop is what the operations work with.
type Shop struct {
	Platform  *flow.Platform
	Teller    *notify.Teller
	Hub       *notify.Hub
	Endpoints *notify.Endpoints
	// Statements compares bank statements with payouts.
	Statements *flow.Statements
	Reports    *flow.Reports
	Clock      world.Clock
	// Days has the payouts.
	Days *flow.BusinessDays
	// Access says whether the key of a stream still works.
	Access *access.Gate
	// Tick gives a channel that fires after a time, time.After in production. It paces the heartbeats of streams.
	Tick func(time.Duration) <-chan time.Time
	// Closing is closed when the server shuts down, so that streams end by themselves.
	Closing <-chan struct{}
}

// Mount adds the operations to the door.
func (s *Shop) Mount(d *gate.Door) {
	s.mountRequests(d)
	s.mountPictures(d)
	s.mountStream(d)
	s.mountPayments(d)
	s.mountRefunds(d)
	s.mountEvents(d)
	s.mountAckThrough(d)
	s.mountWebhooks(d)
	s.mountDeliveries(d)
	s.mountRecovery(d)
	s.mountMoney(d)
	s.mountTariff(d)
	s.mountBankStatements(d)
	s.mountPayouts(d)
	s.mountDecode(d)
	s.mountTills(d)
}

// Verifier takes merchants' keys, each from where it may come. proxies are the balancers before the platform.
func Verifier(g *access.Gate, proxies access.Proxies) gate.Verifier {
	return gate.BearerFrom(proxies, func(ctx context.Context, key string, from netip.Addr) (gate.Principal, error) {
		m, err := g.MerchantFrom(ctx, key, from)
		return gate.Principal{ID: string(m.ID), Key: string(m.Key), Who: m}, err
	})
}

func who(ctx context.Context) access.Merchant { return gate.Who[access.Merchant](ctx) }

func key(ctx context.Context) flow.Idempotency { return flow.Idempotency(gate.KeyOf(ctx)) }

func (s *Shop) site() wire.Site { return s.Platform.Site() }

// Named is the input of operations on one object.
type Named struct {
	ID string `path:"id"`
}

// answer is an output without headers.
type answer[T any] struct{ Body T }

// once is the output of an operation that is done once for its idempotency key.
type once[T any] struct {
	Replayed string `header:"Idempotent-Replayed"`
	Body     T
}

func onceOf[T any](body T, replayed bool) *once[T] {
	if replayed {
		return &once[T]{"true", body}
	}
	return &once[T]{Body: body}
}

// each renders the rows of a page.
func each[In, Out any](rows []In, render func(In) Out) []Out {
	out := make([]Out, 0, len(rows))
	for _, row := range rows {
		out = append(out, render(row))
	}
	return out
}
