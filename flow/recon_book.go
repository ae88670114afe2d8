package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/recon"
	"tolom/settlement"
	"tolom/store"
)

// ourBook is our side of a comparison. It reads an hour at a time and keeps the last,
// so that a book of any length needs the memory of one hour.
type ourBook struct {
	hour func(from, to time.Time) ([]recon.Line, error)
	at   recon.Range
	last recon.Book
}

// source gives our side of a run.
func (r *Reconciler) source(ctx context.Context, run store.ReconRun) recon.Source {
	if run.Book == PayoutsBook {
		return &payoutBook{r: r, ctx: ctx, psp: run.Owner, period: run.Period}
	}
	return &ourBook{hour: func(from, to time.Time) ([]recon.Line, error) { return r.keep.Moved(ctx, run.Owner, from, to) }}
}

// hours cuts a range at full hours.
func hours(r recon.Range) []recon.Range { return r.Steps(false) }

func (b *ourBook) read(r recon.Range) (recon.Book, error) {
	from := r.From - r.From%60
	whole := recon.Range{From: from, To: from + 60}
	if b.at != whole {
		lines, err := b.hour(whole.From.Time(), whole.To.Time())
		if err != nil {
			return nil, err
		}
		b.at, b.last = whole, recon.BookOf(lines)
	}
	return b.last.In(r), nil
}

// Digest adds up the hours of a range.
func (b *ourBook) Digest(r recon.Range) (recon.Digest, error) {
	sum := recon.NewSum()
	for _, part := range hours(r) {
		lines, err := b.read(part)
		if err != nil {
			return recon.Digest{}, err
		}
		sum.Add(lines)
	}
	return sum.Digest(r), nil
}

