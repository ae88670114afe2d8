package store

import (
	"cmp"
	"context"
	"strconv"

	"tolom/id"
	"tolom/tariff"
)

// tariffKind says what a rack must know of versions of tariffs: a moment of an owner
// is one version's, but for those that were withdrawn.
func tariffKind() kind[tariff.Version] {
	return kind[tariff.Version]{
		id: func(v tariff.Version) id.ID { return v.ID }, owner: func(v tariff.Version) id.ID { return v.Owner }, copy: copyVersion,
		name: func(v tariff.Version) string {
			if !v.WithdrawnAt.IsZero() {
				return string(v.ID)
			}
			return string(v.Owner) + "@" + strconv.FormatInt(v.ValidFrom.UnixMilli(), 10)
		},
	}
}

func copyVersion(v tariff.Version) tariff.Version {
	v.Shares = list(v.Shares)
	v.ValidFrom, v.CreatedAt, v.WithdrawnAt = whole(v.ValidFrom), whole(v.CreatedAt), whole(v.WithdrawnAt)
	return v
}

// Tariffs keeps versions of tariffs, owned by whose payments they price.
func (m *Memory) Tariffs() Shelf[tariff.Version] {
	return memoryShelf[tariff.Version]{m, func(t *tables) *rack[tariff.Version] { return &t.desk.tariffs }}
}

func (a *memoryArchive) TariffPage(_ context.Context, after id.ID, limit int) ([]tariff.Version, error) {
	return page(a.tariffs, limit, func(v tariff.Version) int { return cmp.Compare(v.ID, after) }), nil
}

func (a *memoryArchive) MerchantPage(_ context.Context, after id.ID, limit int) ([]Merchant, error) {
	return page(a.merchants, limit, func(m Merchant) int { return cmp.Compare(m.ID, after) }), nil
}
