package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/recon"
	"tolom/store"
	"tolom/wire"
)

// counting is a kit with a comparison of books, and with four eyes over it.
type counting struct {
	*kit
	recon *flow.Reconciler
	eyes  *flow.Proposals
	n     int
}

// timed are the stores whose clock a test can move.
var timed = []func(*testing.T) place{memory, sqlite}

func newCounting(t *testing.T, p place) *counting {
	k := newKit(t, p, false)
	c := &counting{kit: k, recon: flow.NewReconciler(k.platform, k.store), eyes: flow.NewProposals(k.platform, true)}
	c.recon.Register(c.eyes)
	return c
}

// pay has a payer of a PSP pay a new request of the shop, and gives its line.
func (c *counting) pay(psp string, amount money.Amount) recon.Line {
	c.t.Helper()
	p := c.begin(psp, amount)
	p, err := c.platform.Execute(c.ctx, c.psps[psp], string(p.ID))
	c.must(err)
	return recon.Line{Minute: recon.MinuteOf(p.EndedAt), Kind: recon.Payment, ID: p.PSPPaymentID, Amount: p.Amount, Status: recon.Success}
}

func (c *counting) begin(psp string, amount money.Amount) payment.Payment {
	c.t.Helper()
	c.n++
	in := wire.NewPaymentRequest{Amount: int64(amount)}
	r, _, err := c.platform.CreateRequest(c.ctx, c.shops["shop"], key(fmt.Sprint("key-", c.n), "requests", in), in)
	c.must(err)
	body := wire.NewPSPPayment{PSPPaymentID: fmt.Sprint("p-", c.n), Payload: r.Payload, Amount: int64(amount)}
	p, _, err := c.platform.CreatePayment(c.ctx, c.psps[psp], body, print("payments", body))
	c.must(err)
	return p
}

// hour is the hour around now, once it has passed.
func (c *counting) hour() recon.Range {
	m := recon.MinuteOf(c.clock.Now())
	return recon.Range{From: m - m%60, To: m - m%60 + 60}
}

// compare goes through a whole comparison as a bank with these lines does.
func (c *counting) compare(psp, name string, period recon.Range, lines ...recon.Line) store.ReconRun {
	c.t.Helper()
	book := recon.BookOf(lines)
	compared := flow.Comparison{Name: name, Period: period}
	run, err := c.recon.Digests(c.ctx, c.psps[psp], compared, []recon.Digest{book.Digest(period)}, false)
	c.must(err)
	for run.State != store.RunDone {
		if asked := run.Search.Digests; len(asked) > 0 {
			var told []recon.Digest
			for _, r := range asked {
				told = append(told, book.Digest(r))
			}
			run, err = c.recon.Digests(c.ctx, c.psps[psp], compared, told, false)
		} else {
			asked := run.Search.Lines
			of := slices.DeleteFunc(slices.Clone(lines), func(l recon.Line) bool {
				return !slices.ContainsFunc(asked, func(r recon.Range) bool { return r.Has(l.Minute) })
			})
			run, err = c.recon.Lines(c.ctx, c.psps[psp], name, asked, of)
		}
		c.must(err)
	}
	return run
}

