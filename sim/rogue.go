package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tolom/client"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// rogue is a PSP that tries what it may not: it keeps no books and has no patience.
type rogue struct {
	w     *World
	psp   id.ID
	api   *client.PSP
	names int
}

// rogueEvery is how many sales there are to one trick.
const rogueEvery = 12

// rogues brings two PSPs that try their luck, one of them with very little of it,
// and has them and the clerks of the shops try something now and then.
func (w *World) rogues() {
	rich, err := w.newRogue("Rogue", payment.Limits{})
	if err != nil {
		w.violated("a world can be set up", "the rogues", "%v", err)
		return
	}
	poor, err := w.newRogue("Poor", payment.Limits{NetDebit: 40, Daily: 400})
	if err != nil {
		w.violated("a world can be set up", "the rogues", "%v", err)
		return
	}
	w.recurring(rogueEvery, func() { w.trick(rich, poor) })
}

func (w *World) newRogue(name string, l payment.Limits) (*rogue, error) {
	ctx, desk := context.Background(), w.nodes[0].desk
	participant, err := desk.AddParticipant(ctx, store.Participant{Name: name})
	if err != nil {
		return nil, err
	}
	psp, err := desk.AddPSP(ctx, store.PSP{Participant: participant.ID, Name: name})
	if err != nil {
		return nil, err
	}
	_, key, err := desk.IssueKey(ctx, psp.ID, "", "all")
	if err != nil {
		return nil, err
	}
	w.witness.keys["Bearer "+key] = psp.ID
	if l.Owner = psp.ID; !l.None() {
		if _, err := w.nodes[0].flow.SetLimits(ctx, l); err != nil {
			return nil, err
		}
	}
	entropy := world.Seeded(w.random.Uint64())
	api := client.New(base, key, client.WithHTTP(&http.Client{Transport: w.psps}), client.WithWorld(world.World{Clock: w.clock, Entropy: entropy}),
		client.WithSleep(func(_ context.Context, wait time.Duration) error { w.sleep(wait); return nil })).PSP()
	return &rogue{w: w, psp: psp.ID, api: api}, nil
}

// tricks are what rogues and clerks try. Each runs as a task of its own.
var tricks = []func(r *rogue, s *shop){
	(*rogue).paysAnotherAmount, (*rogue).usesANameTwice, (*rogue).cancelsTheUnknown, (*rogue).executesWhatIsCanceled, (*rogue).cancelsWhatSucceeded,
	(*rogue).executesTooLate, (*rogue).holdsTwice, (*rogue).looksAround, (*rogue).acknowledgesTwice, (*rogue).refundsTooMuch, (*rogue).reusesAKey, (*rogue).asksAgain,
	(*rogue).closesAShop, (*rogue).closesAShop, (*rogue).refundsInParts,
}

func (w *World) trick(rich, poor *rogue) {
	s := w.shops[w.random.IntN(len(w.shops))]
	if s.sticker == "" || w.shops[payerBears].sticker == "" {
		return
	}
	if w.chance(.25) {
		w.begin(0, nil, func() { poor.spendsWhatItHasNot(s) })
		return
	}
	do := tricks[w.random.IntN(len(tricks))]
	w.begin(0, nil, func() { do(rich, s) })
}

var anywhere = context.Background()

// new fills a create of a sticker's code by a payer of a name.
func (r *rogue) new(link, payer string, amount money.Amount) wire.NewPSPPayment {
	r.names++
	name := fmt.Sprintf("%s-%d", r.psp[len(r.psp)-6:], r.names)
	if payer == "" {
		payer = name
	}
	return wire.NewPSPPayment{PSPPaymentID: name, Link: link, Amount: int64(amount), Currency: money.KGS, Payer: wire.Payer{Key: payer, NameMasked: "R*** P", Kind: "person"}}
}

// opened creates a payment of a sticker and gives its id; "" when the answer is not to be had.
func (r *rogue) opened(s *shop, amount money.Amount) string {
	p, err := r.api.Create(anywhere, r.new(s.sticker, "", amount))
	if err != nil || p.ID == nil {
		return ""
	}
	return *p.ID
}

// codeOf gives the code of a refusal; "" for a success or when there was no answer.
func codeOf(err error) string {
	var problem *client.Problem
	if errors.As(err, &problem) {
		return problem.Code
	}
	return ""
}

