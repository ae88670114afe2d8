package flow_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"tolom/access"
	"tolom/clearing"
	"tolom/flow"
	"tolom/id"
	"tolom/settlement"
	"tolom/store"
)

// said is an answer as its bytes.
func (c *clearingTown) said(a clearing.Answer) []byte {
	c.t.Helper()
	a.Message, a.Created = "X", c.paid[0].CreatedAt
	var file bytes.Buffer
	c.must(a.Write(&file))
	return file.Bytes()
}

// submitted is a town whose day lies with the central bank, which has not answered.
func submitted(w *town) (*clearingTown, settlement.Day) {
	c := newClearingTown(w)
	c.trades()
	d := c.ends()
	c.judge = func(string, []string) clearing.Answer { return clearing.Answer{Verdict: clearing.Waiting} }
	c.carries()
	d, err := c.days.Get(c.ctx, d.Date)
	c.must(err)
	if d.Status != settlement.Submitted {
		c.t.Fatalf("the day is %s", d.Status)
	}
	return c, d
}

func (c *clearingTown) statusOf(date string) settlement.Status {
	c.t.Helper()
	d, err := c.days.Get(c.ctx, date)
	c.must(err)
	return d.Status
}

// TestThreatAnAnswerThatNobodyApproved has an answer that one person has brought wait for the second: neither delivering it
// again nor the same bytes from a stranger's inbox may take it.
func TestThreatAnAnswerThatNobodyApproved(t *testing.T) {
	inTown(t, func(w *town) {
		c, d := submitted(w)
		yes := c.said(clearing.Answer{Original: d.Message, Verdict: clearing.Settled})
		kept, err := c.files().Keep(c.ctx, "uploaded.xml", yes)
		c.must(err)
		if _, err := c.files().Redeliver(c.ctx, clerk, kept.ID); c.code(err) != "not_found" {
			c.t.Errorf("an answer that waits for approval is delivered again: %v", err)
		}
		c.carries()
		if got := c.statusOf(d.Date); got != settlement.Submitted {
			c.t.Fatalf("an answer that nobody has approved made the day %s", got)
		}
		got, err := c.files().Take(c.ctx, c.banks["shop"], "same.xml", yes)
		c.must(err)
		if got.Status != store.FileRefused || c.statusOf(d.Date) != settlement.Submitted {
			c.t.Errorf("the same bytes in a bank's inbox are %s, the day is %s", got.Status, c.statusOf(d.Date))
		}
		if got, err = c.files().Take(c.ctx, store.CentralBank, "own.xml", yes); err != nil || got.Status != store.FileTaken || c.statusOf(d.Date) != settlement.Settled {
			c.t.Errorf("the central bank's own answer is %s (%s), the day is %s: %v", got.Status, got.Reason, c.statusOf(d.Date), err)
		}
	})
}

// TestAnAnswerThatIsFasterThanItsReceiptIsNotLost has the node die after the file lay with the central bank and before it
// was noted, and the answer come meanwhile.
func TestAnAnswerThatIsFasterThanItsReceiptIsNotLost(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		d := c.ends()
		_, err := c.files().Plan(c.ctx)
		c.must(err)
		file := c.one(d.Date, flow.FileTransfers, store.CentralBank)
		file, err = c.files().Make(c.ctx, file)
		c.must(err)
		yes := c.said(clearing.Answer{Original: file.Message, Verdict: clearing.Settled})
		early, err := c.files().Take(c.ctx, store.CentralBank, "early.xml", yes)
		c.must(err)
		if early.Status != store.FilePlanned {
			c.t.Errorf("an answer to a file of which nobody has noted that it was delivered is %s: %s", early.Status, early.Reason)
		}
		if _, err = c.files().Delivered(c.ctx, file, "out/"+file.Name); err != nil {
			c.t.Fatal(err)
		}
		if got, err := c.files().Take(c.ctx, store.CentralBank, "early.xml", yes); err != nil || got.Status != store.FileTaken {
			c.t.Errorf("afterwards it is %s (%s): %v", got.Status, got.Reason, err)
		}
		if got := c.statusOf(d.Date); got != settlement.Settled {
			c.t.Errorf("the day is %s", got)
		}
	})
}

