package flow

import (
	"context"
	"errors"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/report"
	"tolom/sheet"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// Reports are the use cases of reports: order one, follow it, open its file, have it ordered again and again. Orders and
// files are kept in the database; what they are made of may be read from a replica.
type Reports struct {
	kept     store.Reports
	primary  store.Moves
	source   store.Moves
	days     store.Days
	registry *Registry
	world    world.World
	base     string // where the merchant API is, for links
}

// NewReports makes them. source is where facts are read: the primary itself, or a replica of it; base is scheme and host
// of the merchant API.
func NewReports(s store.Store, source store.Moves, r *Registry, w world.World, base string) *Reports {
	return &Reports{kept: s, primary: s, source: source, days: s, registry: r, world: w, base: base}
}

// Reader is for whom a report is: a merchant, perhaps of one store or till alone, a PSP, or the centre.
type Reader struct {
	Kind        report.Owner
	Owner       id.ID
	Store, Till id.ID
}

// MerchantReader is a merchant's key, or whoever stands for the merchant, as a reader.
func MerchantReader(who access.Merchant) Reader {
	return Reader{report.ForMerchant, who.ID, who.Store, who.Till}
}

// PSPReader is a PSP as a reader.
func PSPReader(psp id.ID) Reader { return Reader{Kind: report.ForPSP, Owner: psp} }

// CentreReader is the staff of the centre as a reader.
func CentreReader() Reader { return Reader{Kind: report.ForCentre, Owner: store.Centre} }

// whole says that the reader may see everything of its owner.
func (r Reader) whole() bool { return r.Store == "" && r.Till == "" }

// sees says whether what was ordered is the reader's to see.
func (r Reader) sees(owner id.ID, o report.Order) bool {
	return r.Owner == owner && (r.Store == "" || r.Store == o.Store) && (r.Till == "" || r.Till == o.Till)
}

const (
	// mostWaiting is how many reports of one owner may wait or run at once.
	mostWaiting = 10
	// KeepFiles is how long the file of a report is kept.
	KeepFiles = 30 * 24 * time.Hour
)

// Order has a report made. The same key and order give the same report, so a lost answer makes no second one; an empty
// key is always another. Refused: invalid_request with the field, not_found for a store or till that the reader cannot
// see, rate_limited for more reports at once than an owner may have, idempotency_key_reused.
func (r *Reports) Order(ctx context.Context, who Reader, key string, in wire.NewReport) (made store.Report, replayed bool, err error) {
	o, err := r.read(ctx, who, in)
	if err != nil {
		return made, false, err
	}
	position, err := r.position(ctx, in.Position)
	if err != nil {
		return made, false, err
	}
	want := store.Report{ID: r.registry.newID(id.Report, who.Owner.Bucket()), Owner: who.Owner, Origin: "key:" + key, Order: o, Position: position,
		Status: store.ReportQueued, CreatedAt: r.world.Clock.Now()}
	if key == "" {
		want.Origin = "id:" + string(want.ID)
	}
	return r.order(ctx, want, in.Position)
}

func (r *Reports) order(ctx context.Context, want store.Report, asked int64) (made store.Report, replayed bool, err error) {
	made, err = r.kept.OrderReport(ctx, want, mostWaiting)
	switch {
	case errors.Is(err, store.ErrTaken):
		return made, false, fault.New(fault.RateLimited).Because("ten reports wait or run already: order more when some are ready")
	case err != nil:
		return made, false, missing(err)
	case made.Order != want.Order || asked != 0 && made.Position != asked:
		return made, false, fault.New(fault.IdempotencyReused).On("Idempotency-Key").Because("use a new key for another report")
	}
	return made, made.ID != want.ID, nil
}

// read judges an order and holds it to what its reader can see.
func (r *Reports) read(ctx context.Context, who Reader, in wire.NewReport) (report.Order, error) {
	o, err := r.shape(ctx, who, in)
	if err != nil {
		return o, err
	}
	var problem string
	if o.From, o.To, problem = report.ReadPeriod(in.From, in.To); problem != "" {
		return o, fault.New(fault.InvalidRequest).On(problem).Because("write a date such as 2026-11-24, or RFC 3339 such as 2026-11-24T05:40:00Z")
	}
	if field, problem := o.Check(who.Kind); problem != "" {
		return o, fault.New(fault.InvalidRequest).On(field).Because(problem)
	}
	return o, nil
}

// shape is an order without its times.
func (r *Reports) shape(ctx context.Context, who Reader, in wire.NewReport) (o report.Order, err error) {
	o = report.Order{Type: report.Type(in.Type), Cashier: in.Cashier, Format: sheet.Format(in.Format), Language: in.Language}
	if o.Language == "" {
		o.Language = "ky"
	}
	if in.BOM {
		if o.Format != sheet.CSV {
			return o, fault.New(fault.InvalidRequest).On("bom").Because("only a CSV begins with a byte order mark")
		}
		o.Format = sheet.BOM
	} else if o.Format == sheet.BOM {
		return o, fault.New(fault.InvalidRequest).On("format").Because("write csv, and bom: true")
	}
	o.Store, o.Till = narrowed(id.ID(in.StoreID), who.Store), narrowed(id.ID(in.TillID), who.Till)
	if o.Type == report.OfSettlement && !who.whole() {
		return o, fault.New(fault.Forbidden).Because("deposits are the whole merchant's: use a key that reaches one")
	}
	return o, r.places(ctx, who, o)
}

// places refuses a store or till that is not the reader's.
func (r *Reports) places(ctx context.Context, who Reader, o report.Order) error {
	if o.Store != "" {
		if s, err := r.registry.Store(ctx, o.Store); err != nil || s.Merchant != who.Owner {
			return unseen("store_id", err)
		}
	}
	if o.Till != "" {
		if t, err := r.registry.Till(ctx, o.Till); err != nil || t.Merchant != who.Owner {
			return unseen("till_id", err)
		}
	}
	return nil
}

// unseen is the same for what is another's and what is not there.
func unseen(field string, err error) error {
	if err != nil && !fault.Has(err, fault.NotFound) {
		return err
	}
	return fault.New(fault.NotFound).On(field)
}

// position is the last one of the feed, or the one that was asked for.
func (r *Reports) position(ctx context.Context, asked int64) (int64, error) {
	head, err := r.primary.Head(ctx)
	if err != nil {
		return 0, missing(err)
	}
	if asked < 0 || asked > head {
		return 0, fault.New(fault.InvalidRequest).On("position").Because("no fact has that position yet")
	}
	if asked == 0 {
		asked = head
	}
	return asked, nil
}

// Report gives a report. Refused: not_found, also for one that the reader cannot see.
func (r *Reports) Report(ctx context.Context, who Reader, name string) (store.Report, error) {
	i, err := id.Parse(id.Report, name)
	if err != nil {
		return store.Report{}, fault.New(fault.NotFound)
	}
	found, err := r.kept.Report(ctx, i)
	if err != nil {
		return store.Report{}, missing(err)
	}
	if !who.sees(found.Owner, found.Order) {
		return store.Report{}, fault.New(fault.NotFound)
	}
	return found, nil
}

// List gives a page of the reader's reports, newest first, older than the cursor.
func (r *Reports) List(ctx context.Context, who Reader, before id.ID, limit int) (page []store.Report, more bool, err error) {
	for len(page) <= limit {
		rows, err := r.kept.ReportsOf(ctx, who.Owner, before, limit+1)
		if err != nil {
			return nil, false, missing(err)
		}
		for _, row := range rows {
			before = row.ID
			if who.sees(row.Owner, row.Order) {
				page = append(page, row)
			}
		}
		if len(rows) <= limit {
			break
		}
	}
	more = len(page) > limit
	return page[:min(len(page), limit)], more, nil
}

// Types lists what a reader may order.
func (r Reader) Types() []report.Type { return report.Types(r.Kind) }
