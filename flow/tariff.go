package flow

import (
	"context"
	"errors"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/store"
	"tolom/tariff"
)

// withdrawBefore is how long before its beginning a version may be withdrawn at the
// latest: every node has to hear of it before it would price by it.
const withdrawBefore = time.Minute

// furthest is how far ahead a version may begin; a longer time is a slip of the hand.
const furthest = 5 * 366 * 24 * time.Hour

// SetTariff gives a merchant another tariff, for payments created from now on, and the
// merchant with it.
func (r *Registry) SetTariff(ctx context.Context, merchant id.ID, t tariff.Tariff) (store.Merchant, error) {
	m, err := r.desk.Merchants().Get(ctx, merchant)
	if err != nil {
		return m, missing(err)
	}
	v, err := r.AddTariff(ctx, tariff.Version{Owner: merchant, Tariff: t})
	m.Tariff = v.Tariff
	return m, err
}

// AddTariff puts a version of a tariff, of a merchant, a category or the centre. It
// holds from its moment on; without one from now on. Refused: invalid_request for
// numbers that cannot be, for a moment that is past or years ahead, and for one that
// another version of the owner has; not_found for a merchant or PSP that is not there.
// It goes by the database's clock, as payments do: on a node whose clock is behind a version
// would begin before it was put.
func (r *Registry) AddTariff(ctx context.Context, v tariff.Version) (tariff.Version, error) {
	bucket, err := r.checkTariff(ctx, v)
	if err != nil {
		return v, err
	}
	now, err := r.desk.Now(ctx)
	if err != nil {
		return v, missing(err)
	}
	scheduled := !v.ValidFrom.IsZero()
	if !scheduled {
		v.ValidFrom = now
	}
	if err := ahead(v.ValidFrom, now); err != nil {
		return v, err
	}
	v.ID, v.ValidFrom, v.CreatedAt = r.newID(id.Tariff, bucket), v.ValidFrom.UTC().Truncate(time.Millisecond), now
	err = r.desk.Tariffs().Put(ctx, v)
	for tries := 0; !scheduled && errors.Is(err, store.ErrTaken) && tries < 100; tries++ {
		v.ValidFrom = v.ValidFrom.Add(time.Millisecond) // Several at once: this one is the later.
		err = r.desk.Tariffs().Put(ctx, v)
	}
	if errors.Is(err, store.ErrTaken) {
		return v, fault.Wrap(fault.InvalidRequest, err).On("valid_from").Because("another version begins at this moment; withdraw it first, or choose another moment")
	}
	r.forget(tariffsOf(v.Owner))
	return v, written(err)
}

// ahead refuses a moment that is past or years away.
func ahead(from, now time.Time) error {
	switch {
	case from.Before(now):
		return fault.New(fault.InvalidRequest).On("valid_from").Because("valid_from is past; what was asked for payments then is never changed")
	case from.After(now.Add(furthest)):
		return fault.New(fault.InvalidRequest).On("valid_from").Because("valid_from is more than five years ahead")
	}
	return nil
}

// checkTariff looks at what a version says, and gives the shard of its owner.
func (r *Registry) checkTariff(ctx context.Context, v tariff.Version) (bucket uint16, err error) {
	if err := v.Check(); err != nil {
		return 0, fault.Wrap(fault.InvalidRequest, err).On("tariff").Because(err.Error())
	}
	for _, s := range v.Shares {
		if _, err := r.PSP(ctx, s.PSP); err != nil {
			return 0, whose(err, "", "", "psps")
		}
	}
	mcc, category := tariff.MCC(v.Owner)
	switch {
	case category && (len(mcc) != 4 || !digits(mcc)):
		return 0, fault.New(fault.InvalidRequest).On("mcc").Because("mcc is the four digits of ISO 18245")
	case category || v.Owner == tariff.Centre:
		return 0, nil
	}
	_, err = r.Merchant(ctx, v.Owner)
	return v.Owner.Bucket(), whose(err, "", "", "merchant_id")
}

// WithdrawTariff takes back a version that has not begun. Refused: not_found;
// invalid_request for one that holds or is about to, which only a later one follows.
func (r *Registry) WithdrawTariff(ctx context.Context, version id.ID) (tariff.Version, error) {
	v, err := r.desk.Tariffs().Get(ctx, version)
	if err != nil {
		return v, missing(err)
	}
	now, err := r.desk.Now(ctx)
	if err != nil {
		return v, missing(err)
	}
	switch {
	case !v.WithdrawnAt.IsZero():
		return v, nil
	case !v.ValidFrom.After(now.Add(withdrawBefore)):
		return v, fault.New(fault.InvalidRequest).On("id").Because("the version holds, or begins within a minute; put one that follows it")
	}
	v.WithdrawnAt = now
	return v, put(ctx, r, r.desk.Tariffs(), tariffsOf(v.Owner), v)
}

