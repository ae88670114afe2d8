package engine

import (
	"maps"
	"slices"
	"time"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// draft is a batch in the making: the view as it will be after the commands
// decided so far, and the rows that changed. Commands of one batch see each
// other through it, as if each had been committed before the next.
type draft struct {
	view     store.View
	requests map[id.ID]bool // changed ones; true when new
	payments map[id.ID]bool
	refunds  map[id.ID]bool
	payouts  map[id.ID]bool // true when new
	loaded   map[id.ID]bool // payments and refunds that are rows already
	totals   map[id.ID]store.Total
	lines    []Line
	counters []ledger.Delta
	guards   map[ledger.Account]money.Amount // the strictest floor asked for
	loosest  map[ledger.Account]money.Amount
	dropped  []store.Name
	kept     []store.Claim
}

func newDraft(v store.View) *draft {
	d := &draft{
		view: v, requests: map[id.ID]bool{}, payments: map[id.ID]bool{}, refunds: map[id.ID]bool{}, loaded: map[id.ID]bool{},
		totals: map[id.ID]store.Total{}, guards: map[ledger.Account]money.Amount{}, loosest: map[ledger.Account]money.Amount{},
	}
	for _, s := range v.States {
		for i := range s.Payments {
			d.loaded[s.Payments[i].ID] = true
		}
		for i := range s.Refunds {
			d.loaded[s.Refunds[i].ID] = true
		}
	}
	return d
}

// decide lets one command decide on the view and takes its outcome in. With the
// guarded balances locked, an outcome that would pass a floor becomes its refusal.
func (d *draft) decide(c Command, claims, taken []store.Claim) Outcome {
	sight := Sight{View: d.view, Taken: taken}
	if request := c.Need().Request; request != "" {
		if s, ok := d.view.States[request]; ok {
			sight.State = &s
		}
	}
	out := c.Decide(sight)
	if refusal := d.passesFloor(out); out.Refusal == nil && refusal != nil {
		out = Outcome{Refusal: refusal}
	}
	d.takeClaims(claims, taken, out)
	d.takeRows(out)
	d.takePayouts(out)
	d.takeLines(out)
	return out
}

// passesFloor judges an outcome against balances that are locked and gives the
// refusal of the first guard that does not hold. Balances that are not locked are
// judged by the store when it writes them.
func (d *draft) passesFloor(out Outcome) *fault.Error {
	for _, g := range out.Guards {
		balance, locked := d.view.Balances[g.Account]
		if !locked || flaw.Has(flaw.GuardForgotten) {
			continue
		}
		if change := out.changeOf(g.Account); (change < 0 || g.Takes) && balance+change < g.Floor {
			return g.Refusal
		}
	}
	return nil
}

// changeOf is what an outcome changes of an account.
func (o Outcome) changeOf(a ledger.Account) (change money.Amount) {
	for _, l := range o.Lines {
		for _, e := range l.Transfer {
			switch a {
			case e.Credit:
				change += e.Amount
			case e.Debit:
				change -= e.Amount
			}
		}
	}
	for _, c := range o.Counters {
		if c.Account == a {
			change += c.Amount
		}
	}
	return change
}

// takeClaims notes which names the command gives back and which it keeps with
// another outcome. Names that were taken before are not its own to touch.
func (d *draft) takeClaims(own, taken []store.Claim, out Outcome) {
	d.kept = append(d.kept, dated(out.Keep, d.view.Now)...)
	if !out.claimsBack() {
		return
	}
	for _, c := range own {
		if !names(taken, c) && !names(out.Keep, c) {
			d.dropped = append(d.dropped, store.Name{Scope: c.Scope, Key: c.Key})
		}
	}
}

// dated gives claims the time that they were taken at, by which those that are
// not kept for ever are forgotten.
func dated(claims []store.Claim, at time.Time) []store.Claim {
	out := slices.Clone(claims)
	for i := range out {
		if out[i].CreatedAt.IsZero() {
			out[i].CreatedAt = at
		}
	}
	return out
}

func names(list []store.Claim, c store.Claim) bool {
	return slices.ContainsFunc(list, func(x store.Claim) bool { return x.Scope == c.Scope && x.Key == c.Key })
}

// takeRows puts changed rows into the view and marks them.
func (d *draft) takeRows(out Outcome) {
	if r := out.NewRequest; r != nil {
		d.view.States[r.ID] = payment.State{Request: *r}
		d.requests[r.ID] = true
	}
	if r := out.Request; r != nil {
		s := d.view.States[r.ID]
		s.Request = *r
		d.view.States[r.ID] = s
		if fresh := d.requests[r.ID]; !fresh { // one made in this batch stays new
			d.requests[r.ID] = false
		}
	}
	for _, p := range out.Payments {
		s := d.view.States[p.Request]
		s.Payments = put(s.Payments, p, func(x payment.Payment) id.ID { return x.ID })
		d.view.States[p.Request] = s
		d.payments[p.ID] = !d.loaded[p.ID]
	}
	for _, r := range out.Refunds {
		s := d.view.States[r.Request]
		s.Refunds = put(s.Refunds, r, func(x payment.Refund) id.ID { return x.ID })
		d.view.States[r.Request] = s
		d.refunds[r.ID] = !d.loaded[r.ID]
	}
}

// put replaces the item of the same id, or appends it, in a list of its own.
func put[T any](list []T, item T, key func(T) id.ID) []T {
	list = slices.Clone(list)
	for i := range list {
		if key(list[i]) == key(item) {
			list[i] = item
			return list
		}
	}
	return append(list, item)
}

// takePayouts does the same for payouts.
func (d *draft) takePayouts(out Outcome) {
	if len(out.NewPayouts)+len(out.Payouts) == 0 {
		return
	}
	if d.payouts == nil {
		d.payouts = map[id.ID]bool{}
	}
	if d.view.Payouts == nil {
		d.view.Payouts = map[id.ID]settlement.Payout{}
	}
	for _, p := range out.NewPayouts {
		d.view.Payouts[p.ID], d.payouts[p.ID] = p, true
	}
	for _, p := range out.Payouts {
		d.view.Payouts[p.ID] = p
		d.payouts[p.ID] = d.payouts[p.ID] // one made in this batch stays new
	}
}

// takeLines notes facts, moves balances that the view holds, and remembers floors.
func (d *draft) takeLines(out Outcome) {
	d.lines = append(d.lines, out.Lines...)
	d.counters = append(d.counters, out.Counters...)
	for account := range d.view.Balances {
		d.view.Balances[account] += out.changeOf(account)
	}
	if out.Paid != 0 {
		request := out.Lines[0].Fact.Request
		t := d.totals[request]
		d.totals[request] = store.Total{Request: request, Amount: t.Amount + out.Paid, Count: t.Count + 1}
	}
	if out.Refusal != nil {
		return
	}
	for _, g := range out.Guards {
		d.noteFloor(g.Account, g.Floor)
	}
}

func (d *draft) noteFloor(a ledger.Account, floor money.Amount) {
	strictest, seen := d.guards[a]
	if !seen {
		d.guards[a], d.loosest[a] = floor, floor
		return
	}
	d.guards[a], d.loosest[a] = max(strictest, floor), min(d.loosest[a], floor)
}

// floor gives the floor that the store must keep for an account. While balances
// are judged by their sum the strictest one rules; once they were locked and
// judged one by one, the loosest is all that can be asked of the sum, and less where
// steps that no floor bounds, such as a settlement's, came after: the sum is then known.
func (d *draft) floor(a ledger.Account) (money.Amount, bool) {
	floors := d.guards
	if _, locked := d.view.Balances[a]; locked {
		floors = d.loosest
		if flaw.Has(flaw.GuardForgotten) {
			floors = nil
		}
	}
	if flaw.Has(flaw.GuardUnread) {
		floors = nil
	}
	f, ok := floors[a]
	if sum, locked := d.view.Balances[a]; locked {
		f = min(f, sum)
	}
	return f, ok
}

// sorted gives the marked ids in order, so that every writer locks rows alike.
func sorted(marks map[id.ID]bool) []id.ID { return slices.Sorted(maps.Keys(marks)) }
