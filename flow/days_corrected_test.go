package flow_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/recon"
	"tolom/settlement"
	"tolom/store"
	"tolom/world"
)

// correcting is a town where differences of books are corrected.
type correcting struct {
	*town
	recon *flow.Reconciler
	eyes  *flow.Proposals
	clerk proposal.Person
	cases map[id.ID]id.ID // by PSP
	dates []string        // of days that are closed and not settled, the oldest first
}

func newCorrecting(t *testing.T, p place, running bool) *correcting {
	w := &correcting{town: newTown(t, p, running), cases: map[id.ID]id.ID{}}
	w.recon, w.eyes = fixing(w.platform, w.store)
	w.clerk = proposal.Person{ID: world.NewID(w.world, id.Operator, 0), Name: "clerk"}
	return w
}

// fixing is how a node books corrections, without a second pair of eyes.
func fixing(p *flow.Platform, s store.Store) (*flow.Reconciler, *flow.Proposals) {
	r, eyes := flow.NewReconciler(p, s), flow.NewProposals(p, false)
	r.Register(eyes)
	return r, eyes
}

// differs opens a case: by its own book the PSP owes so much more.
func (w *correcting) differs(psp id.ID, shift money.Amount) {
	w.t.Helper()
	now := w.world.Clock.Now()
	c := store.ReconCase{ID: world.NewID(w.world, id.Case, psp.Bucket()), Owner: psp, Kind: recon.Payment, Name: "own-" + string(psp), Class: recon.Mismatched,
		Reason: recon.AmountDiffers, Action: recon.CorrectLine, Status: store.CaseOpen, Shift: shift, CreatedAt: now, UpdatedAt: now}
	w.must(w.store.SaveCases(w.ctx, []store.CaseChange{{Case: c, Note: store.CaseNote{At: now, Side: "platform", Kind: "opened", Status: store.CaseOpen}}}))
	w.cases[psp] = c.ID
}

// corrects moves so much more into suspense.
func (w *correcting) corrects(psp id.ID, amount money.Amount) {
	w.t.Helper()
	_, err := w.recon.ProposeFix(w.ctx, w.eyes, w.clerk, string(w.cases[psp]), amount, "found in their book")
	w.must(err)
}

func (w *correcting) caps(owner id.ID, cap money.Amount) {
	w.t.Helper()
	_, err := w.platform.SetLimits(w.ctx, payment.Limits{Owner: owner, NetDebit: cap})
	w.must(err)
}

func (w *correcting) used(owner id.ID) money.Amount {
	w.t.Helper()
	u, err := w.platform.Usage(w.ctx, owner)
	w.must(err)
	return u.NetDebitUsed
}

// capped is a PSP alone in its bank. Both get a cap before the step with the number set,
// lose it before the step drop, and get it again before the step again.
type capped struct {
	name, bank       string
	set, drop, again int
	way              money.Amount // 1 when the PSP owes more after a correction, −1 when it owes less
	going            money.Amount // what counts of the day that is going on
	closed           []money.Amount
}

func (c *capped) on(step int) bool { return step >= c.set && (step < c.drop || step >= c.again) }

func (c *capped) weighs() (sum money.Amount) {
	sum = c.going
	for _, amount := range c.closed {
		sum += amount
	}
	return sum
}

// joins adds a PSP with a bank of its own.
func (w *correcting) joins(c *capped) {
	bank, err := w.registry.AddParticipant(w.ctx, store.Participant{Name: "Bank of " + c.name})
	w.must(err)
	psp, err := w.registry.AddPSP(w.ctx, store.PSP{Name: c.name, Participant: bank.ID})
	w.must(err)
	w.psps[c.name], w.banks[c.bank] = access.PSP{ID: psp.ID}, bank.ID
	w.differs(psp.ID, c.way*1000)
}

// plays has one step happen to one PSP.
func (w *correcting) plays(c *capped, step string) {
	psp := w.psps[c.name].ID
	move := map[string]money.Amount{"correct": 700, "correct more": 200, "take back": -400}[step] * c.way
	switch step {
	case "pay":
		w.pays(c.name, "shop", 10_000)
		c.going += 10_000
	case "end":
		c.closed, c.going = append(c.closed, c.going), 0
	case "settle":
		c.closed = c.closed[1:]
	default:
		w.corrects(psp, move)
		c.going += move
	}
}

