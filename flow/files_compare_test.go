package flow_test

import (
	"fmt"
	"testing"
	"time"

	"tolom/flow"
	"tolom/recon"
	"tolom/store"
	"tolom/tariff"
)

// TestAPSPFindsNothingWrongWithTheClearingFileOfItsBank compares our own file with our own book. The file counts what
// payers have paid, the surcharge with it, and tells of the payments of the bank's merchants through other PSPs too.
func TestAPSPFindsNothingWrongWithTheClearingFileOfItsBank(t *testing.T) {
	for _, where := range timed {
		w := newTown(t, where(t), false)
		c := newClearingTown(w)
		_, err := w.registry.AddTariff(w.ctx, tariff.Version{Owner: w.shops["shop"].ID, Tariff: payer})
		w.must(err)
		lunch := w.pays("blue", "shop", 15_000)
		if lunch.Surcharge != 150 {
			t.Fatalf("the payer paid %d on top", lunch.Surcharge)
		}
		w.pays("red", "shop", 9_000)
		w.pays("blue", "bazaar", 8_000)
		w.wants(lunch, 5_000)
		w.gives("blue", true)
		d := w.ends()
		c.carries()
		w.clock.Advance(time.Hour)
		lines, err := recon.ReadClearing(c.content(c.one(d.Date, flow.FileRecords, w.banks["shop"])), w.psps["blue"].ID)
		w.must(err)
		r := flow.NewReconciler(w.platform, w.store)
		begun := recon.MinuteOf(lunch.EndedAt)
		period := recon.Range{From: begun - 10, To: begun + 10}
		run, err := r.Clearing(w.ctx, w.psps["blue"], flow.Comparison{Name: "clearing", Period: period}, lines)
		w.must(err)
		if got := fmt.Sprint(run.Same, run.Expected, run.Mismatched); got != "3 0 0" {
			rows, _, err := r.Cases(w.ctx, flow.OfPSP(w.psps["blue"]), store.CaseFilter{Limit: 9})
			w.must(err)
			for _, x := range rows {
				t.Errorf("%s %s: %s, ours %v, theirs %v", x.Kind, x.Name, x.Reason, x.Ours, x.Theirs)
			}
			t.Errorf("of the lines are the same, expected, mismatched: %s", got)
		}
		// What is wrong in it is found all the same.
		for i, l := range lines {
			if l.ID == string(lunch.ID) {
				lines[i].Amount--
			}
		}
		run, err = r.Clearing(w.ctx, w.psps["blue"], flow.Comparison{Name: "wrong", Period: period}, lines)
		w.must(err)
		if run.Mismatched != 1 {
			t.Errorf("a payment of a tyiyn less makes %d mismatches", run.Mismatched)
		}
	}
}
