package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tolom/flaw"
	"tolom/id"
	"tolom/settlement"
)

// business is what a Memory keeps of business days.
type business struct {
	folding   Folding
	days      []settlement.Day // by number, which counts from 1
	totals    map[ownersDay]settlement.Total
	positions map[string][]settlement.Position
	holidays  map[string]settlement.Holiday
	payouts   map[id.ID]settlement.Payout
	paid      map[payoutOf]id.ID
}

type ownersDay struct {
	day   int64
	owner id.ID
}

// payoutOf is what there is one payout for.
type payoutOf struct {
	day      string
	merchant id.ID
}

func newBusiness() business {
	return business{
		folding: Folding{Number: 1}, totals: map[ownersDay]settlement.Total{}, positions: map[string][]settlement.Position{},
		holidays: map[string]settlement.Holiday{}, payouts: map[id.ID]settlement.Payout{}, paid: map[payoutOf]id.ID{},
	}
}

func copyDay(d settlement.Day) settlement.Day {
	d.CutAt, d.TakenAt, d.ClosedAt = whole(d.CutAt), whole(d.TakenAt), whole(d.ClosedAt)
	d.SubmittedAt, d.AcceptedAt, d.EndedAt = whole(d.SubmittedAt), whole(d.AcceptedAt), whole(d.EndedAt)
	return d
}

// Folding gives the day that is going on.
func (m *Memory) Folding(ctx context.Context) (Folding, error) {
	return read(ctx, m, func(t *tables) (Folding, error) { return t.business.folding, nil })
}

// move changes the day that is going on, unless somebody else has.
func (b *business) move(from, to Folding) error {
	if b.folding.Version != from.Version && !flaw.Has(flaw.CountUnversioned) {
		return fmt.Errorf("%w: another node has counted on", ErrRetry)
	}
	to.Version, to.CutAt = from.Version+1, whole(to.CutAt)
	b.folding = to
	return nil
}

// Fold adds totals to the day that is going on and moves its position.
func (m *Memory) Fold(ctx context.Context, from Folding, position, late int64, totals []settlement.Total) error {
	return m.write(ctx, func(t *tables) error {
		to := from
		to.Position, to.Late = position, from.Late+late
		if err := t.business.move(from, to); err != nil {
			return err
		}
		t.business.add(totals)
		return nil
	})
}

func (b *business) add(totals []settlement.Total) {
	for _, x := range totals {
		key := ownersDay{x.Day, x.Owner}
		sum, there := b.totals[key]
		if !there {
			sum = settlement.Total{Day: x.Day, Owner: x.Owner, Participant: x.Participant}
		}
		b.totals[key] = sum.Plus(x)
	}
}

// EndEarly has the day that is going on end now.
func (m *Memory) EndEarly(ctx context.Context, from Folding) error {
	return m.write(ctx, func(t *tables) error {
		if !from.CutAt.IsZero() {
			return nil
		}
		to := from
		to.CutAt = whole(m.clock.Now())
		return t.business.move(from, to)
	})
}

// Cut ends the day that is going on behind the fence.
func (m *Memory) Cut(ctx context.Context, from Folding, d settlement.Day, patience time.Duration) (settlement.Day, error) {
	lift, err := m.fence(ctx)
	if err != nil {
		return d, err
	}
	defer lift()
	if err := m.alone(ctx); err != nil {
		return d, err
	}
	err = m.write(ctx, func(t *tables) error {
		d.TakenAt = whole(m.clock.Now())
		if err := t.mayCut(from, d.CutAt, d.TakenAt, patience); err != nil {
			return err
		}
		b := &t.business
		if _, err := b.find(func(old settlement.Day) bool { return old.Date == d.Date }); err == nil {
			return fmt.Errorf("%w: another node has ended the day", ErrRetry)
		}
		if err := b.move(from, Folding{Number: from.Number + 1, Position: from.Position}); err != nil {
			return err
		}
		d.Number, d.To, d.Late = from.Number, from.Position, from.Late
		if n := len(b.days); n > 0 {
			d.From = b.days[n-1].To
		}
		b.days = append(b.days, copyDay(d))
		return nil
	})
	return d, err
}

func (t *tables) mayCut(from Folding, cut, now time.Time, patience time.Duration) error {
	if now.Before(cut) {
		return fmt.Errorf("%w: it ends at %v", ErrEarly, cut)
	}
	for _, waits := range t.unnumbered {
		if waits.at.Before(cut) && now.Before(cut.Add(patience)) {
			return fmt.Errorf("%w: facts wait for their numbers", ErrEarly)
		}
	}
	if from.Position < int64(len(t.feed)) && t.feed[from.Position].Fact.At.Before(cut) {
		return fmt.Errorf("%w: facts after position %d are not counted", ErrEarly, from.Position)
	}
	return nil
}

func (b *business) find(fits func(settlement.Day) bool) (settlement.Day, error) {
	for _, d := range b.days {
		if fits(d) {
			return d, nil
		}
	}
	return settlement.Day{}, ErrNotFound
}

func (m *Memory) findDay(ctx context.Context, fits func(settlement.Day) bool) (settlement.Day, error) {
	return read(ctx, m, func(t *tables) (settlement.Day, error) { return t.business.find(fits) })
}

// Day gives a day that was cut.
func (m *Memory) Day(ctx context.Context, date string) (settlement.Day, error) {
	return m.findDay(ctx, func(d settlement.Day) bool { return d.Date == date })
}

