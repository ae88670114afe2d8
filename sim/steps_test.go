package sim

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"tolom/client"
	"tolom/id"
	"tolom/sandbox"
	"tolom/wire"
)

// stageplay is a scenario being played, with what its names stand for.
type stageplay struct {
	*World
	t         *testing.T
	codes     map[string]asked
	purchases map[string]bought // by "A's tea"
}

// asked is a request of a shop.
type asked struct {
	shop *shop
	wire.PaymentRequest
}

// bought is a purchase at a bank.
type bought struct {
	bank *bank
	id   string
}

// verb is a kind of step. do gets the parts that the pattern caught.
type verb struct {
	pattern string
	do      func(st *stageplay, part []string) string
}

const (
	who  = `([A-Z])`
	what = `(\S+)`
	span = `(-?\w+)`
	som  = `([0-9.]+)`
)

var verbs = []verb{
	{`shop (\d) asks ` + som + ` as ` + what, (*stageplay).asks},
	{`shop (\d) cancels ` + what, (*stageplay).cancels},
	{`shop (\d) gives back ` + som + ` of ` + who + `'s ` + what, (*stageplay).givesBack},
	{`shop (\d) was told`, (*stageplay).told},
	{`shop (\d)'s receiver took`, (*stageplay).took},
	{`payer ` + who + ` of bank (\d) (holds|pays) ` + what, (*stageplay).begins},
	{`payer ` + who + ` (begins to confirm|confirms|declines) ` + what, (*stageplay).goesOn},
	{`bank (\d) has ` + who + `'s ` + what, func(st *stageplay, part []string) string { return st.stage(part[1], part[2]) }},
	{who + ` of bank (\d) has spent`, (*stageplay).spent},
	{`one of ` + who + ` of bank (\d) and ` + who + ` of bank (\d) has paid ` + what, (*stageplay).oneHasPaid},
	{`platform has ` + what, (*stageplay).platform},
	{`the next(?: (\d+))? (call|reply|calls|replies) (?:of|to) (\w+) (?:is|are|comes) (lost|late|again)(?: (?:by|after) ` + span + `)?`, (*stageplay).troubles},
	{`the node dies (before|after) its next commit`, func(st *stageplay, part []string) string {
		st.mishaps = append(st.mishaps, mishap{place: part[0] + " commit", what: "died"})
		return ""
	}},
	{`the next commit is (done|lost) and reported unknown`, (*stageplay).unknown},
	{`the next commit is adrift for ` + span + ` and (done|not done)`, func(st *stageplay, part []string) string {
		st.mishaps = append(st.mishaps, mishap{place: "before commit", what: "adrift", by: st.duration(part[0]), done: part[1] == "done"})
		return ""
	}},
	{`all nodes die`, (*stageplay).allDie},
	{`bank (\d) dies`, func(st *stageplay, part []string) string { st.bankOf(part[0]).crash(); return "" }},
	{`the database is away for ` + span, (*stageplay).away},
	{`the receiver of shop (\d) is down for ` + span, (*stageplay).down},
	{`the (nodes' clocks|database's clock) jumps? by ` + span, (*stageplay).jumps},
	{span + ` pass`, func(st *stageplay, part []string) string { return st.pass(part[0]) }},
}

func (st *stageplay) duration(text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		st.t.Fatal(err)
	}
	return d
}

// pass lets time go on. Over long times those who only look do so less often.
func (st *stageplay) pass(text string) string {
	long := st.duration(text)
	if long > 10*time.Minute {
		st.pace = 100
	}
	for end := st.now + long; st.now < end && len(st.violations) == 0; {
		until := min(end, st.now+time.Hour)
		st.runUntil(time.Millisecond, func() bool { return st.now >= until })
	}
	st.pace = 1
	return ""
}

// acts has somebody do something and lets time go on until it is done.
func (st *stageplay) acts(c *crew, do func()) {
	done := false
	st.begin(0, c, func() {
		defer func() { done = true }()
		do()
	})
	end := st.now + time.Minute
	st.runUntil(time.Millisecond, func() bool { return done || st.now > end })
}

func (st *stageplay) shopOf(number string) *shop { return st.shops[int(number[0]-'1')] }
func (st *stageplay) bankOf(number string) *bank { return st.banks[int(number[0]-'1')] }

func (st *stageplay) asks(part []string) string {
	s, amount := st.shopOf(part[0]), tyiyn(part[1])
	st.acts(nil, func() {
		r, err := s.api.CreateRequest(context.Background(), wire.NewPaymentRequest{Amount: amount, OrderID: part[2]}, client.IdempotencyKey(part[2]))
		if err != nil {
			st.t.Fatal(err)
		}
		st.codes[part[2]] = asked{s, r}
	})
	return st.codes[part[2]].Status
}

func (st *stageplay) cancels(part []string) (said string) {
	st.acts(nil, func() {
		r, err := st.shopOf(part[0]).api.CancelRequest(context.Background(), st.codes[part[1]].ID)
		said = r.Status + refusal(err)
	})
	return said
}

// refusal writes what a shop or bank was refused with.
func refusal(err error) string {
	var problem *client.Problem
	if errors.As(err, &problem) {
		return "refused " + problem.Code
	}
	return ""
}

