package payment_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"tolom/books"
	"tolom/payment"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const golden = "testdata/decisions.golden"

// preamble explains the golden file to whoever reads it.
const preamble = `# Every decision: each state of a request with one payment and at most one refund, each command, each moment.
# Written by the test TestEveryDecision; after a wanted change run: go test ./payment -update
# The payment's time is over 60 seconds after it was created, the request's after 15 minutes. "pay over" is the
# first moment at which the payment's time is over, "all over" the first at which the request's is, too.
# Moments with the same outcome stand in one line. A new payment is called "new".
#
# STATE BEFORE: KIND AND STATUS OF THE REQUEST, ITS PAYMENT, ITS REFUND
#   command | moment | → state after | facts | refusal
`

// moment is a time at which commands arrive.
type moment struct {
	name string
	at   time.Time
}

var moments = []moment{
	{"in time", noon.Add(payment.ExecuteWithin - time.Millisecond)},
	{"pay over", noon.Add(payment.ExecuteWithin)},
	{"all over", noon.Add(life)},
}

// act is a command with its name in the table.
type act struct {
	name    string
	command payment.Command
}

var acts = []act{
	{"check", payment.Scan{}},
	{"expire", payment.Expire{}},
	{"create", payment.Create{Payment: draftOf(pay2, green, "another", price)}},
	{"create by the same payer", payment.Create{Payment: draftOf(pay2, blue, "payer", price)}},
	{"create, merchant suspended", payment.Create{Payment: draftOf(pay2, green, "another", price), Suspended: true}},
	{"execute", payment.Execute{Payment: pay1, PSP: blue}},
	{"execute, merchant suspended", payment.Execute{Payment: pay1, PSP: blue, Suspended: true}},
	{"execute by another PSP", payment.Execute{Payment: pay1, PSP: green}},
	{"cancel by PSP", payment.Cancel{Payment: pay1, PSP: blue}},
	{"cancel by another PSP", payment.Cancel{Payment: pay1, PSP: green}},
	{"cancel by merchant", payment.CancelRequest{}},
	{"pause", payment.Pause{}},
	{"resume", payment.Resume{}},
	{"refund half", payment.RequestRefund{Refund: refundOf("re_2", price/2)}},
	{"refund all that is left", payment.RequestRefund{Refund: refundOf("re_2", 0)}},
	{"refund too much", payment.RequestRefund{Refund: refundOf("re_2", price+1)}},
	{"ack: credited", payment.AckRefund{Refund: back1, PSP: blue, Credited: true, PSPRefundID: "r1"}},
	{"ack: rejected", payment.AckRefund{Refund: back1, PSP: blue, Code: "closed"}},
	{"ack by another PSP", payment.AckRefund{Refund: back1, PSP: green, Credited: true}},
}

// kinds are the states that a request can have.
var kinds = []struct {
	kind     payment.Kind
	statuses []payment.RequestStatus
}{
	{payment.Dynamic, []payment.RequestStatus{payment.RequestActive, payment.RequestPaid, payment.RequestExpired, payment.RequestCanceled}},
	{payment.Static, []payment.RequestStatus{payment.RequestActive, payment.RequestPaused, payment.RequestExpired, payment.RequestCanceled}},
}

// states lists them all, also those that the rules never lead to, such as a
// paid request with a payment still open: whatever a store holds must be safe.
func states() (out []payment.State) {
	for _, k := range kinds {
		for _, status := range k.statuses {
			r := request(k.kind)
			if r.Status = status; status.Final() {
				r.EndedAt = noon
			}
			out = append(out, payment.State{Request: r})
			for _, of := range []payment.Status{payment.Created, payment.InProcess, payment.Failed, payment.Canceled} {
				out = append(out, payment.State{Request: r, Payments: []payment.Payment{paymentIn(of)}})
			}
			for _, of := range []payment.RefundStatus{"", payment.RefundRequested, payment.RefundSucceeded, payment.RefundRejected} {
				out = append(out, withRefund(r, of))
			}
		}
	}
	return out
}

func paymentIn(s payment.Status) payment.Payment {
	p := created(pay1, blue, "payer")
	switch p.Status = s; s {
	case payment.Failed:
		p.Reason, p.EndedAt = payment.ReasonSuspended, noon
	case payment.Canceled:
		p.Reason, p.EndedAt = payment.ReasonPSP, noon
	}
	return p
}

// withRefund is a paid request whose payment has a refund of one half.
func withRefund(r payment.Request, s payment.RefundStatus) payment.State {
	p, back := succeeded(pay1, blue), refundOf(back1, price/2)
	if r.Kind == payment.Dynamic {
		r.PaidAmount, r.PaymentsCount = p.Amount, 1
	}
	out := payment.State{Request: r, Payments: []payment.Payment{p}}
	if s == "" {
		return out
	}
	back.Status, back.Request, back.PSP, back.CreatedAt = s, lunch, blue, noon
	switch s {
	case payment.RefundRequested:
		out.Payments[0].Refunding = back.Amount
	case payment.RefundSucceeded:
		out.Payments[0].Refunded, out.Payments[0].FeeReturned, out.Payments[0].InterchangeReturned = back.Amount, 37, 14
		back.FeeReturned, back.InterchangeReturned, back.EndedAt = 37, 14, noon
	}
	out.Refunds = []payment.Refund{back}
	return out
}

