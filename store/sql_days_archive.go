package store

import (
	"context"

	"tolom/id"
	"tolom/settlement"
)

func (a sqlArchive) AllDays(ctx context.Context) ([]settlement.Day, Folding, error) {
	days, err := dayTable.Find(ctx, a.q, "ORDER BY t.number")
	if err != nil {
		return nil, Folding{}, err
	}
	f, err := foldingOf(ctx, a.q)
	return days, f, err
}

func (a sqlArchive) TotalPage(ctx context.Context, number int64, after id.ID, limit int) ([]settlement.Total, error) {
	if after == "" { // the centre's total has no owner, and is the first
		return totalTable.Find(ctx, a.q, "WHERE t.day = $1 ORDER BY t.owner LIMIT $2", number, int64(limit))
	}
	return totalTable.Find(ctx, a.q, "WHERE t.day = $1 AND t.owner > $2 ORDER BY t.owner LIMIT $3", number, string(after), int64(limit))
}

func (a sqlArchive) PositionsOf(ctx context.Context, date string) ([]settlement.Position, error) {
	return positionTable.Find(ctx, a.q, "WHERE t.day = $1 ORDER BY t.participant", date)
}

func (a sqlArchive) PayoutPage(ctx context.Context, after id.ID, limit int) ([]settlement.Payout, error) {
	return payoutTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}

func (a sqlArchive) PayoutsOf(ctx context.Context, names []id.ID) ([]settlement.Payout, error) {
	return payoutTable.Find(ctx, a.q, "WHERE t.id = ANY($1)", texts(names))
}
