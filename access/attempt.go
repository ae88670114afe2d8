package access

import (
	"context"
	"net/netip"
	"time"

	"tolom/fault"
	"tolom/store"
)

// How often people's secrets may be tried. The database counts, so all nodes share an allowance and a restart forgets
// none; what was right is given back. A second factor is worth guessing only to somebody who has the password: six
// digits of which three are right at a time meet at most 293 guesses a day.
var (
	passwordsOfOne     = store.Allowance{Most: 5, Every: time.Minute}
	secondsOfOne       = store.Allowance{Most: 5, Every: 5 * time.Minute}
	secretsOfOneNet    = store.Allowance{Most: 20, Every: 10 * time.Second}
	tooManyAttemptsMsg = "too many wrong attempts: wait some minutes"
)

// mostHashing is how many passwords are compared at once on a node, 19 MiB each.
const mostHashing = 4

// challengesOfOneNet is how often a network may ask for challenges, each of which is a row for a while.
var challengesOfOneNet = store.Allowance{Most: 30, Every: 2 * time.Second}

// Challenge lets somebody at an address ask for a challenge; rate_limited.
func (g *Gate) Challenge(ctx context.Context, from netip.Addr) error {
	return g.attempt(ctx, []try{{"challenge " + network(from).String(), challengesOfOneNet}})
}

// try is one allowance of an attempt.
type try struct {
	name      string
	allowance store.Allowance
}

// networkTry is that of a network at a door. Each door counts for itself, so that a program which goes on with an old
// password does not shut the door of the pages to a whole office.
func networkTry(door string, from netip.Addr) try {
	return try{"net " + door + " " + network(from).String(), secretsOfOneNet}
}

// attempt uses one of each allowance; rate_limited when one has none left.
func (g *Gate) attempt(ctx context.Context, tries []try) error {
	now := g.clock.Now()
	for i, t := range tries {
		ok, err := g.desk.Attempt(ctx, t.name, t.allowance, now)
		if err != nil {
			return fault.Wrap(fault.OutOfService, err)
		}
		if !ok {
			if err := g.relent(ctx, tries[:i]); err != nil {
				return err
			}
			return fault.New(fault.RateLimited).Because(tooManyAttemptsMsg)
		}
	}
	return nil
}

// relent gives back what was used for something that was right.
func (g *Gate) relent(ctx context.Context, tries []try) error {
	for _, t := range tries {
		if err := g.desk.Relent(ctx, t.name, t.allowance); err != nil {
			return fault.Wrap(fault.OutOfService, err)
		}
	}
	return nil
}

// compare is samePassword for few at a time, so that a flood of sign-ins cannot take all memory. Who leaves meanwhile
// is not compared.
func (g *Gate) compare(ctx context.Context, password, hash string) bool {
	select {
	case g.hashing <- struct{}{}:
		defer func() { <-g.hashing }()
		return samePassword(password, hash)
	case <-ctx.Done():
		return false
	}
}
