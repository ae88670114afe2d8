package store

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/payment"
	"tolom/store/internal/db"
)

// fullSize is how many payments are stored besides the town's, each fourth of them
// of one merchant: enough that a plan which reads them all is seen at once.
const fullSize = 20_000

// mostRead is how many rows a question may read to show a page of at most a
// hundred: some of each table that it joins, and never a share of what is stored.
const mostRead = 3000

// fill gives the merchants years of sales, most to the second, by whom the town asks.
func (w *town) fill() {
	at := w.clock.Now().Add(-48 * time.Hour)
	batch := Batch{ID: w.newID(id.Batch, 1), Bucket: 1}
	c, claims := Changes{Batch: batch, Now: at}, []Claim(nil)
	for n := range fullSize {
		at = at.Add(time.Second)
		m := w.merchants[1]
		if n%4 > 0 {
			m = w.merchants[n%townSize]
		}
		psp := w.psps[m]
		born := func(k id.Kind) id.ID { return id.New(k, at, m.Bucket(), id.Random{0, byte(n), byte(n >> 8)}) }
		r := payment.Request{ID: born(id.Request), Merchant: m, Kind: payment.Dynamic, Status: payment.RequestPaid, OrderID: fmt.Sprint("old", n), CreatedAt: at, EndedAt: at}
		p := payment.Payment{ID: born(id.Payment), Request: r.ID, Merchant: m, PSP: psp, Status: payment.Succeeded, Amount: 1, CreatedAt: at, EndedAt: at}
		f := payment.Fact{ID: born(id.Event), Ordinal: n, Type: payment.PaymentSucceeded, At: at, Merchant: m, PSP: psp, Request: r.ID, Payment: p.ID, Amount: 1}
		e := ledger.Entry{Debit: ledger.Of(psp, ledger.Clearing), Credit: ledger.Of(m, ledger.Payable), Amount: 1}
		c.NewRequests, c.NewPayments, c.Facts = append(c.NewRequests, r), append(c.NewPayments, p), append(c.Facts, f)
		c.Entries = append(c.Entries, Entry{Fact: f.ID, At: at, Entry: e})
		key := fmt.Sprint("old", n)
		claims = append(claims, Claim{Bucket: id.BucketOf("order:", key), Scope: "order:", Key: key, Object: p.ID, CreatedAt: at})
	}
	must(w.t, w.s.Fill(w.t.Context(), c, claims))
	must(w.t, w.s.Analyse(w.t.Context()))
}

var (
	scanNode = regexp.MustCompile(`Scan.*\(actual rows=(\d+) loops=(\d+)\)`)
	filtered = regexp.MustCompile(`Rows Removed by (?:Index Recheck|Filter|Join Filter): (\d+)`)
)

// rowsRead sums what the scans of an executed plan have read.
func rowsRead(plan []string) (n int) {
	loops := 1
	number := func(text string) int { i, _ := strconv.Atoi(text); return i }
	for _, line := range plan {
		if found := scanNode.FindStringSubmatch(line); found != nil {
			loops = number(found[2])
			n += number(found[1]) * loops
		}
		if found := filtered.FindStringSubmatch(line); found != nil {
			n += number(found[1]) * loops
		}
	}
	return n
}

// readLittle asks everything on a full database and looks at how much was read.
func (w *town) readLittle(d *watched) {
	w.fill()
	for _, questions := range []func(){w.askEverything, w.askFromTheBeginning} {
		clear(d.asked)
		questions()
		for text, args := range d.asked {
			if strings.HasPrefix(text, "SELECT") {
				readsLittle(w.t, d.Database, text, args)
			}
		}
	}
}

func readsLittle(t *testing.T, d db.Database, text string, args []any) {
	t.Helper()
	plan := explain(t, d, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+text, args)
	if n := rowsRead(plan); n > mostRead {
		t.Errorf("%s\nreads %d rows:\n%s", text, n, strings.Join(plan, "\n"))
	}
}

// askFromTheBeginning asks for the oldest page of what is long.
func (w *town) askFromTheBeginning() {
	ctx, m := w.t.Context(), w.merchants[1]
	ask(w, func() (any, error) { return w.s.Feed(ctx, m, 0, 100) })
	ask(w, func() (any, error) { return w.s.Unacked(ctx, m, 0, 100) })
	ask(w, func() (any, error) { return w.s.Tail(ctx, 0, 100) })
}

// explain executes a question in a transaction that is undone, and gives its plan.
func explain(t *testing.T, d db.Database, text string, args []any) (plan []string) {
	t.Helper()
	tx, err := d.Begin(t.Context())
	must(t, err)
	defer tx.Rollback()
	err = tx.Query(t.Context(), text, func(scan db.Scan) error {
		var line string
		err := scan(&line)
		plan = append(plan, line)
		return err
	}, args...)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return plan
}
