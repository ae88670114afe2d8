package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"tolom/id"
	"tolom/settlement"
)

// addDays copies the business days.
func (a *memoryArchive) addDays(t *tables) {
	b := &t.business
	a.days, a.folding, a.dayPositions = slices.Clone(b.days), b.folding, maps.Clone(b.positions)
	for _, x := range b.totals {
		a.totals = append(a.totals, x)
	}
	slices.SortFunc(a.totals, func(x, y settlement.Total) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Owner, y.Owner))
	})
	a.payouts = sortedRows(b.payouts)
}

func (a *memoryArchive) AllDays(context.Context) ([]settlement.Day, Folding, error) {
	return slices.Clone(a.days), a.folding, nil
}

func (a *memoryArchive) TotalPage(_ context.Context, number int64, after id.ID, limit int) (out []settlement.Total, err error) {
	for _, x := range a.totals {
		if x.Day == number && (after == "" || x.Owner > after) && len(out) < limit {
			out = append(out, x)
		}
	}
	return out, nil
}

func (a *memoryArchive) PositionsOf(_ context.Context, date string) ([]settlement.Position, error) {
	return slices.Clone(a.dayPositions[date]), nil
}

func (a *memoryArchive) PayoutPage(_ context.Context, after id.ID, limit int) ([]settlement.Payout, error) {
	return page(a.payouts, limit, func(p settlement.Payout) int { return cmp.Compare(p.ID, after) }), nil
}

func (a *memoryArchive) PayoutsOf(_ context.Context, names []id.ID) ([]settlement.Payout, error) {
	return some(a.payouts, names, idOfPayout)
}
