package notify

import (
	"context"
	"log/slog"
)

// Deliveries are the Runner's deliveries in steps, for whoever has no goroutines: a
// simulation. Its methods are called by one caller at a time; the passes that Next
// gives may run beside each other and beside them.
type Deliveries struct {
	dispatch *dispatch
	ended    []finished
}

// NewDeliveries makes the deliveries of one node.
func NewDeliveries(c *Courier, log *slog.Logger) *Deliveries {
	return &Deliveries{dispatch: newDispatch(c, log)}
}

// Round reads which endpoints there are and wants a pass over each. In production
// it comes every five seconds.
func (s *Deliveries) Round(ctx context.Context) {
	s.takeIn(ctx)
	s.dispatch.round(ctx)
}

// Follow wants passes for what is new in the feed and for endpoints that have
// rested. In production it comes five times a second, and when facts were numbered.
func (s *Deliveries) Follow(ctx context.Context) {
	s.takeIn(ctx)
	s.dispatch.follow(ctx)
	s.dispatch.queueRested()
}

// Next gives a pass that is to be made now, until there is none.
func (s *Deliveries) Next(ctx context.Context) (pass func(), some bool) {
	s.takeIn(ctx)
	do, some := s.dispatch.next(ctx)
	return func() { s.ended = append(s.ended, do()) }, some
}

// takeIn notes how passes ended.
func (s *Deliveries) takeIn(ctx context.Context) {
	ended := s.ended
	s.ended = nil
	for _, f := range ended {
		s.dispatch.finish(ctx, f)
	}
}