// cases writes the cases of a PSP by their names: "p-1 mismatched missing_at_us open".
func (c *counting) cases(psp string) string {
	c.t.Helper()
	rows, _, err := c.recon.Cases(c.ctx, flow.OfPSP(c.psps[psp]), store.CaseFilter{Limit: 50})
	c.must(err)
	var texts []string
	for _, x := range rows {
		texts = append(texts, fmt.Sprintf("%s %s %s %s", x.Name, x.Class, x.Reason, x.Status))
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

func (c *counting) case1(psp string) store.ReconCase {
	c.t.Helper()
	rows, _, err := c.recon.Cases(c.ctx, flow.OfPSP(c.psps[psp]), store.CaseFilter{Limit: 1})
	c.must(err)
	if len(rows) == 0 {
		c.t.Fatal("there is no case")
	}
	return rows[0]
}

func (c *counting) says(got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
	}
}

// audited fails the test unless everything in the store adds up.
func (c *counting) audited() {
	c.t.Helper()
	report, err := invariant.Check(c.ctx, c.store)
	if err != nil || !report.Sound() {
		c.t.Errorf("%s: the audit finds %v, %v", c.name, report.Err(), err)
	}
}

// TestDifferencesBecomeCasesAndHeal tells a day: a bank with four kinds of mistakes,
// and the same bank after it has mended its book.
func TestDifferencesBecomeCasesAndHeal(t *testing.T) {
	for _, where := range timed {
		c := newCounting(t, where(t))
		period := c.hour()
		same, wrong, lost := c.pay("blue", 100), c.pay("blue", 200), c.pay("blue", 300)
		c.pay("green", 999) // of another PSP
		other, made := wrong, recon.Line{Minute: same.Minute, Kind: recon.Payment, ID: "made-up", Amount: 7, Status: recon.Success}
		other.Amount = 201
		c.clock.Advance(3 * time.Hour)
		run := c.compare("blue", "one", period, same, same, other, made)
		c.says(fmt.Sprint(run.Same, run.Expected, run.Mismatched, run.Healed), "1 0 4 0")
		c.says(c.cases("blue"), "made-up mismatched missing_at_us open\np-1 mismatched doubled_at_them open\np-2 mismatched amount_differs open\np-3 mismatched missing_at_them open")
		again := c.compare("blue", "one", period, same)
		c.says(fmt.Sprint(again.ID == run.ID, again.Mismatched), "true 4")
		run = c.compare("blue", "two", period, same, wrong, lost, made)
		c.says(fmt.Sprint(run.Same, run.Expected, run.Mismatched, run.Healed), "3 0 1 3")
		c.says(c.cases("blue"), "made-up mismatched missing_at_us open\np-1 agreed doubled_at_them closed\np-2 agreed amount_differs closed\np-3 agreed missing_at_them closed")
		c.says(c.cases("green"), "")
		_, notes, err := c.recon.Case(c.ctx, flow.OfPSP(c.psps["blue"]), string(c.case1("blue").ID))
		c.must(err)
		c.says(fmt.Sprintf("%d %s %s", len(notes), notes[0].Kind, notes[1].Kind), "2 opened closed")
		c.audited()
	}
}

// TestWhatTimeHealsHealsOrBecomesAMistake: the reply to an execute is lost, and the bank
// asks in time, or does not.
func TestWhatTimeHealsHealsOrBecomesAMistake(t *testing.T) {
	for _, where := range timed {
		c := newCounting(t, where(t))
		asked, never := c.pay("blue", 100), c.pay("blue", 200)
		late := c.begin("blue", 300)
		ahead := recon.Line{Minute: asked.Minute, Kind: recon.Payment, ID: late.PSPPaymentID, Amount: 300, Status: recon.Success}
		period := recon.Range{From: asked.Minute, To: asked.Minute + 1}
		c.clock.Advance(3 * time.Minute)
		run := c.compare("blue", "one", period)
		c.says(fmt.Sprint(run.Expected, run.Mismatched), "2 0")
		c.compare("blue", "two", period, asked, ahead)
		// The payment has expired meanwhile, so its success at the bank is none of ours any more.
		c.says(c.cases("blue"), "p-1 agreed outcome_not_asked closed\np-2 expected outcome_not_asked open\np-3 mismatched status_differs open")
		did, err := c.recon.Due(c.ctx, 10)
		c.must(err)
		c.says(fmt.Sprint(did), "0")
		c.clock.Advance(time.Hour)
		did, err = c.recon.Due(c.ctx, 10)
		c.must(err)
		c.says(fmt.Sprint(did), "1")
		c.says(c.cases("blue"), "p-1 agreed outcome_not_asked closed\np-2 mismatched missing_at_them open\np-3 mismatched status_differs open")
		run = c.compare("blue", "three", period, asked, never)
		c.says(fmt.Sprint(run.Same, run.Healed, run.Mismatched), "2 2 0")
		c.audited()
	}
}

// TestARefundInTransitIsClosedWhenItIsAcknowledged without a further comparison.
func TestARefundInTransitIsClosedWhenItIsAcknowledged(t *testing.T) {
	for _, where := range timed {
		c := newCounting(t, where(t))
		paid := c.pay("blue", 1000)
		p, err := c.platform.PaymentByPSPID(c.ctx, c.psps["blue"], paid.ID)
		c.must(err)
		in := wire.NewRefund{Amount: 50}
		f, _, err := c.platform.CreateRefund(c.ctx, c.shops["shop"], key("refund", "refunds", in), string(p.ID), in)
		c.must(err)
		given := recon.Line{Minute: paid.Minute, Kind: recon.Refund, ID: string(f.ID), Amount: 50, Status: recon.Success}
		c.clock.Advance(3 * time.Minute)
		c.compare("blue", "one", recon.Range{From: paid.Minute, To: paid.Minute + 1}, paid, given)
		c.says(c.cases("blue"), string(f.ID)+" expected in_transit open")
		_, err = c.platform.AckRefund(c.ctx, c.psps["blue"], string(f.ID), wire.RefundAck{Outcome: "credited"})
		c.must(err)
		c.clock.Advance(time.Hour)
		_, err = c.recon.Due(c.ctx, 10)
		c.must(err)
		// The acknowledgement came three minutes after the bank's booking.
		c.says(c.cases("blue"), string(f.ID)+" agreed  closed")
		c.audited()
	}
}

func TestAPSPSeesNothingOfAnother(t *testing.T) {
	c := newCounting(t, memory(t))
	paid := c.pay("blue", 100)
	c.clock.Advance(3 * time.Hour)
	run := c.compare("blue", "one", recon.Range{From: paid.Minute, To: paid.Minute + 1})
	mine := c.case1("blue")
	green := flow.OfPSP(c.psps["green"])
	_, _, err := c.recon.Case(c.ctx, green, string(mine.ID))
	c.says(string(c.code(err)), "not_found")
	_, _, err = c.recon.Comment(c.ctx, green, string(mine.ID), "hello")
	c.says(string(c.code(err)), "not_found")
	_, err = c.recon.Run(c.ctx, c.psps["green"], string(run.ID))
	c.says(string(c.code(err)), "not_found")
	_, err = c.recon.Lines(c.ctx, c.psps["green"], "one", nil, nil)
	c.says(string(c.code(err)), "not_found")
	// Another's payment named in a book is as unknown as one that was made up.
	p, err := c.platform.PaymentByPSPID(c.ctx, c.psps["blue"], paid.ID)
	c.must(err)
	foreign := recon.Line{Minute: paid.Minute, Kind: recon.Payment, ID: string(p.ID), Amount: 100, Status: recon.Success}
	_, err = c.recon.File(c.ctx, c.psps["green"], flow.Comparison{Name: "f", Period: recon.Range{From: paid.Minute, To: paid.Minute + 1}}, []recon.Line{foreign})
	c.must(err)
	if x := c.case1("green"); x.Reason != recon.MissingAtUs || len(x.Now) > 0 {
		t.Errorf("the case tells green of blue's payment: %+v", x)
	}
}

func TestComparisonsThatCannotBeAreRefused(t *testing.T) {
	c := newCounting(t, memory(t))
	c.clock.Advance(3 * time.Hour)
	m := recon.MinuteOf(c.clock.Now())
	period := recon.Range{From: m - 60, To: m - 30}
	begin := func(x flow.Comparison, digests ...recon.Digest) string {
		_, err := c.recon.Digests(c.ctx, c.psps["blue"], x, digests, false)
		return string(c.code(err))
	}
	c.says(begin(flow.Comparison{Name: "", Period: period}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "a b", Period: period}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "x", Book: "diary", Period: period}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "x", Period: recon.Range{From: m, To: m}}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "x", Period: recon.Range{From: m - 1, To: m}}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "x", Period: recon.Range{From: m - 40*1440, To: m - 30}}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "x", Period: period}, recon.Digest{Range: period, Count: 1, SHA256: recon.Empty}), "invalid_request")
	c.says(begin(flow.Comparison{Name: "x", Period: period}, recon.Digest{Range: period, SHA256: recon.Empty}), "")
	c.says(begin(flow.Comparison{Name: "x", Period: recon.Range{From: m - 60, To: m - 31}}), string(fault.IdempotencyReused))
}