// Tariffs gives all versions of an owner, withdrawn ones too, in the order in which
// they begin; of a merchant with what its record says from the beginning.
func (r *Registry) Tariffs(ctx context.Context, owner id.ID) ([]tariff.Version, error) {
	versions, err := r.allTariffs(ctx, owner)
	if err != nil || owner.Kind() != id.Merchant {
		return versions, missing(err)
	}
	m, err := r.desk.Merchants().Get(ctx, owner)
	return tariff.OwnOf(m.ID, m.Tariff, m.CreatedAt, versions), missing(err)
}

// allTariffs reads the versions that were put for an owner. There are as many as
// somebody has cared to put.
func (r *Registry) allTariffs(ctx context.Context, owner id.ID) (all []tariff.Version, err error) {
	const page = 200
	for after := id.ID(""); ; after = all[len(all)-1].ID {
		some, err := r.desk.Tariffs().List(ctx, owner, after, page)
		if all = append(all, some...); err != nil || len(some) < page {
			tariff.Sort(all)
			return all, err
		}
	}
}

// tariffsOf is the name under which an owner's versions are remembered.
func tariffsOf(owner id.ID) id.ID { return "tariffs:" + owner }

// TariffBook gives what a merchant's payments are priced by. It may be some seconds
// old, as a suspension may: a version that was put meanwhile touches later payments.
func (r *Registry) TariffBook(ctx context.Context, m store.Merchant) (book tariff.Book, err error) {
	for _, part := range []struct {
		owner id.ID
		to    *[]tariff.Version
	}{{m.ID, &book.Own}, {tariff.Category(m.MCC), &book.Category}, {tariff.Centre, &book.Centre}} {
		*part.to, err = recalled(ctx, r, tariffsOf(part.owner), func(ctx context.Context) ([]tariff.Version, error) {
			versions, err := r.allTariffs(ctx, part.owner)
			if part.owner == m.ID {
				versions = tariff.OwnOf(m.ID, m.Tariff, m.CreatedAt, versions)
			}
			return versions, err
		})
		if err != nil {
			return book, err
		}
	}
	return book, nil
}

// TariffOf gives the tariff that a payment of the merchant was priced by: its version's,
// or the record's for one of before there were versions.
func (r *Registry) TariffOf(ctx context.Context, m store.Merchant, version id.ID) (tariff.Tariff, error) {
	if version == "" {
		return m.Tariff, nil
	}
	book, err := r.TariffBook(ctx, m)
	if err != nil {
		return tariff.Tariff{}, err
	}
	if v, ok := book.Find(version); ok {
		return v.Tariff, nil
	}
	v, err := r.desk.Tariffs().Get(ctx, version)
	return v.Tariff, missing(err)
}

// Priced gives a merchant with the tariff that holds now in place of its record's.
func (r *Registry) Priced(ctx context.Context, m store.Merchant) (store.Merchant, error) {
	book, err := r.TariffBook(ctx, m)
	m.Tariff = book.At(r.world.Clock.Now()).Tariff
	return m, err
}

// Quote is what a payment would cost at a moment, and by which tariff.
type Quote struct {
	At      time.Time
	Version tariff.Version
	Next    []tariff.Version // what is known to begin after it
	Amount  money.Amount     // 0: nothing is priced
	PSP     id.ID
	Price   tariff.Price
}

// Quote prices a payment that a merchant would take at a moment; the zero time is now.
// Refused: not_found; amount_invalid.
func (r *Registry) Quote(ctx context.Context, merchant, psp id.ID, amount int64, at time.Time) (Quote, error) {
	m, err := r.Merchant(ctx, merchant)
	if err != nil {
		return Quote{}, err
	}
	if psp != "" {
		if _, err := r.PSP(ctx, psp); err != nil {
			return Quote{}, whose(err, "", "", "psp_id")
		}
	}
	if amount != 0 {
		if err := sum("amount", amount); err != nil {
			return Quote{}, err
		}
	}
	book, err := r.TariffBook(ctx, m)
	if at.IsZero() {
		at = r.world.Clock.Now()
	}
	q := Quote{At: at, Version: book.At(at), Next: book.Next(at), Amount: money.Amount(amount), PSP: psp}
	if amount != 0 {
		q.Price = q.Version.Price(q.Amount, psp)
	}
	return q, err
}