// Book puts the hours of a range together.
func (b *ourBook) Book(r recon.Range) (all recon.Book, err error) {
	for _, part := range hours(r) {
		lines, err := b.read(part)
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}

// payoutBook is what a bank was to pay out and to settle: some lines a day, read once.
type payoutBook struct {
	r      *Reconciler
	ctx    context.Context
	psp    id.ID
	period recon.Range
	whole  *recon.Fixed
}

func (b *payoutBook) fixed() (recon.Fixed, error) {
	if b.whole == nil {
		lines, err := b.r.settledLines(b.ctx, b.psp, b.period)
		if err != nil {
			return recon.Fixed{}, err
		}
		b.whole = &recon.Fixed{Lines: recon.BookOf(lines)}
	}
	return *b.whole, nil
}

// Digest gives that of a part of the book.
func (b *payoutBook) Digest(r recon.Range) (recon.Digest, error) {
	f, err := b.fixed()
	if err != nil {
		return recon.Digest{}, err
	}
	return f.Digest(r)
}

// Book gives a part of the book.
func (b *payoutBook) Book(r recon.Range) (recon.Book, error) {
	f, err := b.fixed()
	if err != nil {
		return nil, err
	}
	return f.Book(r)
}

// settleLag is how long after its business day a day may be settled for its payouts to be found.
const settleLag = 30 * 24 * time.Hour

// settledLines gives payouts and positions of the PSP's bank that were settled in a period.
func (r *Reconciler) settledLines(ctx context.Context, psp id.ID, period recon.Range) (lines []recon.Line, err error) {
	p, err := r.platform.registry.PSP(ctx, psp)
	if err != nil {
		return nil, err
	}
	first := period.From.Time().Add(-settleLag).Format(time.DateOnly)
	before := period.To.Time().Add(48 * time.Hour).Format(time.DateOnly)
	for {
		days, err := r.keep.Days(ctx, before, 50)
		if err != nil || len(days) == 0 {
			return lines, err
		}
		for _, d := range days {
			if before = d.Date; d.Date < first {
				return lines, nil
			}
			if m := recon.MinuteOf(d.EndedAt); d.EndedAt.IsZero() || !period.Has(m) {
				continue
			}
			if lines, err = r.addDay(ctx, lines, d, p.Participant); err != nil {
				return nil, err
			}
		}
	}
}

func (r *Reconciler) addDay(ctx context.Context, lines []recon.Line, d settlement.Day, bank id.ID) ([]recon.Line, error) {
	positions, err := r.keep.Positions(ctx, d.Date)
	if err != nil {
		return nil, err
	}
	for _, p := range positions {
		if p.Participant == bank && bank != "" {
			lines = append(lines, recon.Line{Minute: recon.MinuteOf(d.EndedAt), Kind: recon.Position, ID: d.Date, Amount: p.Net, Status: recon.Success})
		}
	}
	f := store.PayoutFilter{Day: d.Date, Participant: bank, Ascending: true, Limit: 1000}
	for bank != "" {
		rows, err := r.keep.Payouts(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			f.After = p.ID
			if l := payoutLine(p); l.Status == recon.Success {
				l.Minute = recon.MinuteOf(d.EndedAt)
				lines = append(lines, l)
			}
		}
		if len(rows) < f.Limit {
			break
		}
	}
	return lines, nil
}

func payoutLine(p settlement.Payout) recon.Line {
	status := map[settlement.PayoutStatus]recon.Status{
		settlement.PayoutMade: recon.InProcess, settlement.PayoutPaid: recon.Success, settlement.PayoutReturned: recon.Returned,
	}[p.Status]
	return recon.Line{Minute: recon.MinuteOf(endOr(p.EndedAt, p.CreatedAt)), Kind: recon.Payout, ID: string(p.ID), Amount: p.Amount, Status: status}
}

func endOr(at, begun time.Time) time.Time {
	if at.IsZero() {
		return begun
	}
	return at
}

// now gives what we have under a name at this moment, whatever its status; none when we have nothing of the PSP's.
func (r *Reconciler) now(ctx context.Context, psp id.ID, kind recon.Kind, name string) ([]recon.Line, error) {
	line, err := recon.Line{}, error(nil)
	switch kind {
	case recon.Payment:
		line, err = r.paymentLine(ctx, access.PSP{ID: psp}, name)
	case recon.Refund:
		line, err = r.refundLine(ctx, psp, name)
	default:
		line, err = r.bankLine(ctx, psp, kind, name)
	}
	switch {
	case fault.Has(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []recon.Line{line}, nil
}

func (r *Reconciler) paymentLine(ctx context.Context, who access.PSP, name string) (recon.Line, error) {
	find := r.platform.PaymentByPSPID
	if _, err := id.Parse(id.Payment, name); err == nil {
		find = r.platform.PaymentState
	}
	p, err := find(ctx, who, name)
	l := recon.Line{Minute: recon.MinuteOf(endOr(p.EndedAt, p.CreatedAt)), Kind: recon.Payment, ID: p.PSPPaymentID, Amount: p.Amount, Status: recon.Status(p.Status.String())}
	if p.ID == "" { // a name that was canceled before it was ever used
		l.Minute = 0
	}
	return l, err
}

func (r *Reconciler) refundLine(ctx context.Context, psp id.ID, name string) (recon.Line, error) {
	i, err := id.Parse(id.Refund, name)
	if err != nil {
		return recon.Line{}, fault.New(fault.NotFound)
	}
	f, err := r.platform.read.Refund(ctx, i)
	if err == nil && f.PSP != psp {
		err = store.ErrNotFound
	}
	status := map[payment.RefundStatus]recon.Status{
		payment.RefundRequested: recon.Requested, payment.RefundSucceeded: recon.Success, payment.RefundRejected: recon.Rejected,
	}[f.Status]
	return recon.Line{Minute: recon.MinuteOf(endOr(f.EndedAt, f.CreatedAt)), Kind: recon.Refund, ID: name, Amount: f.Amount, Status: status}, missing(err)
}

// bankLine finds a payout or a position of the PSP's bank.
func (r *Reconciler) bankLine(ctx context.Context, psp id.ID, kind recon.Kind, name string) (recon.Line, error) {
	p, err := r.platform.registry.PSP(ctx, psp)
	if err != nil {
		return recon.Line{}, err
	}
	if kind == recon.Position {
		return r.positionLine(ctx, p.Participant, name)
	}
	i, err := id.Parse(id.Payout, name)
	if err != nil {
		return recon.Line{}, fault.New(fault.NotFound)
	}
	out, err := r.keep.Payout(ctx, i)
	if err == nil && (out.Participant != p.Participant || p.Participant == "") {
		err = store.ErrNotFound
	}
	return payoutLine(out), missing(err)
}

func (r *Reconciler) positionLine(ctx context.Context, bank id.ID, date string) (recon.Line, error) {
	day, err := r.keep.Day(ctx, date)
	if err != nil {
		return recon.Line{}, missing(err)
	}
	positions, err := r.keep.Positions(ctx, date)
	for _, p := range positions {
		if p.Participant == bank && bank != "" {
			l := recon.Line{Minute: recon.MinuteOf(endOr(day.EndedAt, day.TakenAt)), Kind: recon.Position, ID: date, Amount: p.Net, Status: recon.InProcess}
			if day.Status == settlement.Settled {
				l.Status = recon.Success
			}
			return l, nil
		}
	}
	if err == nil {
		err = store.ErrNotFound
	}
	return recon.Line{}, missing(err)
}

// ourNames writes the PSP's own ids in place of ours, by which the clearing file names payments.
func (r *Reconciler) ourNames(ctx context.Context, who access.PSP, lines []recon.Line) ([]recon.Line, error) {
	own, err := r.paymentsOf(ctx, who, lines)
	for i, l := range lines {
		if p, known := own[l.ID]; known {
			lines[i].ID = p.PSPPaymentID
		}
	}
	return lines, err
}

// paymentsOf gives those payments of the PSP that lines name by our ids.
func (r *Reconciler) paymentsOf(ctx context.Context, who access.PSP, lines []recon.Line) (map[string]payment.Payment, error) {
	var wanted []id.ID
	for _, l := range lines {
		if i, err := id.Parse(id.Payment, l.ID); err == nil && l.Kind == recon.Payment {
			wanted = append(wanted, i)
		}
	}
	own := map[string]payment.Payment{}
	for some := range slices.Chunk(wanted, MostStates) {
		rows, err := r.platform.read.PaymentsByID(ctx, some)
		if err != nil {
			return nil, missing(err)
		}
		for _, p := range rows {
			if p.PSP == who.ID {
				own[string(p.ID)] = p
			}
		}
	}
	return own, nil
}

// surcharges tells what was paid on top of payments that lines name by our ids, and given back with refunds.
func (r *Reconciler) surcharges(ctx context.Context, who access.PSP, lines []recon.Line) (map[string]money.Amount, error) {
	onTop := map[string]money.Amount{}
	own, err := r.paymentsOf(ctx, who, lines)
	if err != nil {
		return nil, err
	}
	for name, p := range own {
		onTop[name] = p.Surcharge
	}
	for _, l := range lines {
		i, err := id.Parse(id.Refund, l.ID)
		if err != nil || l.Kind != recon.Refund {
			continue
		}
		f, err := r.platform.read.Refund(ctx, i)
		switch {
		case err == nil && f.PSP == who.ID:
			onTop[l.ID] = f.SurchargeReturned
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, missing(err)
		}
	}
	return onTop, nil
}
