package traffic

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"tolom/access"
	"tolom/client"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/tariff"
	"tolom/world"
)

// People are the merchants and the PSP of a test, with their keys.
type People struct {
	Merchants []id.ID
	Keys      []string // of the merchants
	PSP       id.ID
	PSPKey    string
}

// Settle adds merchants and a PSP to an empty platform. The tariff is half a
// percent, rounded down, and is kept when a payment is refunded.
func Settle(ctx context.Context, s store.Store, shops int) (p People, err error) {
	system := world.System()
	r := flow.NewRegistry(s, access.New(s, system.Clock), system)
	for range shops {
		m, err := r.AddMerchant(ctx, store.Merchant{Name: "Shop", MCC: "5812", Tariff: tariff.Tariff{Rate: 50, InterchangeRate: 20}})
		if err != nil {
			return p, err
		}
		_, key, err := r.IssueKey(ctx, m.ID, "", "test")
		if err != nil {
			return p, err
		}
		p.Merchants, p.Keys = append(p.Merchants, m.ID), append(p.Keys, key)
	}
	psp, err := r.AddPSP(ctx, store.PSP{Name: "Bank"})
	if err != nil {
		return p, err
	}
	p.PSP = psp.ID
	_, p.PSPKey, err = r.IssueKey(ctx, psp.ID, "", "test")
	return p, err
}

// Calls makes an http.Client for many callers at once. No call takes longer than
// patience: then its outcome counts as unknown.
func Calls(patience time.Duration) *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
}

// attempts is how often a shop sends a call: as often as it takes.
const attempts = 10_000

// Shop speaks as a merchant to the platform at base, and does not give up.
func (p People) Shop(n int, base string, by *http.Client) *client.Merchant {
	return client.New(base, p.Keys[n], client.WithHTTP(by), client.WithAttempts(attempts), client.WithSleep(briefly)).Merchant()
}

// Bank speaks as the PSP to the platform at base.
func (p People) Bank(base string, by *http.Client) *client.PSP {
	return client.New(base, p.PSPKey, client.WithHTTP(by)).PSP()
}

// Customer speaks as all of them to the platform at base.
func (p People) Customer(base string, by *http.Client, unknown *atomic.Int64) Customer {
	c := Customer{Bank: p.Bank(base, by), Unknown: unknown}
	for n := range p.Keys {
		c.Shops = append(c.Shops, p.Shop(n, base, by))
	}
	return c
}

// pause is how long a caller waits before it asks again.
const pause = 50 * time.Millisecond

// briefly waits less than it is told to: a test that kills a server for half a
// second does not want to wait for one that is patient with an outage.
func briefly(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(min(wait, pause))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