// describe writes a state in one line: "dynamic paid, success, refund requested".
func describe(s payment.State) string {
	out := string(s.Request.Kind) + " " + string(s.Request.Status)
	if !s.Request.ScannedAt.IsZero() {
		out += ", scanned"
	}
	for _, p := range s.Payments {
		name := ""
		if p.ID == pay2 {
			name = "new "
		}
		out += ", " + name + status(p)
	}
	for _, r := range s.Refunds {
		out += ", refund " + string(r.Status)
		if r.ID != back1 {
			out += fmt.Sprintf(" of %d", r.Amount)
		}
	}
	return out
}

// outcome writes what a decision comes to: → state, facts, refusal.
func outcome(s payment.State, d payment.Decision) string {
	end, facts, refusal := describe(apply(s, d)), told(d), string(codeOf(d.Refusal))
	if end == describe(s) {
		end = "unchanged"
	}
	return fmt.Sprintf("→ %s | %s | %s", end, dash(facts), dash(refusal))
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func TestEveryDecision(t *testing.T) {
	var out strings.Builder
	out.WriteString(preamble)
	for _, s := range states() {
		fmt.Fprintf(&out, "\n%s\n", strings.ToUpper(describe(s)))
		for _, a := range acts {
			for _, line := range lines(t, s, a) {
				fmt.Fprintf(&out, "  %-27s | %s\n", a.name, line)
			}
		}
	}
	compare(t, golden, out.String())
}

// lines decides at every moment and joins moments with the same outcome.
func lines(t *testing.T, s payment.State, a act) (out []string) {
	var when []string
	last := ""
	flush := func() {
		if len(when) == len(moments) {
			when = []string{"any time"}
		}
		if len(when) > 0 {
			out = append(out, fmt.Sprintf("%-17s | %s", strings.Join(when, ", "), last))
		}
		when = nil
	}
	for _, m := range moments {
		d := payment.Decide(s, a.command, m.at)
		sound(t, s, a, m, d)
		if now := outcome(s, d); now != last {
			flush()
			last = now
		}
		when = append(when, m.name)
	}
	flush()
	return out
}

// sound checks what must hold of every decision, whatever the golden file says.
func sound(t *testing.T, s payment.State, a act, m moment, d payment.Decision) {
	t.Helper()
	where := describe(s) + ", " + a.name + ", " + m.name
	before := deepCopy(s)
	if again := payment.Decide(s, a.command, m.at); !reflect.DeepEqual(again, d) {
		t.Errorf("%s: the same decision came out another way", where)
	}
	if !reflect.DeepEqual(before, s) {
		t.Errorf("%s: the state that was given has changed", where)
	}
	after := apply(s, d)
	if s.Request.Status.Final() && !reflect.DeepEqual(after.Request, s.Request) {
		t.Errorf("%s: a final request changed", where)
	}
	for i, p := range s.Payments {
		if p.Status.Final() && after.Payments[i].Status != p.Status {
			t.Errorf("%s: a final payment became %s", where, after.Payments[i].Status)
		}
	}
	for i, r := range s.Refunds {
		if r.Status != payment.RefundRequested && after.Refunds[i] != r {
			t.Errorf("%s: a final refund changed", where)
		}
	}
	for _, p := range after.Payments {
		if p.Status == payment.Created && (after.Request.Status.Final() || !m.at.Before(p.ExpiresAt)) {
			t.Errorf("%s: a payment is left open although it can never be executed", where)
		}
	}
	told := map[string]bool{}
	for _, f := range d.Facts {
		key := fmt.Sprint(f.Type, f.Payment, f.Refund)
		if told[key] || f.At != m.at || f.Merchant != shop || f.Request != lunch || f.ID != "" {
			t.Errorf("%s: the fact %+v is told twice, or is not of this moment and request", where, f)
		}
		told[key] = true
		if err := books.Transfer(f).Check(); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func deepCopy(s payment.State) payment.State {
	out := s
	out.Payments, out.Refunds = append([]payment.Payment(nil), s.Payments...), append([]payment.Refund(nil), s.Refunds...)
	out.Request.Extra = append([]payment.Extra(nil), s.Request.Extra...)
	out.Request.Metadata = map[string]string{}
	for k, v := range s.Request.Metadata {
		out.Request.Metadata[k] = v
	}
	return out
}

// compare holds a text against a golden file, or writes it with -update.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			t.Fatalf("%s:%d is no longer true; after a wanted change run this test with -update\nwant %s\ngot  %s", path, i+1, at(w, i), at(g, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}