// DayNumbered gives a day by its number.
func (m *Memory) DayNumbered(ctx context.Context, number int64) (settlement.Day, error) {
	return m.findDay(ctx, func(d settlement.Day) bool { return d.Number == number })
}

// Unfinished gives the oldest day of which something is to be written down.
func (m *Memory) Unfinished(ctx context.Context) (settlement.Day, error) {
	return m.findDay(ctx, func(d settlement.Day) bool { return d.Stage != settlement.Wait })
}

// Days lists days, newest first.
func (m *Memory) Days(ctx context.Context, before string, limit int) ([]settlement.Day, error) {
	return read(ctx, m, func(t *tables) (out []settlement.Day, err error) {
		for _, d := range slices.Backward(t.business.days) {
			if len(out) < limit && (before == "" || d.Date < before) {
				out = append(out, d)
			}
		}
		return out, nil
	})
}

// PutDay writes a day with what belongs to it.
func (m *Memory) PutDay(ctx context.Context, d settlement.Day, w DayRows) error {
	return m.write(ctx, func(t *tables) error {
		b := &t.business
		at := int(d.Number) - 1
		if at < 0 || at >= len(b.days) || b.days[at].Version != d.Version && !flaw.Has(flaw.DayUnversioned) {
			return fmt.Errorf("%w: another node has written the day", ErrRetry)
		}
		if len(w.Positions) > 0 && len(b.positions[d.Date]) > 0 {
			return fmt.Errorf("%w: %s has positions", ErrTaken, d.Date)
		}
		b.add(w.Openings)
		b.gather(w.Gathered)
		if len(w.Positions) > 0 {
			b.positions[d.Date] = slices.SortedFunc(slices.Values(w.Positions), comparePositions)
		}
		d.Version++
		b.days[at] = copyDay(d)
		return nil
	})
}

func comparePositions(a, b settlement.Position) int { return cmp.Compare(a.Participant, b.Participant) }

func (b *business) gather(totals []settlement.Total) {
	for _, x := range totals {
		key := ownersDay{x.Day, x.Owner}
		if old, there := b.totals[key]; there {
			old.Participant, old.BankAccount = x.Participant, x.BankAccount
			x = old
		}
		b.totals[key] = x
	}
}

// of gives a day's totals of owners of one kind, by owner.
func (b *business) of(number int64, kind id.Kind) []settlement.Total {
	var out []settlement.Total
	for key, x := range b.totals {
		if key.day == number && strings.HasPrefix(string(key.owner), string(kind)) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b settlement.Total) int { return cmp.Compare(a.Owner, b.Owner) })
	return out
}

// Totals gives a day's totals of owners of one kind.
func (m *Memory) Totals(ctx context.Context, number int64, kind id.Kind, after id.ID, limit int) ([]settlement.Total, error) {
	return read(ctx, m, func(t *tables) ([]settlement.Total, error) {
		return page(t.business.of(number, kind), limit, func(x settlement.Total) int { return cmp.Compare(x.Owner, after) }), nil
	})
}

// Total gives those of one owner.
func (m *Memory) Total(ctx context.Context, number int64, owner id.ID) (settlement.Total, error) {
	return read(ctx, m, func(t *tables) (settlement.Total, error) {
		x := t.business.totals[ownersDay{number, owner}]
		x.Day, x.Owner = number, owner
		return x, nil
	})
}

// SumOfTotals adds up a day's totals of owners of one kind.
func (m *Memory) SumOfTotals(ctx context.Context, number int64, kind id.Kind) (settlement.Total, error) {
	return read(ctx, m, func(t *tables) (settlement.Total, error) {
		sum := settlement.Total{Day: number}
		for _, x := range t.business.of(number, kind) {
			sum = sum.Plus(x)
		}
		return sum, nil
	})
}

// Positions gives those of a closed day.
func (m *Memory) Positions(ctx context.Context, date string) ([]settlement.Position, error) {
	return read(ctx, m, func(t *tables) ([]settlement.Position, error) { return list(t.business.positions[date]), nil })
}

// Holidays lists the calendar's exceptions.
func (m *Memory) Holidays(ctx context.Context) ([]settlement.Holiday, error) {
	return read(ctx, m, func(t *tables) (out []settlement.Holiday, err error) {
		for _, date := range slices.Sorted(maps.Keys(t.business.holidays)) {
			out = append(out, t.business.holidays[date])
		}
		return out, nil
	})
}

// PutHoliday writes one.
func (m *Memory) PutHoliday(ctx context.Context, h settlement.Holiday) error {
	return m.write(ctx, func(t *tables) error { t.business.holidays[h.Date] = h; return nil })
}

// DropHoliday takes one out.
func (m *Memory) DropHoliday(ctx context.Context, date string) error {
	return m.write(ctx, func(t *tables) error { delete(t.business.holidays, date); return nil })
}

// TotalsOf gives a day's totals of some owners.
func (m *Memory) TotalsOf(ctx context.Context, number int64, owners []id.ID) ([]settlement.Total, error) {
	return read(ctx, m, func(t *tables) (out []settlement.Total, err error) {
		for _, owner := range owners {
			if x, there := t.business.totals[ownersDay{number, owner}]; there {
				x.Day, x.Owner = number, owner
				out = append(out, x)
			}
		}
		return out, nil
	})
}
