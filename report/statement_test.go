package report_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/report"
)

const shop = id.ID("mer_shop")

// midnight begins the day of these tests; every statement is of [from, to).
var midnight = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return midnight.Add(time.Duration(n) * time.Hour) }

// account is everything that ever happened to a merchant, as a store keeps it.
type account struct {
	payments []payment.Payment
	refunds  []payment.Refund
}

// movement is one change of the payable balance.
type movement struct {
	at     time.Time
	change money.Amount
}

// movements is what the ledger would hold, told without the report's help.
func (a account) movements() (out []movement) {
	for _, p := range a.payments {
		out = append(out, movement{p.EndedAt, p.Amount - p.Fee})
	}
	for _, r := range a.refunds {
		out = append(out, movement{r.CreatedAt, -r.Amount})
		switch r.Status {
		case payment.RefundRejected:
			out = append(out, movement{r.EndedAt, r.Amount})
		case payment.RefundSucceeded:
			out = append(out, movement{r.EndedAt, r.FeeReturned})
		}
	}
	return out
}

// sum adds up the changes of [from, to); a zero time is no bound.
func (a account) sum(from, to time.Time) (sum money.Amount) {
	for _, m := range a.movements() {
		if !m.at.Before(from) && (to.IsZero() || m.at.Before(to)) {
			sum += m.change
		}
	}
	return sum
}

// statement does what a store and the report do together.
func (a account) statement(from, to time.Time) report.Statement {
	rows := report.Rows{Balance: a.sum(time.Time{}, time.Time{}), Later: a.sum(to, time.Time{})}
	within := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	for _, p := range a.payments {
		if within(p.EndedAt) {
			rows.Payments = append(rows.Payments, p)
		}
	}
	for _, r := range a.refunds {
		if within(r.CreatedAt) || within(r.EndedAt) {
			rows.Refunds = append(rows.Refunds, r)
		}
	}
	return report.Fold(shop, from, to, rows)
}

func paid(n int, at time.Time, amount, fee money.Amount) payment.Payment {
	return payment.Payment{ID: id.ID(fmt.Sprintf("pay_%03d", n)), Request: "pr_1", Till: "till_1", Status: payment.Succeeded, Amount: amount, Fee: fee, EndedAt: at}
}

func back(n int, of id.ID, asked, ended time.Time, s payment.RefundStatus, amount, fee money.Amount) payment.Refund {
	return payment.Refund{ID: id.ID(fmt.Sprintf("re_%03d", n)), Payment: of, Request: "pr_1", Status: s, Amount: amount, FeeReturned: fee, CreatedAt: asked, EndedAt: ended}
}

// row is a line of a statement, as short as a case needs it.
type row struct {
	hour    int
	kind    report.Kind
	change  money.Amount
	balance money.Amount
}

func rowsOf(s report.Statement) (out []row) {
	for _, l := range s.Lines {
		out = append(out, row{int(l.At.Sub(midnight) / time.Hour), l.Kind, l.Change, l.Balance})
	}
	return out
}