func (st *stageplay) givesBack(part []string) (said string) {
	st.acts(nil, func() {
		p, err := st.bought(part[2], part[3])
		if err != nil {
			st.t.Fatal(err)
		}
		r, err := st.shopOf(part[0]).api.CreateRefund(context.Background(), p.Payment, wire.NewRefund{Amount: tyiyn(part[1])})
		said = r.Status + refusal(err)
	})
	return said
}

func (st *stageplay) bought(who, what string) (sandbox.Purchase, error) {
	b := st.purchases[who+"'s "+what]
	return b.bank.bank.Purchase(b.id)
}

func (st *stageplay) stage(who, what string) string {
	p, err := st.bought(who, what)
	if err != nil {
		return err.Error()
	}
	return string(p.Stage)
}

func (st *stageplay) begins(part []string) string {
	b := st.bankOf(part[1])
	st.acts(b.crew, func() {
		offer, err := b.bank.Scan(context.Background(), b.payers[part[0][0]-'A'].ID, st.codes[part[3]].Link, 0)
		if err != nil {
			st.t.Fatal(err)
		}
		st.purchases[part[0]+"'s "+part[3]] = bought{b, offer.ID}
		do := b.bank.Pay
		if part[2] == "holds" {
			do = b.bank.Hold
		}
		if _, err := do(context.Background(), offer.ID, 0); err != nil {
			st.t.Error(err)
		}
	})
	return st.stage(part[0], part[3])
}

func (st *stageplay) goesOn(part []string) string {
	x := st.purchases[part[0]+"'s "+part[2]]
	do := func() {
		act := x.bank.bank.Confirm
		if part[1] == "declines" {
			act = x.bank.bank.Decline
		}
		if _, err := act(context.Background(), x.id); err != nil {
			st.t.Error(err)
		}
	}
	if part[1] == "begins to confirm" {
		st.begin(0, x.bank.crew, do)
		return st.pass("1s")
	}
	st.acts(x.bank.crew, do)
	return st.stage(part[0], part[2])
}

func (st *stageplay) spent(part []string) string {
	b := st.bankOf(part[1])
	a, err := b.bank.Account(b.payers[part[0][0]-'A'].ID)
	if err != nil {
		return err.Error()
	}
	return (a.Initial - a.Available).Plain()
}

func (st *stageplay) oneHasPaid(part []string) string {
	var paid []string
	for _, one := range []string{part[0], part[2]} {
		if st.stage(one, part[4]) == "success" {
			paid = append(paid, one)
		}
	}
	if len(paid) != 1 {
		st.t.Errorf("%s was paid by %v", part[4], paid)
	}
	return ""
}

func (st *stageplay) platform(part []string) string {
	r, err := st.store.Request(context.Background(), id.ID(st.codes[part[0]].ID))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s, %s in %d", r.Status, r.PaidAmount.Plain(), r.PaymentsCount)
}

// told lists what stands in the feed of a shop.
func (st *stageplay) told(part []string) string {
	st.pass("1s")
	return st.events(st.shopOf(part[0]), func(id.ID) bool { return true })
}

// took lists what the receiver of a shop has.
func (st *stageplay) took(part []string) string {
	s := st.shopOf(part[0])
	return st.events(s, func(fact id.ID) bool { return s.receiver.took[string(fact)] })
}

func (st *stageplay) events(s *shop, wanted func(id.ID) bool) string {
	items, err := st.store.Feed(context.Background(), s.merchant, 0, 100)
	if err != nil {
		return err.Error()
	}
	var types []string
	for _, item := range items {
		if wanted(item.Fact.ID) {
			types = append(types, string(item.Fact.Type))
		}
	}
	if len(types) == 0 {
		return "nothing"
	}
	return strings.Join(types, ", ")
}

func (st *stageplay) troubles(part []string) string {
	times := 1
	if part[0] != "" {
		times, _ = strconv.Atoi(part[0])
	}
	m := mishap{place: "call", call: part[2], what: part[3], by: st.duration(part[4])}
	if strings.HasPrefix(part[1], "repl") {
		m.place = "reply"
	}
	if m.what == "again" {
		m.what = "twice"
	}
	for range times {
		st.mishaps = append(st.mishaps, m)
	}
	return ""
}

func (st *stageplay) unknown(part []string) string {
	place := map[string]string{"done": "after commit", "lost": "before commit"}[part[0]]
	st.mishaps = append(st.mishaps, mishap{place: place, what: "unknown"})
	return ""
}

func (st *stageplay) allDie([]string) string {
	for _, n := range st.nodes {
		st.crash(n)
	}
	return ""
}

func (st *stageplay) away(part []string) string {
	st.db.down = true
	st.db.life++
	st.after(st.duration(part[0]), func() { st.db.down = false })
	return ""
}

func (st *stageplay) down(part []string) string {
	r := st.shopOf(part[0]).receiver
	r.down = true
	st.after(st.duration(part[1]), func() { r.down = false })
	return ""
}

func (st *stageplay) jumps(part []string) string {
	dials := []*dial{st.dbClock}
	if part[0] == "nodes' clocks" {
		dials = nil
		for _, n := range st.nodes {
			dials = append(dials, n.clock)
		}
	}
	for _, d := range dials {
		d.skew += st.duration(part[1])
	}
	return ""
}

// tyiyn reads som, "150.00".
func tyiyn(text string) int64 {
	whole, cents, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}
