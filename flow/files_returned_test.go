package flow_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tolom/clearing"
	"tolom/fault"
	"tolom/flow"
	"tolom/money"
	"tolom/proposal"
	"tolom/settlement"
	"tolom/store"
)

// accepted is a town whose day the central bank has accepted; the banks have not been asked for the payouts yet, and give
// no answer when they are.
func accepted(w *town) (*clearingTown, settlement.Day) {
	c, d := submitted(w)
	d, err := c.days.Answer(c.ctx, d.Date, flow.DayAnswer{Message: d.Message, Accepted: true})
	c.must(err)
	return c, d
}

// asked is what the bank of a shop was asked to credit it, by all files that were delivered.
func (c *clearingTown) asked(shop string) (sum money.Amount) {
	c.t.Helper()
	files, err := c.files().List(c.ctx, store.FileFilter{Kind: flow.FileCredits, Owner: c.banks[shop], Status: store.FileDelivered, Limit: 100})
	c.must(err)
	for _, f := range files {
		m, err := clearing.ReadCredits(bytes.NewReader(c.content(f)))
		c.must(err)
		for _, i := range m.Items {
			sum += i.Amount
		}
	}
	return sum
}

// TestAPayoutReturnedByHandIsNotPaidTwice enters by hand that a payout came back at each moment on the way of its file. What
// the bank was asked for, and the payouts that stand, are the same money.
func TestAPayoutReturnedByHandIsNotPaidTwice(t *testing.T) {
	back := flow.PayoutAnswer{Reason: "the account is closed"}
	ways := map[string]func(*clearingTown, settlement.Day){
		"before its file is planned": func(*clearingTown, settlement.Day) {},
		"before its file is made":    func(c *clearingTown, _ settlement.Day) { c.plans() },
		"before its file goes": func(c *clearingTown, d settlement.Day) {
			c.plans()
			_, err := c.files().Make(c.ctx, c.one(d.Date, flow.FileCredits, c.banks["shop"]))
			c.must(err)
		},
	}
	for name, until := range ways {
		t.Run(name, func(t *testing.T) {
			inTown(t, func(w *town) {
				c, d := accepted(w)
				until(c, d)
				p := c.payouts("shop")[0]
				if _, err := c.days.AnswerPayout(c.ctx, p.ID, back); c.code(err) != fault.PayoutUnsent {
					c.t.Errorf("an answer to a payout that the bank was not asked for is taken: %v", err)
				}
				c.carries()
				if _, err := c.days.AnswerPayout(c.ctx, p.ID, back); err != nil {
					c.t.Errorf("after its file was delivered it cannot come back: %v", err)
				}
				c.pays("red", "shop", 100)
				c.settlesByFiles()
				c.paidOnce("shop")
				c.sound()
			})
		})
	}
}

func (c *clearingTown) plans() {
	c.t.Helper()
	_, err := c.files().Plan(c.ctx)
	c.must(err)
}

// settlesByFiles ends the day that is going on and has its files carried, with everybody content.
func (c *clearingTown) settlesByFiles() {
	c.t.Helper()
	d := c.ends()
	c.judge = nil
	c.carries()
	if got := c.statusOf(d.Date); got != settlement.Settled {
		c.t.Fatalf("the day is %s", got)
	}
}

// paidOnce holds what a bank was asked for to the payouts that stand and to those that it has sent back.
func (c *clearingTown) paidOnce(shop string) {
	c.t.Helper()
	var stand, came money.Amount
	for _, p := range c.payouts(shop) {
		if p.Status == settlement.PayoutReturned {
			came += p.Amount
		} else {
			stand += p.Amount
		}
	}
	if asked := c.asked(shop); asked != stand+came || came == 0 {
		c.t.Errorf("the bank of %s was asked for %s; %s of it stand and %s came back", shop, asked.Plain(), stand.Plain(), came.Plain())
	}
	if owed := c.payable(shop); owed != 0 {
		c.t.Errorf("%s is owed %s still", shop, owed.Plain())
	}
}