func (r *rogue) paysAnotherAmount(s *shop) {
	q, err := s.api.CreateRequest(anywhere, wire.NewPaymentRequest{Amount: 500_00})
	if err != nil {
		return
	}
	p, err := r.api.Create(anywhere, r.new(q.Link, "", 1))
	if err == nil && p.ID != nil {
		_, _ = r.api.Execute(anywhere, *p.ID)
	}
}

// usesANameTwice, and looks at which name was accepted: another may have arrived, when a message was damaged.
func (r *rogue) usesANameTwice(s *shop) {
	in := r.new(s.sticker, "", 3_00)
	accepted := func() bool {
		p, err := r.api.Create(anywhere, in)
		return err == nil && p.PSPPaymentID == in.PSPPaymentID
	}
	first := accepted()
	in.Amount = 1_000_07
	if accepted() && first {
		r.w.violated("a name means one thing", in.PSPPaymentID, "a create with another body was accepted")
	}
}

func (r *rogue) cancelsTheUnknown(s *shop) {
	in := r.new(s.sticker, "", 3_00)
	for range 3 {
		if _, err := r.api.CancelByPSPID(anywhere, in.PSPPaymentID); codeOf(err) == "not_found" {
			r.w.violated("a cancel is always answered", in.PSPPaymentID, "%v", err)
		}
	}
	_, _ = r.api.Create(anywhere, in)
}

func (r *rogue) executesWhatIsCanceled(s *shop) {
	if p := r.opened(s, 2_00); p != "" {
		_, _ = r.api.Cancel(anywhere, p)
		_, _ = r.api.Execute(anywhere, p)
	}
}

func (r *rogue) cancelsWhatSucceeded(s *shop) {
	if p := r.opened(s, 2_00); p != "" {
		_, _ = r.api.Execute(anywhere, p)
		_, _ = r.api.Cancel(anywhere, p)
	}
}

// executesTooLate, once for the first time and once again after a success.
func (r *rogue) executesTooLate(s *shop) {
	late, again := r.opened(s, 2_00), r.opened(s, 2_00)
	if late == "" || again == "" {
		return
	}
	_, _ = r.api.Execute(anywhere, again)
	r.w.sleep(61*time.Second + r.w.within(5*time.Second))
	_, _ = r.api.Execute(anywhere, late)
	_, _ = r.api.Execute(anywhere, again)
}

// holdsTwice has one payer pay a sticker from two windows.
func (r *rogue) holdsTwice(s *shop) {
	payer := fmt.Sprintf("twice-%d", r.names)
	for range 2 {
		_, _ = r.api.Create(anywhere, r.new(s.sticker, payer, 2_00))
	}
}

// looksAround asks for what is another's: the witness sees what is told.
func (r *rogue) looksAround(s *shop) {
	if last := r.w.witness.seen; last != "" {
		_, _ = r.api.State(anywhere, string(last))
		_, _ = r.api.Execute(anywhere, string(last))
	}
	other := r.w.shops[(s.index+1)%len(r.w.shops)]
	q, err := other.api.CreateRequest(anywhere, wire.NewPaymentRequest{Amount: 7_00})
	if err == nil {
		_, _ = s.api.Request(anywhere, q.ID)
		_, _ = s.api.CancelRequest(anywhere, q.ID)
	}
}

// paid gives a payment that has succeeded; "" when it cannot be had.
func (r *rogue) paid(s *shop, amount money.Amount) string {
	p := r.opened(s, amount)
	if p == "" {
		return ""
	}
	if done, err := r.api.Execute(anywhere, p); err != nil || done.Status != "success" {
		return ""
	}
	return p
}

// acknowledgesTwice gives a refund back, says so twice, and then says that it could not.
func (r *rogue) acknowledgesTwice(s *shop) {
	p := r.paid(s, 9_00)
	if p == "" {
		return
	}
	back, err := s.api.CreateRefund(anywhere, p, wire.NewRefund{Amount: 4_00, RefundRef: "ack"})
	if err != nil {
		return
	}
	for _, outcome := range []string{"rejected", "rejected", "credited", "credited"} {
		if r.w.chance(.7) {
			_, _ = r.api.AckRefund(anywhere, back.ID, wire.RefundAck{Outcome: outcome, Code: "trick"})
		}
	}
	_, _ = r.api.AckRefund(anywhere, back.ID, wire.RefundAck{Outcome: "credited"})
}

