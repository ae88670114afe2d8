package sim

import (
	"context"
	"maps"
	"slices"
	"time"

	"tolom/clearing"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/sandbox"
	"tolom/settlement"
	"tolom/store"
)

// daysEnded says that the last business day was ended, all are settled, no payout is open and no file waits.
func (w *World) daysEnded(ctx context.Context) bool {
	if w.target > 0 && (w.lastDay == "" || w.dayOf(w.lastDay).Date == "") {
		return false
	}
	days, err := w.store.Days(ctx, "", 1000)
	if err != nil || slices.ContainsFunc(days, func(d settlement.Day) bool { return d.Status != settlement.Settled }) {
		return false
	}
	_, err = w.store.Unfinished(ctx)
	waits, _ := w.filesWaiting(ctx)
	return err != nil && len(waits) == 0 && w.post.idle(w.witness.days.payouts)
}

// filesWaiting gives files with which something is still to be done, and those that need somebody.
func (w *World) filesWaiting(ctx context.Context) (waits, stuck []store.File) {
	for f := (store.FileFilter{Limit: 100}); ; {
		page, err := w.store.FilesBy(ctx, f)
		if err != nil || len(page) == 0 {
			return waits, stuck
		}
		for _, x := range page {
			f.Before = x.ID
			switch {
			case x.Status == store.FileStuck:
				stuck = append(stuck, x)
			case x.Status == store.FilePlanned, x.Status == store.FileReady, !x.NextAt.IsZero():
				waits = append(waits, x)
			}
		}
	}
}

// compared says that every bank that compares has done so since everything has ended.
func (w *World) compared() bool {
	for _, b := range w.banks {
		if w.compare > 0 && b.bank.LastCompared().At.Before(opening.Add(w.calmAt+8*time.Minute)) {
			return false
		}
	}
	return true
}

// judgeDays holds business days, payouts and files to what must have become of them.
func (w *World) judgeDays(ctx context.Context) {
	days, err := w.store.Days(ctx, "", 1000)
	if err != nil || len(days) == 0 && w.target > 0 {
		w.violated("the books can be read", "days", "%v", err)
	}
	if err != nil || len(days) == 0 {
		return
	}
	for _, d := range days {
		w.count("business day")
		if d.Status != settlement.Settled || d.Stage != settlement.Wait {
			w.violated("every day ends", d.Date, "it is %s, at %q, %s", d.Status, d.Stage, d.Reason)
		}
		if said := w.post.verdicts[d.Message]; d.Digest != "" && said.Verdict != clearing.Settled {
			w.violated("the word of a bank is kept", d.Date, "it is %s, the central bank has said %q of %s", d.Status, said.Verdict, d.Message)
		}
		w.judgeLegs(ctx, d)
	}
	waits, stuck := w.filesWaiting(ctx)
	for _, f := range slices.Concat(waits, stuck) {
		w.violated("every file is delivered", f.Name, "of %s: it is %s: %s", f.Owner, f.Status, f.Reason)
	}
	after := w.since(ctx, days[0].To)
	for _, b := range w.banks {
		w.judgeSettled(ctx, b, after[b.psp])
	}
	for _, s := range w.shops {
		w.judgeShop(ctx, s)
	}
	w.judgePayouts(ctx)
	w.judgeProposals(ctx)
}

// judgeProposals holds that two people stand behind everything that was done.
func (w *World) judgeProposals(ctx context.Context) {
	done, err := w.store.ListProposals(ctx, store.ProposalFilter{Status: proposal.Done, Oldest: true, Limit: 10_000})
	if err != nil {
		w.violated("the books can be read", "proposals", "%v", err)
	}
	for _, p := range done {
		w.count("proposal carried out")
		if p.ProposedBy.ID != w.office.asks.person || p.DecidedBy.ID != w.office.approves.person {
			w.violated("two people stand behind what is done", string(p.ID), "%s was wanted by %q and approved by %q", p.Action, p.ProposedBy.ID, p.DecidedBy.ID)
		}
	}
}

