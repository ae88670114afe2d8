package invariant

import (
	"context"
	"fmt"
	"iter"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// Line is what a PSP's own books say of one payment that it has held money for.
type Line struct {
	Name     string       // the psp_payment_id
	State    LineState    // what became of the payer's money
	Amount   money.Amount // tyiyn of the payment, without what the payer pays on top
	Fee      money.Amount // what the payer pays on top
	Refunded money.Amount // tyiyn that the payer got back, without what was paid on top

	FeeRefunded money.Amount // of what was paid on top
}

// LineState is where a payer's money is.
type LineState string

// The states of a line.
const (
	Held     LineState = "held"
	Captured LineState = "captured"
	Released LineState = "released"
)

// CompareBooks holds the platform against the books of the PSPs, one list of
// lines each; payments of other PSPs are passed over. Nothing may be captured that
// has not succeeded, nothing released that has. At rest nothing is held any more,
// what succeeded is captured, and refunds are equal to the tyiyn. A PSP that is
// busy while its books are read should be compared at rest only.
func CompareBooks(ctx context.Context, s store.Auditor, books map[id.ID]iter.Seq[Line], rest bool) (Report, error) {
	c := comparison{report: newReport(), lines: map[named]Line{}, psps: map[id.ID]bool{}, rest: rest}
	for psp, lines := range books {
		c.psps[psp] = true
		for line := range lines {
			c.take(psp, line)
		}
	}
	err := s.Audit(ctx, func(archive store.Archive) error {
		payments := stream[payment.Payment]{page: func(after payment.Payment) ([]payment.Payment, error) {
			return archive.PaymentPage(ctx, after.ID, pageSize)
		}}
		return payments.all(c.payment)
	})
	if err != nil {
		return Report{}, fmt.Errorf("invariant: the platform's side could not be read: %w", err)
	}
	c.leftOver()
	return c.report, nil
}

// comparison is one run of CompareBooks. What is left of lines has no payment.
type comparison struct {
	report Report
	lines  map[named]Line
	psps   map[id.ID]bool
	rest   bool
}

func (c *comparison) take(psp id.ID, line Line) {
	c.report.look(BothSides, 1)
	name := named{psp, line.Name}
	if _, twice := c.lines[name]; twice {
		c.broken(psp, line.Name, "the PSP has two lines of it")
	}
	c.lines[name] = line
}

func (c *comparison) broken(psp id.ID, name, format string, args ...any) {
	c.report.broken(BothSides, fmt.Sprintf("%s %q", psp, name), format, args...)
}

func (c *comparison) payment(p *payment.Payment) {
	if !c.psps[p.PSP] {
		return
	}
	c.report.look(BothSides, 1)
	line, held := c.lines[named{p.PSP, p.PSPPaymentID}]
	delete(c.lines, named{p.PSP, p.PSPPaymentID})
	say := func(format string, args ...any) { c.broken(p.PSP, p.PSPPaymentID, format, args...) }
	switch {
	case !held:
		say("%s is %s and the PSP held no money for it", p.ID, p.Status)
		return
	case line.Amount != p.Amount:
		say("%s is of %d tyiyn, the PSP's line of %d", p.ID, p.Amount, line.Amount)
	case line.Fee != p.Surcharge && line.State == Captured:
		say("the payer pays %d tyiyn on top of %s, the PSP's line says %d", p.Surcharge, p.ID, line.Fee)
	case line.State == Captured && p.Status != payment.Succeeded:
		say("the payer was debited, and %s is %s", p.ID, p.Status)
	case line.State == Released && p.Status == payment.Succeeded:
		say("%s succeeded, and the payer has the money back", p.ID)
	case c.rest && p.Status == payment.Succeeded && line.State != Captured:
		say("%s succeeded, and the payer's money is still %s", p.ID, line.State)
	case c.rest && p.Status.Final() && line.State == Held:
		say("%s is %s, and the payer's money is still held", p.ID, p.Status)
	}
	c.refunds(p, line, say)
}

// refunds holds what payers got back against what was asked for: a PSP gives it
// back before it says so.
func (c *comparison) refunds(p *payment.Payment, line Line, say func(string, ...any)) {
	if line.Refunded > p.Refunding+p.Refunded || line.Refunded < p.Refunded {
		say("the payer got %d tyiyn back; of %s %d were asked for and %d are acknowledged", line.Refunded, p.ID, p.Refunding+p.Refunded, p.Refunded)
	} else if c.rest && line.Refunded != p.Refunded {
		say("the payer got %d tyiyn back, of %s %d are acknowledged", line.Refunded, p.ID, p.Refunded)
	}
	if line.FeeRefunded > p.SurchargeReturning+p.SurchargeReturned || line.FeeRefunded < p.SurchargeReturned || c.rest && line.FeeRefunded != p.SurchargeReturned {
		say("the payer got %d tyiyn back of what was paid on top; of %s %d were promised and %d are acknowledged", line.FeeRefunded, p.ID,
			p.SurchargeReturning+p.SurchargeReturned, p.SurchargeReturned)
	}
}

// leftOver judges lines that the platform knows no payment of: their creates
// never arrived, so their money may only be held for a while.
func (c *comparison) leftOver() {
	for name, line := range c.lines {
		switch {
		case line.State == Captured:
			c.broken(name.psp, name.name, "the payer was debited, and the platform knows no such payment")
		case c.rest && line.State == Held:
			c.broken(name.psp, name.name, "the money is held, and the platform knows no such payment")
		}
		if line.Refunded != 0 {
			c.broken(name.psp, name.name, "the payer got %d tyiyn back of a payment that the platform does not know", line.Refunded)
		}
	}
}