// TestCorrectionsCountUntilTheyAreSettled plays one history of payments, corrections, closes
// and settlements, in which each of 36 PSPs has its cap set, taken away and set again at
// moments of its own. At every moment the counters of a PSP and of
// its bank say what is not settled.
func TestCorrectionsCountUntilTheyAreSettled(t *testing.T) {
	steps := []string{"pay", "correct", "end", "correct more", "settle", "take back", "pay", "end", "settle", "end", "settle"}
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			w := newCorrecting(t, p, false)
			var all []*capped
			for set := range len(steps) + 1 {
				for drop := set + 1; drop <= len(steps); drop += 2 {
					if p.name != "memory" && (set+drop/2)%3 > 0 {
						continue // databases play a third
					}
					name := fmt.Sprintf("set %d drop %d", set, drop)
					all = append(all, &capped{name: name, bank: name, set: set, drop: drop, again: drop + 1 + set%2, way: money.Amount(1 - 2*((set+drop)%2))})
				}
			}
			for _, c := range all {
				w.joins(c)
			}
			for n, step := range steps {
				for _, c := range all {
					w.bounds(c, n)
				}
				w.goesOn(all, step)
				for _, c := range all {
					for _, owner := range []id.ID{w.psps[c.name].ID, w.banks[c.bank]} {
						if got := w.used(owner); c.on(n) && got != c.weighs() {
							t.Errorf("%s, after step %d, %s: %s has used %d instead of %d", c.name, n, step, owner.Kind(), got, c.weighs())
						}
					}
				}
				w.sound()
			}
		})
	}
}

// bounds sets and takes away what is due before a step.
func (w *correcting) bounds(c *capped, step int) {
	for _, owner := range []id.ID{w.psps[c.name].ID, w.banks[c.bank]} {
		switch step {
		case c.set, c.again:
			w.caps(owner, 10_500) // less than what one of the corrections makes of it
		case c.drop:
			w.caps(owner, 0)
		}
	}
}

// goesOn has a step happen to all.
func (w *correcting) goesOn(all []*capped, step string) {
	w.t.Helper()
	switch step {
	case "end":
		w.dates = append(w.dates, w.ends().Date)
	case "settle":
		w.settles(w.dates[0])
		w.dates = w.dates[1:]
	}
	for _, c := range all {
		w.plays(c, step)
	}
}

// TestCorrectionsFromThreeNodesAtOnce: while three nodes book corrections and payments, a
// cap is taken away and set again, and days are closed and settled. In the end everything is
// settled but what came after the last close.
func TestCorrectionsFromThreeNodesAtOnce(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		p.nodes = 3
		t.Run(p.name, func(t *testing.T) {
			w := newCorrecting(t, p, true)
			red, bank := w.psps["red"].ID, w.banks["bazaar"]
			w.differs(red, 1<<40)
			w.pays("red", "shop", 100)
			for round := range 3 {
				w.storms(round, red, bank)
				w.caps(red, 1<<50)
				w.caps(bank, 1<<50)
				w.steps(w.days)
				w.sound()
				date := w.ends().Date
				w.sound()
				w.storms(round+10, red, bank)
				w.settles(date)
				w.sound()
			}
			date := w.ends().Date
			left := w.used(red)
			if d := w.settles(date); d.Status != settlement.Settled || left == 0 {
				t.Fatalf("the day is %s, and %d were used before", d.Status, left)
			}
			w.caps(red, 1<<50)
			if a, b := w.used(red), w.used(bank); a != 0 || b != 0 {
				t.Errorf("all is settled, and the PSP has used %d, its bank %d", a, b)
			}
			w.sound()
		})
	}
}

// storms books corrections and payments from all nodes at once, while caps come and go.
func (w *correcting) storms(round int, owners ...id.ID) {
	var group sync.WaitGroup
	var over atomic.Bool
	for n := range w.platforms {
		group.Go(func() {
			defer over.Store(true)
			r, eyes := fixing(w.node(n), w.store)
			for i := range 8 {
				_, err := r.ProposeFix(w.ctx, eyes, w.clerk, string(w.cases[owners[0]]), money.Amount(1+n+i), "found in their book")
				for err != nil && fault.From(err).Retryable() {
					_, err = r.ProposeFix(w.ctx, eyes, w.clerk, string(w.cases[owners[0]]), money.Amount(1+n+i), "found in their book")
				}
				if err != nil {
					w.t.Error(err)
				}
				w.buys(n, fmt.Sprintf("%d-%d-%d", round, n, i))
			}
		})
	}
	for !over.Load() {
		for _, owner := range owners {
			w.caps(owner, 1<<50)
			w.caps(owner, 0)
		}
	}
	group.Wait()
	for _, owner := range owners {
		w.caps(owner, 1<<50)
	}
}