// refundsTooMuch asks for more than was paid: at once, and in two goes that do not wait for each other.
func (r *rogue) refundsTooMuch(s *shop) {
	p := r.paid(s, money.Amount(9_00+r.w.random.Int64N(2_000_00)))
	if p == "" {
		return
	}
	_, _ = s.api.CreateRefund(anywhere, p, wire.NewRefund{Amount: 3_000_00, RefundRef: "much"})
	for _, ref := range []string{"one", "two"} {
		back, err := s.api.CreateRefund(anywhere, p, wire.NewRefund{RefundRef: ref})
		if err == nil && r.w.chance(.5) {
			_, _ = r.api.AckRefund(anywhere, back.ID, wire.RefundAck{Outcome: "credited"})
		}
	}
}

// refundsInParts has the shop whose payers bear the fee give a payment back in three goes, each after the one before has ended.
func (r *rogue) refundsInParts(*shop) {
	s := r.w.shops[payerBears]
	p := r.paid(s, money.Amount(60_00+r.w.random.Int64N(2_000_00)))
	if p == "" {
		return
	}
	for n, amount := range []int64{20_00, 20_00, 0} {
		back, err := s.api.CreateRefund(anywhere, p, wire.NewRefund{Amount: amount, RefundRef: fmt.Sprint("part-", n)})
		if err != nil {
			return
		}
		_, _ = r.api.AckRefund(anywhere, back.ID, wire.RefundAck{Outcome: "credited"})
	}
}

// closesAShop gives back all that a shop has sold, at once. It may owe nothing, and
// has paid fees, so the last refund must wait until fees have come back.
func (r *rogue) closesAShop(s *shop) {
	if overdraft(s.index) > 0 {
		return
	}
	sold, err := s.api.Payments(anywhere, client.Filter{Limit: 100})
	if err != nil {
		return
	}
	for _, p := range sold.Data {
		if p.Status == "success" && p.RefundedAmount == 0 {
			r.w.begin(r.w.within(20*time.Millisecond), nil, func() {
				_, _ = s.api.CreateRefund(anywhere, p.ID, wire.NewRefund{RefundRef: "closed"})
			})
		}
	}
}

// reusesAKey asks for two things with one key: the witness sees it if both are done.
func (r *rogue) reusesAKey(s *shop) {
	r.names++
	key := client.IdempotencyKey(fmt.Sprintf("trick-%d-%d", s.index, r.names))
	for _, amount := range []int64{5_00, 6_00} {
		_, _ = s.api.CreateRequest(anywhere, wire.NewPaymentRequest{Amount: amount}, key)
	}
}

// asksAgain with the key of a refusal, after what it was refused for has passed.
func (r *rogue) asksAgain(s *shop) {
	p := r.opened(s, 8_00)
	if p == "" {
		return
	}
	key := client.IdempotencyKey("again-" + p)
	_, err := s.api.CreateRefund(anywhere, p, wire.NewRefund{Amount: 1_00, RefundRef: "again"}, key)
	if codeOf(err) != "payment_not_refundable" {
		return
	}
	_, _ = r.api.Execute(anywhere, p)
	if _, err := s.api.CreateRefund(anywhere, p, wire.NewRefund{Amount: 1_00, RefundRef: "again"}, key); err == nil {
		r.w.violated("the same key has the same answer", "again-"+p, "it was refused, and now it is done")
	}
}

// spendsWhatItHasNot opens many payments at once against a limit, and ends them in
// all the ways there are, some with a refund.
func (r *rogue) spendsWhatItHasNot(s *shop) {
	for range 4 + r.w.random.IntN(6) {
		r.w.begin(r.w.within(3*time.Millisecond), nil, func() { r.spends(s) })
	}
}

func (r *rogue) spends(s *shop) {
	p := r.opened(s, money.Amount(1+r.w.random.Int64N(9)))
	if p == "" {
		return
	}
	r.w.sleep(r.w.within(2 * time.Second))
	switch r.w.random.IntN(3) {
	case 0: // forgets it
		return
	case 1:
		_, _ = r.api.Cancel(anywhere, p)
		return
	}
	_, _ = r.api.Execute(anywhere, p)
	if back, err := s.api.CreateRefund(anywhere, p, wire.NewRefund{RefundRef: "all"}); err == nil {
		_, _ = r.api.AckRefund(anywhere, back.ID, wire.RefundAck{Outcome: "credited"})
	}
}
