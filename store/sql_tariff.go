package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
	"tolom/tariff"
)

type version = tariff.Version

var tariffTable = db.NewTable("tariff_version",
	db.String("id", func(v *version) *string { return (*string)(&v.ID) }),
	db.Derived("bucket", func(v *version) int64 { return int64(v.ID.Bucket()) }),
	db.String("owner", func(v *version) *string { return (*string)(&v.Owner) }),
	db.JSON("tariff", func(v *version) *tariff.Tariff { return &v.Tariff }, func(t tariff.Tariff) bool { return t == tariff.Tariff{} }),
	db.JSON("shares", func(v *version) *[]tariff.Share { return &v.Shares }, func(s []tariff.Share) bool { return len(s) == 0 }),
	db.Bool("ends", func(v *version) *bool { return &v.Ends }),
	db.Time("valid_from", func(v *version) *time.Time { return &v.ValidFrom }),
	db.Time("created_at", func(v *version) *time.Time { return &v.CreatedAt }),
	db.String("put_by", func(v *version) *string { return &v.By }),
	db.Time("withdrawn_at", func(v *version) *time.Time { return &v.WithdrawnAt }),
)

// Tariffs keeps versions of tariffs, owned by whose payments they price.
func (s *sqlStore) Tariffs() Shelf[tariff.Version] {
	return sqlShelf[tariff.Version]{s, tariffTable, "owner"}
}

func (a sqlArchive) TariffPage(ctx context.Context, after id.ID, limit int) ([]tariff.Version, error) {
	return tariffTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}

func (a sqlArchive) MerchantPage(ctx context.Context, after id.ID, limit int) ([]Merchant, error) {
	return merchantTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}
