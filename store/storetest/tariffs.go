package storetest

import (
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/store"
	"tolom/tariff"
)

func shelfTariffs(k *kit) {
	shelf[tariff.Version]{on: k.Tariffs(), kind: id.Tariff, owned: true,
		make: func(name, owner id.ID, n int) tariff.Version {
			return tariff.Version{
				ID: name, Owner: owner, Ends: n == 1, By: "кезметчи", ValidFrom: epoch.Add(time.Duration(n) * time.Millisecond), CreatedAt: epoch,
				Tariff: tariff.Tariff{Rate: 50, Fixed: 100, Min: 1, Max: 5000, InterchangeRate: 20, RefundsFee: n == 2, PayerBears: n == 3, RefundCharge: money.Amount(n)},
			}
		},
		change: func(v tariff.Version) tariff.Version {
			v.Shares, v.WithdrawnAt = []tariff.Share{{PSP: "psp_blue", Rate: 3}}, epoch.Add(time.Hour)
			return v
		},
	}.try(k)
}

func tariffMoments(k *kit) {
	owner := k.newID(id.Merchant, 3)
	version := func(owner id.ID, at time.Time) tariff.Version {
		return tariff.Version{ID: k.newID(id.Tariff, 3), Owner: owner, ValidFrom: at, CreatedAt: epoch}
	}
	first := version(owner, epoch)
	k.must(k.Tariffs().Put(k.ctx, first))
	second := version(owner, epoch)
	k.is(k.Tariffs().Put(k.ctx, second), store.ErrTaken)
	ask(k.Tariffs().Get(k.ctx, second.ID)).missing(k)
	k.must(k.Tariffs().Put(k.ctx, version(owner, epoch.Add(time.Millisecond))))
	k.must(k.Tariffs().Put(k.ctx, version(k.newID(id.Merchant, 3), epoch)))
	first.WithdrawnAt = epoch
	k.must(k.Tariffs().Put(k.ctx, first))
	k.must(k.Tariffs().Put(k.ctx, second))
}