// TestAnAnswerToPayoutsIsUsedAsAWholeOrNotAtAll has a bank name a payout that is not in its file, and one that it has
// returned before.
func TestAnAnswerToPayoutsIsUsedAsAWholeOrNotAtAll(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		d := c.ends()
		c.carries()
		credits := c.one(d.Date, flow.FileCredits, c.banks["shop"])
		own := c.payouts("shop")[0]
		no := []clearing.Reason{{Code: "AC04"}}
		take := func(items ...clearing.Outcome) store.File {
			c.t.Helper()
			got, err := c.files().Take(c.ctx, c.banks["shop"], "a.xml", c.said(clearing.Answer{Original: credits.Message, Verdict: clearing.Partly, Items: items}))
			c.must(err)
			return got
		}
		foreign := c.payouts("bazaar")[0].ID
		got := take(clearing.Outcome{ID: string(own.ID), Verdict: clearing.Refused, Reasons: no}, clearing.Outcome{ID: string(foreign), Verdict: clearing.Refused, Reasons: no})
		if now := c.payouts("shop")[0]; got.Status != store.FileRefused || now.Status != settlement.PayoutPaid {
			c.t.Errorf("an answer that names another bank's payout is %s (%s) and left the own one %s", got.Status, got.Reason, now.Status)
		}
		if now := c.payouts("bazaar")[0]; now.Status != settlement.PayoutPaid {
			c.t.Errorf("the other bank's payout is %s", now.Status)
		}
		got = take(clearing.Outcome{ID: string(own.ID), Verdict: clearing.Refused, Reasons: no})
		if now := c.payouts("shop")[0]; got.Status != store.FileTaken || now.Status != settlement.PayoutReturned {
			c.t.Errorf("the bank's own answer is %s (%s), the payout %s", got.Status, got.Reason, now.Status)
		}
	})
}

// TestAContradictionAboutOnePayoutHoldsUpNoOther has a bank that has returned a payout say later that it was paid, beside
// one that it returns now.
func TestAContradictionAboutOnePayoutHoldsUpNoOther(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		stand, err := c.registry.AddMerchant(c.ctx, store.Merchant{Name: "stand", MCC: "5812", Participant: c.banks["shop"], BankAccount: "109995"})
		c.must(err)
		c.shops["stand"] = access.Merchant{ID: stand.ID}
		c.trades()
		c.pays("blue", "stand", 7_000)
		d := c.ends()
		c.carries()
		credits := c.one(d.Date, flow.FileCredits, c.banks["shop"])
		both := []id.ID{c.payouts("shop")[0].ID, c.payouts("stand")[0].ID}
		slices.Sort(both) // The bank's payouts are gone through in this order.
		_, err = c.days.AnswerPayout(c.ctx, both[0], flow.PayoutAnswer{Reason: "AC01"})
		c.must(err)
		got, err := c.files().Take(c.ctx, c.banks["shop"], "b.xml", c.said(clearing.Answer{Original: credits.Message, Verdict: clearing.Partly, Items: []clearing.Outcome{
			{ID: string(both[0]), Verdict: clearing.Settled}, {ID: string(both[1]), Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AC04"}}}}}))
		c.must(err)
		if now, err := c.days.Payout(c.ctx, both[1]); err != nil || now.Status != settlement.PayoutReturned {
			c.t.Errorf("the answer is %s (%s), the payout that it returns is %s: %v", got.Status, got.Reason, now.Status, err)
		}
		if got.Status != store.FileRefused || !strings.Contains(got.Reason, string(both[0])) {
			c.t.Errorf("an answer that contradicts an earlier one is %s (%s), so nobody looks at it", got.Status, got.Reason)
		}
	})
}
