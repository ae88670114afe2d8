package flow_test

import (
	"bytes"
	"fmt"
	"strings"
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

// moves gives a shop another bank account.
func (w *town) moves(shop, account string) {
	w.t.Helper()
	m, err := w.store.Merchants().Get(w.ctx, w.shops[shop].ID)
	w.must(err)
	m.BankAccount = account
	w.must(w.store.Merchants().Put(w.ctx, m))
	w.heard()
}

// TestClearingFilesStayAsTheyAreWhenAMerchantMovesToAnotherAccount holds the files of a day to the accounts that merchants
// had when it was closed, whenever they are made: those to which they were paid.
func TestClearingFilesStayAsTheyAreWhenAMerchantMovesToAnotherAccount(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		bag := w.pays("red", "bazaar", 3_000)
		d := c.ends()
		w.moves("bazaar", "20888") // Before the first file of the day is made.
		c.carries()
		file := c.one(d.Date, flow.FileRecords, c.banks["bazaar"])
		before := string(c.content(file))
		if !strings.Contains(before, `"bank_account":"109991"`) || strings.Contains(before, "20888") {
			t.Errorf("the records name another account than that of the close:\n%s", before)
		}
		w.moves("bazaar", "20999")
		var out bytes.Buffer
		if err := c.files().Content(c.ctx, file, &out); err != nil || out.String() != before {
			t.Errorf("after the bazaar has moved the file is not had as it was: %v", err)
		}
		// A refund is all that happens of the bazaar's on a day, without a payout.
		w.wants(bag, 500)
		c.ends()
		w.gives("red", true)
		w.pays("blue", "shop", 1_000)
		last := c.ends()
		w.moves("bazaar", "20111")
		c.carries()
		if text := string(c.content(c.one(last.Date, flow.FileRecords, c.banks["bazaar"]))); !strings.Contains(text, `"bank_account":"20999"`) {
			t.Errorf("the refund's record names another account than that of the close:\n%s", text)
		}
	})
}

// TestClearingFilesStayAsTheyAreWhenAMerchantGetsItsFirstAccount has a shop sell before it has named an account, and name
// one after the day was closed: the file of that day is the same before and after.
func TestClearingFilesStayAsTheyAreWhenAMerchantGetsItsFirstAccount(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		w.moves("bazaar", "")
		w.pays("red", "bazaar", 3_000)
		d := c.ends()
		c.carries()
		file := c.one(d.Date, flow.FileRecords, c.banks["bazaar"])
		before := string(c.content(file))
		w.moves("bazaar", "20888")
		var out bytes.Buffer
		if err := c.files().Content(c.ctx, file, &out); err != nil || out.String() != before || strings.Contains(before, "20888") || strings.Contains(before, `"bank_account":"-"`) {
			t.Errorf("after the bazaar has named an account the file of before is not had as it was: %v\n%s", err, before)
		}
	})
}
