package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tolom/fault"
	"tolom/flaw"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// waitForFacts is how long the end of a day waits for facts that happened before it and
// have no number yet. What comes later is in the next day, counted as late.
const waitForFacts = 30 * time.Second

// Step does a bounded part of what is due: it counts facts into the day that is going
// on, ends it when its time has come, and writes down a part of the oldest day of which
// something is missing. It says how much that was; what another node was faster with is
// not its own, so that nodes which meet part again instead of reading the same page in turn.
func (b *BusinessDays) Step(ctx context.Context) (did int, err error) {
	did, _, err = b.step(ctx)
	return did, err
}

// step is Step; beaten says that another node was faster with something: nothing is lost, and it moves.
func (b *BusinessDays) step(ctx context.Context) (did int, beaten bool, err error) {
	for _, part := range []func(context.Context) (int, error){b.count, b.write} {
		n, err := part(ctx)
		switch {
		case errors.Is(err, store.ErrRetry):
			beaten = true
		case err != nil:
			return did, beaten, err
		default:
			did += n
		}
	}
	return did, beaten, nil
}

// going is the day that is going on, with when it ends.
type going struct {
	store.Folding
	date       string
	cut        time.Time
	earlierCut time.Time // of the day before
}

// going reads the day that is going on; false while nothing has ever happened.
func (b *BusinessDays) going(ctx context.Context) (g going, begun bool, err error) {
	if g.Folding, err = b.kept.Folding(ctx); err != nil {
		return g, false, err
	}
	table, err := b.timetable(ctx)
	if err != nil {
		return g, false, err
	}
	if g.Number == 1 {
		first, err := b.kept.Tail(ctx, 0, 1)
		if err != nil || len(first) == 0 {
			return g, false, err
		}
		g.date, g.cut, err = table.First(first[0].Fact.At)
		return g.early(), true, err
	}
	last, err := b.kept.DayNumbered(ctx, g.Number-1)
	if err != nil {
		return g, false, err
	}
	g.earlierCut = last.CutAt
	g.date, g.cut, err = table.After(last.Date)
	return g.early(), true, err
}

// Going gives the date of the day that is going on and when it ends; no date while nothing has ever happened.
func (b *BusinessDays) Going(ctx context.Context) (date string, ends time.Time, err error) {
	g, begun, err := b.going(ctx)
	if err != nil || !begun {
		return "", time.Time{}, missing(err)
	}
	return g.date, g.cut, nil
}

// early takes the end that an operator has set.
func (g going) early() going {
	if !g.CutAt.IsZero() && g.CutAt.Before(g.cut) {
		g.cut = g.CutAt
	}
	return g
}

func (b *BusinessDays) timetable(ctx context.Context) (settlement.Timetable, error) {
	holidays, err := b.kept.Holidays(ctx)
	t := settlement.Timetable{CloseAt: b.closeAt, Holidays: make(map[string]settlement.Holiday, len(holidays))}
	for _, h := range holidays {
		t.Holidays[h.Date] = h
	}
	return t, err
}

// count adds a page of facts to the day that is going on, or ends it.
func (b *BusinessDays) count(ctx context.Context) (did int, err error) {
	g, begun, err := b.going(ctx)
	if err != nil || !begun {
		return 0, err
	}
	facts, to, err := b.factsOf(ctx, g)
	if err != nil {
		return 0, err
	}
	if len(facts) == 0 {
		return b.cut(ctx, g)
	}
	totals, late := settlement.Fold(g.Number, facts, g.earlierCut)
	return len(facts), b.kept.Fold(ctx, g.Folding, to, late, totals)
}

// cut ends the day, if everything that happened before its end is counted.
func (b *BusinessDays) cut(ctx context.Context, g going) (did int, err error) {
	if b.world.Clock.Now().Add(lead).Before(g.cut) {
		return 0, nil
	}
	_, err = b.kept.Cut(ctx, g.Folding, settlement.Day{Date: g.date, Status: settlement.Open, CutAt: g.cut, Stage: settlement.Carry}, waitForFacts)
	if !errors.Is(err, store.ErrEarly) {
		return 1, err
	}
	// It may be facts without numbers that it waits for.
	did, err = b.kept.Sequence(ctx, b.page)
	return did, err
}

// End ends the day of a date now, if it is the one that is going on, and closes it. What
// was ended already is closed; so an interrupted call may be repeated. Refused:
// invalid_request when another day comes first, not_found while nothing has happened.
func (b *BusinessDays) End(ctx context.Context, date string) (settlement.Day, error) {
	if _, err := b.kept.Day(ctx, date); errors.Is(err, store.ErrNotFound) {
		err = b.endNow(ctx, date)
		if err != nil {
			return settlement.Day{}, err
		}
	} else if err != nil {
		return settlement.Day{}, missing(err)
	}
	d, err := b.drive(ctx, date, func(d settlement.Day) bool { return d.Status != settlement.Open && d.Status != "" })
	return d, err
}

func (b *BusinessDays) endNow(ctx context.Context, date string) error {
	g, begun, err := b.going(ctx)
	switch {
	case err != nil:
		return missing(err)
	case !begun:
		return fault.New(fault.NotFound)
	case date != g.date:
		if _, err := b.kept.Day(ctx, date); err == nil {
			return nil // another has ended it meanwhile
		}
		return fault.New(fault.InvalidRequest).On("date").Because("the day that is going on ends on " + g.date)
	}
	if err := b.kept.EndEarly(ctx, g.Folding); err != nil && !errors.Is(err, store.ErrRetry) {
		return fault.Wrap(fault.OutOfService, err)
	}
	return nil
}

// drive takes steps until a day is as wanted, or nothing moves: then whoever comes next goes on.
func (b *BusinessDays) drive(ctx context.Context, date string, over func(settlement.Day) bool) (d settlement.Day, err error) {
	for idle := 0; idle < 3; idle++ {
		if d, err = b.kept.Day(ctx, date); err != nil && !errors.Is(err, store.ErrNotFound) {
			return d, missing(err)
		}
		if over(d) {
			return d, nil
		}
		did, beaten, err := b.step(ctx)
		if err != nil {
			return d, fault.Wrap(fault.OutOfService, err)
		}
		if did > 0 || beaten {
			idle = 0
		}
	}
	return d, missing(err)
}

// factsOf gives facts of the day that is going on, as far as a page goes: those up to the first that happened at its end
// or later, and the position of the last.
func (b *BusinessDays) factsOf(ctx context.Context, g going) (facts []payment.Fact, to int64, err error) {
	items, err := b.kept.Tail(ctx, g.Position, b.facts)
	to = g.Position
	for _, i := range items {
		if !i.Fact.At.Before(g.cut) {
			break
		}
		if i.Position != to+1 {
			return nil, to, fmt.Errorf("flow: position %d of the feed is missing, so the day cannot be counted on; `tolom audit` says more", to+1)
		}
		facts, to = append(facts, i.Fact), i.Position
	}
	if flaw.Has(flaw.FactTwice) && len(facts) > 0 {
		facts = append(facts, facts[0])
	}
	return facts, to, err
}