// TestBothSidesTalk, and what they say stays.
func TestBothSidesTalk(t *testing.T) {
	c := newCounting(t, memory(t))
	paid := c.pay("blue", 100)
	c.clock.Advance(3 * time.Hour)
	c.compare("blue", "one", recon.Range{From: paid.Minute, To: paid.Minute + 1})
	name := string(c.case1("blue").ID)
	clerk := proposal.Person{ID: c.platformID(id.Operator), Name: "clerk"}
	for range 2 { // the reply to the first is lost
		_, _, err := c.recon.Comment(c.ctx, flow.OfPSP(c.psps["blue"]), name, " we look into it ")
		c.must(err)
	}
	_, _, err := c.recon.Explain(c.ctx, clerk, name, "their batch of yesterday did not run")
	c.must(err)
	_, _, err = c.recon.CloseCase(c.ctx, clerk, name, "booked by hand")
	c.must(err)
	_, _, err = c.recon.CloseCase(c.ctx, clerk, name, "again")
	c.says(string(c.code(err)), "case_not_open")
	_, _, err = c.recon.Comment(c.ctx, flow.OfPSP(c.psps["blue"]), name, "")
	c.says(string(c.code(err)), "invalid_request")
	_, _, err = c.recon.Comment(c.ctx, flow.OfPSP(c.psps["blue"]), name, strings.Repeat("ж", 2001))
	c.says(string(c.code(err)), "invalid_request")
	_, notes, err := c.recon.Case(c.ctx, flow.CaseSide{}, name)
	c.must(err)
	var said []string
	for _, n := range notes {
		said = append(said, n.Side+" "+n.ByName+" "+n.Kind+" "+string(n.Status))
	}
	c.says(strings.Join(said, ", "), "platform  opened open, psp blue comment open, operator clerk explained explained, operator clerk closed closed")
}