// TestAPayoutThatCameBackIsNotSentAgain presses "deliver again" for a file of which a payout has come back, before and after.
func TestAPayoutThatCameBackIsNotSentAgain(t *testing.T) {
	inTown(t, func(w *town) {
		c, d := accepted(w)
		c.carries()
		file := c.one(d.Date, flow.FileCredits, c.banks["shop"])
		payout, back := c.payouts("shop")[0].ID, flow.PayoutAnswer{Reason: "the account is closed"}
		_, err := c.files().Redeliver(c.ctx, clerk, file.ID)
		c.must(err)
		if _, err := c.days.AnswerPayout(c.ctx, payout, back); c.code(err) != fault.PayoutUnsent {
			c.t.Errorf("a payout whose file is on its way once more comes back by hand: %v", err)
		}
		c.carries()
		_, err = c.days.AnswerPayout(c.ctx, payout, back)
		c.must(err)
		if _, err := c.files().Redeliver(c.ctx, clerk, file.ID); c.code(err) != fault.PayoutFinal {
			c.t.Errorf("a file of which a payout has come back goes once more: %v", err)
		}
		// Another node may have let it go in the moment before the payout came back: the courier looks again.
		file = c.one(d.Date, flow.FileCredits, c.banks["shop"])
		file.Status = store.FileReady
		c.must(c.store.PutFile(c.ctx, file))
		file.Version++
		file.NextAt = c.world.Clock.Now()
		c.must(c.store.PutFile(c.ctx, file))
		lies := filepath.Join(c.folder(file.Owner, "out"), file.Name)
		_ = os.Remove(lies) // the bank has taken it
		c.carries()
		if now := c.one(d.Date, flow.FileCredits, c.banks["shop"]); now.Status != store.FileDelivered || !strings.Contains(now.Reason, string(payout)) {
			c.t.Errorf("it is %s (%s)", now.Status, now.Reason)
		}
		if _, err := os.Stat(lies); !errors.Is(err, os.ErrNotExist) {
			c.t.Errorf("it lies with the bank once more: %v", err)
		}
	})
}

// TestAReturnThatIsApprovedLaterIsJudgedAgain proposes while the file lies with the bank and approves while it is on its way
// once more.
func TestAReturnThatIsApprovedLaterIsJudgedAgain(t *testing.T) {
	inTown(t, func(w *town) {
		c, d := accepted(w)
		s := flow.NewProposals(c.platform, true)
		c.days.Register(s)
		ask := flow.Ask{By: clerk, Action: flow.AnswerPayoutAction, Target: c.payouts("shop")[0].ID, Body: flow.AnswerPayoutBody{Outcome: "returned", Reason: "closed"}, Reason: "they called"}
		if _, err := s.Ask(c.ctx, ask); c.code(err) != fault.PayoutUnsent {
			c.t.Errorf("it can be proposed before the bank was asked: %v", err)
		}
		c.carries()
		p, err := s.Ask(c.ctx, ask)
		c.must(err)
		file := c.one(d.Date, flow.FileCredits, c.banks["shop"])
		_, err = c.files().Redeliver(c.ctx, clerk, file.ID)
		c.must(err)
		second := clerk
		second.ID = c.shops["shop"].ID // anybody else
		if _, err := s.Approve(c.ctx, second, p.ID, p.Digest()); c.code(err) != fault.PayoutUnsent {
			c.t.Errorf("it is approved: %v", err)
		}
		if p, _, err = s.Proposal(c.ctx, p.ID); err != nil || p.Status != proposal.Failed {
			c.t.Errorf("the proposal is %s: %v", p.Status, err)
		}
		if got := c.payouts("shop")[0]; got.Status != settlement.PayoutPaid {
			c.t.Errorf("the payout is %s", got.Status)
		}
	})
}