// judgeLegs holds what the central bank was asked to move against the positions.
func (w *World) judgeLegs(ctx context.Context, d settlement.Day) {
	positions, err := w.store.Positions(ctx, d.Date)
	sum := money.Amount(0)
	for _, p := range positions {
		sum += p.Net
		if p.Participant == settlement.Centre || p.Net == 0 {
			continue
		}
		asked := w.post.legs[d.Message+" "+clearing.LegID(d.Date, p.Participant)]
		if asked != max(p.Net, -p.Net) {
			w.violated("the central bank moves the positions", string(p.Participant), "on %s it was asked for %d, the position is %d", d.Date, asked, p.Net)
		}
	}
	if err != nil || sum != 0 {
		w.violated("the central bank moves the positions", d.Date, "they sum to %d (%v)", sum, err)
	}
}

// rest is what happened to a PSP after the last day that was ended.
type rest struct{ owed, interchange money.Amount }

// since adds up, by PSP and from the words of the facts alone, what happened after a position of the feed.
func (w *World) since(ctx context.Context, position int64) map[id.ID]rest {
	out := map[id.ID]rest{}
	for {
		items, err := w.store.Tail(ctx, position, 500)
		if err != nil || len(items) == 0 {
			return out
		}
		for _, i := range items {
			position = i.Position
			sum := out[i.Fact.PSP]
			switch i.Fact.Type {
			case payment.PaymentSucceeded:
				sum.owed, sum.interchange = sum.owed+i.Fact.Amount+i.Fact.Surcharge, sum.interchange+i.Fact.Interchange
			case payment.RefundDidSucceed:
				sum.owed, sum.interchange = sum.owed-i.Fact.Amount-i.Fact.Surcharge, sum.interchange-i.Fact.Interchange
			case payment.BooksWereCorrected:
				sum.owed += i.Fact.Amount
			default:
				continue
			}
			out[i.Fact.PSP] = sum
		}
	}
}

// judgeSettled compares what a bank's own books say with what was settled for it.
func (w *World) judgeSettled(ctx context.Context, b *bank, after rest) {
	took := w.debited(b)
	closed, fixed := w.witness.days.closed[b.psp], w.witness.days.fixed[b.psp]
	if closed.owed+after.owed != took+fixed {
		w.violated("what a bank owes is settled", b.name, "by its own books it took %d, corrections come to %d; settled were %d, and %d are to come", took, fixed, closed.owed, after.owed)
	}
	earned := money.Amount(0)
	w.eachPayment(ctx, store.PaymentFilter{PSP: b.psp, Limit: 500}, func(p *payment.Payment) {
		if p.Status == payment.Succeeded {
			earned += p.Interchange - p.InterchangeReturned
		}
	})
	if closed.interchange+after.interchange != earned {
		w.violated("what a bank earns is settled", b.name, "its payments come to %d; settled were %d, and %d are to come", earned, closed.interchange, after.interchange)
	}
}

// debited is what a bank has taken from its payers and not given back, by its own books.
func (w *World) debited(b *bank) (sum money.Amount) {
	for _, p := range b.bank.Purchases(func(p sandbox.Purchase) bool { return p.Stage == sandbox.Succeeded }) {
		sum += p.Debit()
	}
	for _, r := range b.bank.Refunds() {
		if r.Credited {
			sum -= r.Credit()
		}
	}
	return sum
}

func (w *World) eachPayment(ctx context.Context, f store.PaymentFilter, use func(*payment.Payment)) {
	for {
		rows, err := w.store.Payments(ctx, f)
		if err != nil || len(rows) == 0 {
			return
		}
		for i := range rows {
			f.Before = rows[i].ID
			use(&rows[i])
		}
	}
}