func (c *counting) platformID(k id.Kind) id.ID {
	c.n++
	return id.New(k, c.clock.Now(), 0, id.Random{8: byte(c.n)})
}

// TestACorrectionNeedsFourEyesAndIsBookedOnce: into suspense, and out of it when the cause is settled.
func TestACorrectionNeedsFourEyesAndIsBookedOnce(t *testing.T) {
	for _, where := range timed {
		c := newCounting(t, where(t))
		paid := c.pay("blue", 500)
		made := recon.Line{Minute: paid.Minute, Kind: recon.Payment, ID: "made-up", Amount: 70, Status: recon.Success}
		period := recon.Range{From: paid.Minute, To: paid.Minute + 1}
		c.clock.Advance(3 * time.Hour)
		c.compare("blue", "one", period, paid, made)
		x := c.case1("blue")
		clerk, chief := proposal.Person{ID: c.platformID(id.Operator), Name: "clerk"}, proposal.Person{ID: c.platformID(id.Operator), Name: "chief"}
		suspense := ledger.Platform(ledger.Suspense)
		for _, bad := range []money.Amount{0, -1, 71, money.Max} {
			_, err := c.recon.ProposeFix(c.ctx, c.eyes, clerk, string(x.ID), bad, "")
			c.says(string(c.code(err)), "amount_invalid")
		}
		fix := func(amount money.Amount) id.ID {
			p, err := c.recon.ProposeFix(c.ctx, c.eyes, clerk, string(x.ID), amount, "found in their book")
			c.must(err)
			return p.ID
		}
		approve := func(by proposal.Person, name id.ID) error {
			p, _, err := c.eyes.Proposal(c.ctx, name)
			c.must(err)
			_, err = c.eyes.Approve(c.ctx, by, name, p.Digest())
			return err
		}
		first := fix(70)
		c.says(fmt.Sprintf("%d %s", c.balance(suspense), c.case1("blue").Status), "0 proposed")
		if _, err := c.recon.ProposeFix(c.ctx, c.eyes, clerk, string(x.ID), 70, ""); err == nil {
			t.Error("a second correction was proposed beside one that waits")
		}
		if approve(clerk, first) == nil {
			t.Error("who proposed it has approved it")
		}
		c.must(approve(chief, first))
		c.must(approve(chief, first)) // again, which changes nothing
		c.says(fmt.Sprintf("%d %d %s", c.balance(suspense), c.balance(ledger.Of(c.psps["blue"].ID, ledger.Clearing)), c.case1("blue").Status), "70 -570 fixed")
		c.compare("blue", "two", period, paid) // their book is mended, the money is still in suspense
		c.says(c.cases("blue"), "made-up agreed missing_at_us fixed")
		out := fix(-70)
		_, err := c.eyes.Reject(c.ctx, chief, out, "not yet")
		c.must(err)
		did, err := c.recon.Undecided(c.ctx, c.eyes, 10)
		c.must(err)
		c.says(fmt.Sprintf("%d %s", did, c.case1("blue").Status), "1 fixed")
		c.must(approve(chief, fix(-70)))
		c.says(fmt.Sprintf("%d %s", c.balance(suspense), c.cases("blue")), "0 made-up agreed missing_at_us closed")
		_, err = c.store.Sequence(c.ctx, 100)
		c.must(err)
		c.audited()
	}
}

