package flow_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"tolom/books"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// older is a fact as a program wrote it by which corrections counted in no limit.
type older struct {
	fact   payment.Fact
	claims []store.Claim
	steps  []ledger.Delta
}

func (o older) Bucket() uint16        { return o.fact.PSP.Bucket() }
func (o older) Class() engine.Class   { return engine.Ask }
func (o older) Claims() []store.Claim { return o.claims }
func (o older) Need() store.Need      { return store.Need{PSP: o.fact.PSP} }
func (o older) Decide(s engine.Sight) engine.Outcome {
	f := o.fact
	f.At = s.View.Now
	return engine.Outcome{Lines: []engine.Line{{Fact: f, Transfer: books.Transfer(f)}}, Counters: o.steps}
}

func (w *correcting) wrote(o older) {
	w.t.Helper()
	_, err := w.engines[0].Do(w.ctx, o)
	w.must(err)
}

// corrected is a correction that no counter knows.
func (w *correcting) corrected(psp id.ID, amount money.Amount) {
	w.t.Helper()
	w.differs(psp, amount)
	w.wrote(older{fact: payment.Fact{Type: payment.BooksWereCorrected, PSP: psp, Amount: amount, Reason: payment.Reason(w.cases[psp])}})
	c, err := w.store.Case(w.ctx, w.cases[psp])
	w.must(err)
	c.Fixed, c.Status = amount, store.CaseFixed
	w.must(w.store.SaveCases(w.ctx, []store.CaseChange{{Case: c, Note: store.CaseNote{At: c.CreatedAt, Side: "operator", Kind: "fixed", Status: c.Status}}}))
}

// released is what the settlement of a day said: the payments alone, without the corrections.
func (w *correcting) released(date string, psp, bank id.ID, payments, owed money.Amount, counters ...ledger.Account) {
	w.t.Helper()
	name := store.Claim{Scope: flow.ReleasedScope, Key: date + ":" + string(psp)}
	name.Bucket = id.BucketOf(name.Scope, name.Key)
	var steps []ledger.Delta
	if owed != 0 {
		steps = append(steps, ledger.Delta{Account: ledger.Of(psp, ledger.Unsettled), Amount: owed})
	}
	for _, counter := range counters {
		steps = append(steps, ledger.Delta{Account: counter, Amount: payments})
	}
	w.wrote(older{
		fact:   payment.Fact{Type: payment.PositionWasReleased, PSP: psp, Participant: bank, Day: date, Amount: payments},
		claims: []store.Claim{name}, steps: steps,
	})
}

// finds runs an audit that finds exactly these things: a rule and what is about it, as "rule of account".
func (w *correcting) finds(want ...string) {
	w.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = w.store.Sequence(w.ctx, 1000)
		w.must(err)
	}
	report, err := invariant.Check(w.ctx, w.store)
	w.must(err)
	var got []string
	for _, p := range report.Problems {
		got = append(got, string(p.Rule)+" of "+p.About)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("the audit finds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWhatOlderProgramsLeftIsSetRight: nodes by which corrections counted in no limit may have
// written until the last of them was replaced. An audit names the counters that are off and
// nothing else, and the next close sets them right.
func TestWhatOlderProgramsLeftIsSetRight(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			w := newCorrecting(t, p, false)
			var told []id.ID
			days, err := flow.NewDays(w.store, w.engines[0], w.registry, w.world, flow.DaysConfig{Page: 2, Recounted: func(_ context.Context, owners []id.ID) {
				told = append(told, owners...)
			}})
			w.must(err)
			w.days = days
			red, bank, green := w.psps["red"].ID, w.banks["bazaar"], w.psps["green"].ID
			counters := []ledger.Account{ledger.Of(red, ledger.Position), ledger.Of(bank, ledger.Position)}
			off := []string{string(invariant.Counted) + " of " + counters[0].Code, string(invariant.Counted) + " of " + counters[1].Code}
			for _, owner := range []id.ID{red, bank} {
				w.caps(owner, 20_000)
			}
			used := func(want money.Amount) {
				t.Helper()
				if a, b := w.used(red), w.used(bank); a != want || b != want {
					t.Errorf("the PSP has used %d, its bank %d; want %d", a, b, want)
				}
			}
			set := func(want int) {
				t.Helper()
				if len(told) != want {
					t.Errorf("%d counters were set right, want %d", len(told), want)
				}
				told = nil
			}

			w.pays("red", "shop", 10_000)
			w.pays("green", "shop", 5) // so little that it earns nothing
			w.corrected(red, 700)
			w.corrected(green, -5)
			used(10_000)
			w.finds(off...)
			first := w.ends()
			set(2)
			used(10_700)
			w.sound()

			_, err = w.days.MarkSubmitted(w.ctx, first.Date, "file", "digest")
			w.must(err)
			w.released(first.Date, red, bank, 10_000, 10_700, counters...) // two versions settle the day together
			w.released(first.Date, green, green, 5, 0)
			d, err := w.days.Answer(w.ctx, first.Date, flow.DayAnswer{Message: "file", Accepted: true})
			w.must(err)
			if d.Status != settlement.Settled {
				t.Fatalf("the day is %s", d.Status)
			}
			used(700)
			w.finds(off...)
			w.pays("red", "shop", 100)
			second := w.ends()
			set(2)
			used(100)
			w.sound()

			w.settles(second.Date)
			used(0)
			w.pays("red", "shop", 50)
			w.ends()
			set(0)
			used(50)
			w.sound()
		})
	}
}

// TestASettledDayOfRefundsMayPassACap: more was given back than paid on a day, so its settlement
// makes the position larger than the cap, which is nobody's mistake.
func TestASettledDayOfRefundsMayPassACap(t *testing.T) {
	inTown(t, func(w *town) {
		red := w.psps["red"].ID
		_, err := w.platform.SetLimits(w.ctx, payment.Limits{Owner: red, NetDebit: 10_000})
		w.must(err)
		p := w.pays("red", "shop", 10_000)
		first := w.ends()
		w.pays("green", "shop", 10_000) // from which the shop can give back
		if !w.wants(p, 9_000) || !w.gives("red", true) {
			w.t.Fatal("the refund is refused")
		}
		second := w.ends()
		w.settles(first.Date)
		w.pays("red", "shop", 19_000) // the PSP is owed 90.00
		w.sound()
		w.settles(second.Date)
		if u, err := w.platform.Usage(w.ctx, red); err != nil || u.NetDebitUsed != 19_000 {
			w.t.Errorf("%d is used, %v", u.NetDebitUsed, err)
		}
		w.sound()
	})
}