// judgeShop holds that what a shop earned was paid out to it or is owed still.
func (w *World) judgeShop(ctx context.Context, s *shop) {
	earned, paid := money.Amount(0), money.Amount(0)
	w.eachPayment(ctx, store.PaymentFilter{Merchant: s.merchant, Limit: 500}, func(p *payment.Payment) {
		if p.Status == payment.Succeeded {
			earned += p.Amount - p.Fee - p.Refunded - p.Refunding + p.FeeReturned
		}
	})
	earned -= w.witness.days.charged[s.merchant]
	for _, p := range w.witness.days.payouts {
		if p.merchant == s.merchant && !p.returned {
			paid += p.amount
		}
	}
	owed, err := w.store.Balance(ctx, ledger.Of(s.merchant, ledger.Payable))
	if err != nil || earned != paid+owed {
		w.violated("a shop is paid what it earned", string(s.merchant), "it earned %d, %d were paid out and %d are owed (%v)", earned, paid, owed, err)
	}
}

// judgePayouts holds each payout against its facts and against the papers of the bank that it went to.
func (w *World) judgePayouts(ctx context.Context) {
	for _, name := range slices.Sorted(maps.Keys(w.witness.days.payouts)) {
		told := w.witness.days.payouts[name]
		w.count("payout")
		if told.returned {
			w.count("payout that came back")
		}
		p, err := w.store.Payout(ctx, name)
		if err != nil || p.Status == settlement.PayoutMade || (p.Status == settlement.PayoutReturned) != told.returned || p.Amount != told.amount {
			w.violated("every payout ends", string(name), "it is %s with %d, its facts say %+v (%v)", p.Status, p.Amount, *told, err)
		}
		if back := w.post.sentBack(name); back != told.returned {
			w.violated("the word of a bank is kept", string(name), "it came back: %v, by the bank's word: %v", told.returned, back)
		}
		if paper := w.post.credited[name]; paper.amount != told.amount {
			w.violated("a payout is credited once", string(name), "its bank read %d in %q, it is %d", paper.amount, paper.file, told.amount)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.post.credited)) {
		if w.witness.days.payouts[name] == nil {
			w.violated("a payout is credited once", string(name), "%s credits what was never made", w.post.credited[name].file)
		}
	}
}

// judgeCases holds that what a bank counts wrong has become a case, and nothing else has.
func (w *World) judgeCases(ctx context.Context) {
	if w.compare == 0 {
		return
	}
	for _, b := range w.banks {
		open, err := w.store.Cases(ctx, store.CaseFilter{Owner: b.psp, Open: true, Limit: 1000})
		if err != nil {
			w.violated("the books can be read", b.name, "%v", err)
		}
		found := false
		for _, c := range open {
			w.count("case")
			if found = found || c.Name == w.misread[b.psp]; c.Name != w.misread[b.psp] && !w.differs(ctx, b, c) {
				w.violated("a difference is one", c.Name, "of %s: %s, %s; ours %v, theirs %v", b.name, c.Class, c.Reason, c.Ours, c.Theirs)
			}
		}
		if wrong := w.misread[b.psp]; wrong != "" && !found && w.inReach(b, wrong) {
			w.violated("a difference is found", wrong, "%s counts it wrong, and there is no case", b.name)
		}
	}
}

// inReach says that the last comparison was over a time in which a payment is: it is of a day.
func (w *World) inReach(b *bank, purchase string) bool {
	p, err := b.bank.Purchase(purchase)
	return err == nil && p.BookedAt.After(b.bank.LastCompared().At.Add(-23*time.Hour))
}

// differs says that a bank has something else in its books than the platform: damaged on its way, as the time of an answer.
func (w *World) differs(ctx context.Context, b *bank, c store.ReconCase) bool {
	for _, r := range b.bank.Refunds() {
		if r.ID == c.Name { // the time of a refund is the bank's own
			return true
		}
	}
	p, err := b.bank.Purchase(c.Name)
	if err != nil {
		return false
	}
	here, err := w.store.Claim(ctx, store.Name{Scope: "psp_payment:" + string(b.psp), Key: c.Name})
	if err != nil {
		return false
	}
	ours, err := w.store.Payment(ctx, here.Object)
	return err == nil && !ours.EndedAt.Equal(p.BookedAt)
}
