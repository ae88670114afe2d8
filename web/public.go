package web

import (
	"context"
	"net/http"
	"time"

	"tolom/fault"
)

// public makes a handler of a page that anybody finds who has its token. Who asks for tokens that are not there is
// slowed: after some, each answer is held for a while and its connection closed. What is there is shown at once.
func (p *pages) public(show func(*visit) error) http.Handler {
	return p.page(func(v *visit) error {
		err := show(v)
		if !fault.Has(err, fault.NotFound) {
			return err
		}
		wait, over, left := p.Gate.Missed(p.caller(v.r))
		defer left()
		switch {
		case over:
			v.w.Header().Set("Connection", "close")
			return fault.New(fault.RateLimited)
		case wait > 0:
			v.w.Header().Set("Connection", "close")
			p.pause(v.r.Context(), wait)
		}
		return err
	})
}

// pause waits, unless the browser leaves.
func (p *pages) pause(ctx context.Context, wait time.Duration) {
	if p.Pause != nil {
		p.Pause(ctx, wait)
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