func TestADayIsToldLineByLine(t *testing.T) {
	a := account{
		[]payment.Payment{paid(1, hour(-2), 10_000, 50), paid(2, hour(9), 15_000, 75), paid(3, hour(25), 7_000, 35)},
		[]payment.Refund{
			back(1, "pay_001", hour(10), hour(11), payment.RefundSucceeded, 5_000, 25),
			back(2, "pay_002", hour(12), time.Time{}, payment.RefundRequested, 3_000, 0),
			back(3, "pay_002", hour(13), hour(14), payment.RefundRejected, 2_000, 0),
		},
	}
	s := a.statement(midnight, hour(24))
	want := []row{
		{9, report.Paid, 14_925, 24_875}, {10, report.Refunded, -5_000, 19_875}, {11, report.FeeReturned, 25, 19_900},
		{12, report.Refunded, -3_000, 16_900}, {13, report.Refunded, -2_000, 14_900}, {14, report.RefundRejected, 2_000, 16_900},
	}
	if got := rowsOf(s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	totals := report.Totals{Payments: 15_000, Fees: 75, Refunds: 10_000, RefundsRejected: 2_000, FeesReturned: 25, PaymentsCount: 1, RefundsCount: 3}
	if s.Totals != totals || s.Opening != 9_950 || s.Closing != 16_900 {
		t.Errorf("from %d to %d, %+v", s.Opening, s.Closing, s.Totals)
	}
	if l := s.Lines[0]; l.Gross != 15_000 || l.Fee != 75 || l.Till != "till_1" || l.Payment != "pay_002" || l.Refund != "" {
		t.Errorf("the payment's line is %+v", l)
	}
	if l := s.Lines[1]; l.Gross != -5_000 || l.Payment != "pay_001" || l.Refund != "re_001" {
		t.Errorf("the refund's line is %+v", l)
	}
}

func TestARefundMayEndOnAnotherDayThanItBegan(t *testing.T) {
	a := account{
		[]payment.Payment{paid(1, hour(1), 10_000, 50), paid(2, hour(2), 10_000, 50)},
		[]payment.Refund{
			back(1, "pay_001", hour(23), hour(25), payment.RefundSucceeded, 10_000, 50),
			back(2, "pay_002", hour(23), hour(24), payment.RefundRejected, 4_000, 0), // the first moment of the next day
		},
	}
	today, tomorrow := a.statement(midnight, hour(24)), a.statement(hour(24), hour(48))
	if today.Closing != 5_900 || today.Totals.Refunds != 14_000 || today.Totals.FeesReturned != 0 || today.Totals.RefundsRejected != 0 {
		t.Errorf("today closes with %d, %+v", today.Closing, today.Totals)
	}
	if tomorrow.Opening != 5_900 || tomorrow.Closing != 9_950 || tomorrow.Totals.RefundsRejected != 4_000 || tomorrow.Totals.FeesReturned != 50 || tomorrow.Totals.RefundsCount != 0 {
		t.Errorf("tomorrow goes from %d to %d, %+v", tomorrow.Opening, tomorrow.Closing, tomorrow.Totals)
	}
}

func TestAQuietDayKeepsTheBalance(t *testing.T) {
	a := account{payments: []payment.Payment{paid(1, hour(-2), 10_000, 50), paid(2, hour(30), 10_000, 50)}}
	if s := a.statement(midnight, hour(24)); s.Opening != 9_950 || s.Closing != 9_950 || len(s.Lines) != 0 || s.Totals != (report.Totals{}) {
		t.Errorf("%+v", s)
	}
}

// drawAccount draws a history of a few days.
func drawAccount(t *rapid.T) (a account) {
	moment := func(label string, after time.Time) time.Time {
		return after.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, label)) * time.Hour)
	}
	for n := range rapid.IntRange(0, 6).Draw(t, "payments") {
		amount := money.Amount(rapid.Int64Range(1, 1_000_000).Draw(t, "amount"))
		p := paid(n, moment("paid", midnight), amount, money.Amount(rapid.Int64Range(0, int64(amount)).Draw(t, "fee")))
		a.payments = append(a.payments, p)
		for m := range rapid.IntRange(0, 2).Draw(t, "refunds") {
			s := rapid.SampledFrom([]payment.RefundStatus{payment.RefundRequested, payment.RefundSucceeded, payment.RefundRejected}).Draw(t, "status")
			r := back(10*n+m, p.ID, moment("asked", p.EndedAt), time.Time{}, s, p.Amount/2, 0)
			if s != payment.RefundRequested {
				r.EndedAt = moment("ended", r.CreatedAt)
			}
			if s == payment.RefundSucceeded {
				r.FeeReturned = p.Fee / 2
			}
			a.refunds = append(a.refunds, r)
		}
	}
	return a
}

func TestStatementsFollowEachOtherWithoutAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAccount(t)
		cuts := rapid.SliceOfNDistinct(rapid.IntRange(0, 100), 3, 3, rapid.ID[int]).Draw(t, "cuts")
		from, to := hour(min(cuts[0], cuts[1], cuts[2])), hour(max(cuts[0], cuts[1], cuts[2]))
		middle := hour(cuts[0] + cuts[1] + cuts[2] - min(cuts[0], cuts[1], cuts[2]) - max(cuts[0], cuts[1], cuts[2]))
		whole, first, second := a.statement(from, to), a.statement(from, middle), a.statement(middle, to)
		if first.Closing != second.Opening || first.Opening != whole.Opening || second.Closing != whole.Closing {
			t.Fatalf("%d → %d, %d → %d; in one %d → %d", first.Opening, first.Closing, second.Opening, second.Closing, whole.Opening, whole.Closing)
		}
		if fmt.Sprint(rowsOf(whole)) != fmt.Sprint(append(rowsOf(first), rowsOf(second)...)) {
			t.Fatalf("lines got lost or doubled at %s", middle)
		}
		for _, s := range []report.Statement{whole, first, second} {
			check(t, a, s)
		}
	})
}

// check compares a statement with the ledger and with itself.
func check(t *rapid.T, a account, s report.Statement) {
	if want := a.sum(time.Time{}, s.From); s.Opening != want {
		t.Fatalf("opens with %d, the ledger says %d", s.Opening, want)
	}
	if want := a.sum(time.Time{}, s.To); s.Closing != want {
		t.Fatalf("closes with %d, the ledger says %d", s.Closing, want)
	}
	running := s.Opening
	for i, l := range s.Lines {
		if running += l.Change; l.Balance != running || i > 0 && l.At.Before(s.Lines[i-1].At) {
			t.Fatalf("line %d says %d at %s, the lines before make %d", i, l.Balance, l.At, running)
		}
	}
	n := s.Totals
	if made := s.Opening + n.Payments - n.Fees - n.Refunds + n.RefundsRejected + n.FeesReturned; running != s.Closing || made != s.Closing {
		t.Fatalf("lines end with %d, totals make %d, it closes with %d", running, made, s.Closing)
	}
}