// TestManyCallsOfOneComparisonEndInOne: a bank's program that repeats itself on several
// connections, while the clock looks at cases.
func TestManyCallsOfOneComparisonEndInOne(t *testing.T) {
	for _, where := range everywhere {
		c := newCounting(t, where(t))
		from := recon.MinuteOf(c.world.Clock.Now()) - 600
		period := recon.Range{From: from, To: from + 60}
		var lines []recon.Line
		for i := range 30 {
			lines = append(lines, recon.Line{Minute: from + recon.Minute(i), Kind: recon.Payment, ID: fmt.Sprint("x-", i), Amount: 5, Status: recon.Success})
		}
		var group sync.WaitGroup
		runs := make([]store.ReconRun, 6)
		for i := range runs {
			group.Go(func() {
				run, err := c.recon.File(c.ctx, c.psps["blue"], flow.Comparison{Name: fmt.Sprint("same-", i%2), Period: period}, lines)
				for err != nil && fault.From(err).Retryable() {
					run, err = c.recon.File(c.ctx, c.psps["blue"], flow.Comparison{Name: fmt.Sprint("same-", i%2), Period: period}, lines)
				}
				if err != nil {
					t.Error(err)
				}
				runs[i] = run
			})
		}
		group.Wait()
		for i, run := range runs {
			if run.ID != runs[i%2].ID || run.State != store.RunDone || run.Mismatched != 30 {
				t.Errorf("%s: call %d gave %s %s with %d mismatched", c.name, i, run.ID, run.State, run.Mismatched)
			}
		}
		rows, _, err := c.recon.Cases(c.ctx, flow.OfPSP(c.psps["blue"]), store.CaseFilter{Limit: 100})
		c.must(err)
		if len(rows) != 30 {
			t.Errorf("%s: %d cases of 30 differences", c.name, len(rows))
		}
	}
}
