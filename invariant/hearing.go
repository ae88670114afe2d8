package invariant

import (
	"context"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// hearing compares everything that a witness heard with everything that is kept.
type hearing struct {
	*Witness
	ctx     context.Context
	archive store.Archive
	report  Report
	rest    bool // the world has come to rest
	missing map[id.ID]bool
}

// Check compares what was told with what is kept, at any moment. The report also
// has what Report gives.
func (w *Witness) Check(ctx context.Context, s store.Auditor) (Report, error) {
	return w.hold(ctx, s, false)
}

// CheckAtRest compares too what must be so when nothing is on its way any more:
// every payment has ended, every fact is numbered, and every event has reached
// every endpoint that listens.
func (w *Witness) CheckAtRest(ctx context.Context, s store.Auditor) (Report, error) {
	return w.hold(ctx, s, true)
}

func (w *Witness) hold(ctx context.Context, s store.Auditor, rest bool) (report Report, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	err = s.Audit(ctx, func(archive store.Archive) error {
		h := &hearing{Witness: w, ctx: ctx, archive: archive, report: w.report.clone(), rest: rest, missing: make(map[id.ID]bool, len(w.told))}
		defer func() { report = h.report }()
		return h.run()
	})
	if err != nil {
		return Report{}, fmt.Errorf("invariant: the witness could not read everything: %w", err)
	}
	return report, nil
}

func (h *hearing) run() error {
	for object := range h.told {
		h.missing[object] = true
	}
	requests := stream[payment.Request]{page: func(after payment.Request) ([]payment.Request, error) {
		return h.archive.RequestPage(h.ctx, after.ID, pageSize)
	}}
	payments := stream[payment.Payment]{page: func(after payment.Payment) ([]payment.Payment, error) {
		return h.archive.PaymentPage(h.ctx, after.ID, pageSize)
	}}
	refunds := stream[payment.Refund]{page: func(after payment.Refund) ([]payment.Refund, error) {
		return h.archive.RefundPage(h.ctx, after.ID, pageSize)
	}}
	for _, walk := range []func() error{
		func() error { return requests.all(h.request) },
		func() error { return payments.all(h.payment) },
		func() error { return refunds.all(h.refund) },
		h.facts,
	} {
		if err := walk(); err != nil {
			return err
		}
	}
	for object := range h.missing {
		h.report.broken(Kept, string(object), "it was told %d times and is not there", h.told[object].mention)
	}
	return nil
}

// compare holds what is kept of an object against what was told of it.
func (h *hearing) compare(object id.ID, kept word) {
	told := h.told[object]
	if told == nil {
		return
	}
	delete(h.missing, object)
	if told.status != "" && told.status != kept.status {
		h.report.broken(Kept, string(object), "%v were told that it is %s, and it is %q", told.by, told.status, kept.status)
	}
	if told.amount != 0 && told.amount != kept.amount || told.name != "" && told.name != kept.name || told.of != "" && told.of != kept.of {
		h.report.broken(Kept, string(object), "%v were told %d tyiyn, name %q, of %s; it is %d, %q, %s", told.by, told.amount, told.name, told.of, kept.amount, kept.name, kept.of)
	}
	h.report.look(Tenants, int64(len(told.by)))
	for _, by := range told.by {
		if !slices.Contains(kept.by, by) {
			h.report.broken(Tenants, string(object), "%s was told of it, and it belongs to %v", by, kept.by)
		}
	}
}

func (h *hearing) request(r *payment.Request) {
	h.compare(r.ID, word{by: []id.ID{r.Merchant}, status: final(string(r.Status)), amount: r.Amount, name: r.OrderID})
	if r.Status == payment.RequestCanceled {
		h.wasAsked(r.ID, asking{r.Merchant, AskEnd, string(r.ID)})
	}
}

func (h *hearing) payment(p *payment.Payment) {
	h.compare(p.ID, word{by: []id.ID{p.Merchant, p.PSP}, status: final(p.Status.String()), amount: p.Amount, name: p.PSPPaymentID, of: p.Request})
	h.wasAsked(p.ID, asking{p.PSP, AskPayment, p.PSPPaymentID})
	if h.buried[named{p.PSP, p.PSPPaymentID}] {
		h.report.broken(Kept, string(p.ID), "%s was told that %q can never be created", p.PSP, p.PSPPaymentID)
	}
	switch {
	case p.Status == payment.Succeeded || p.Status == payment.Failed:
		h.wasAsked(p.ID, asking{p.PSP, AskExecute, string(p.ID)})
	case p.Reason == payment.ReasonPSP:
		h.wasAsked(p.ID, asking{p.PSP, AskCancel, string(p.ID)}, asking{p.PSP, AskCancel, p.PSPPaymentID})
	}
	if h.rest {
		h.report.look(Ended, 1)
		if !p.Status.Final() {
			h.report.broken(Ended, string(p.ID), "it is still %s", p.Status)
		}
	}
}

func (h *hearing) refund(r *payment.Refund) {
	status := final(string(r.Status))
	h.compare(r.ID, word{by: []id.ID{r.Merchant, r.PSP}, status: status, amount: r.Amount, of: r.Payment})
	h.wasAsked(r.ID, asking{r.Merchant, AskRefund, string(r.Payment)})
	if status != "" {
		h.wasAsked(r.ID, asking{r.PSP, AskAck, string(r.ID)})
	}
}

// wasAsked says that something happened that one of these must have asked for.
func (h *hearing) wasAsked(object id.ID, any ...asking) {
	h.report.look(Asked, 1)
	if !slices.ContainsFunc(any, func(x asking) bool { return h.asked[x] }) {
		h.report.broken(Asked, string(object), "%s was done and %s never asked for it", any[0].act, any[0].by)
	}
}

// facts compares the events that were told with the feed, and at rest those that were not.
func (h *hearing) facts() error {
	unheard := make(map[id.ID]bool, len(h.events))
	for name := range h.events {
		unheard[name] = true
	}
	feed := stream[store.Numbered]{page: func(after store.Numbered) ([]store.Numbered, error) {
		return h.archive.NumberedPage(h.ctx, after.Position, pageSize)
	}}
	err := feed.all(func(n *store.Numbered) {
		delete(unheard, n.Fact.ID)
		h.fact(n)
	})
	for name := range unheard {
		h.report.broken(Kept, string(name), "%s was told of a %s that is not in the feed", h.events[name].reader, h.events[name].kind)
	}
	return err
}

func (h *hearing) fact(n *store.Numbered) {
	if told, heard := h.events[n.Fact.ID]; heard {
		h.report.look(Tenants, 1)
		if told.reader != n.Fact.Merchant {
			h.report.broken(Tenants, string(n.Fact.ID), "%s was told of it, and it belongs to %s", told.reader, n.Fact.Merchant)
		}
		if told.kind != string(n.Fact.Type) {
			h.report.broken(Kept, string(n.Fact.ID), "it was told as %s, and is %s", told.kind, n.Fact.Type)
		}
	}
	if !h.rest {
		return
	}
	for _, l := range h.listens {
		if l.reader != n.Reader || n.Sequence <= l.after {
			continue
		}
		h.report.look(Arrived, 1)
		if !h.arrived[arrival{l.endpoint, n.Fact.ID}] {
			h.report.broken(Arrived, string(n.Fact.ID), "the %s of %s with sequence %d never reached %s", n.Fact.Type, n.Reader, n.Sequence, l.endpoint)
		}
	}
}
