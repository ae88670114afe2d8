package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store/internal/db"
)

// loader collects what the needs of one transaction ask for. The statements
// after the first see what was committed until the locks were got, because each
// statement of a READ COMMITTED transaction looks anew.
type loader struct {
	tx       db.Tx
	needs    []Need
	requests map[id.ID]request
	refunds  map[id.ID]refund
	// payments by request: only rows that the lock on it covers.
	payments map[id.ID]map[id.ID]pay
	live     []string // names of live payments
}

func loadView(ctx context.Context, tx db.Tx, needs []Need, lock []ledger.Account) (view View, err error) {
	l := &loader{tx: tx, needs: needs, requests: map[id.ID]request{}, refunds: map[id.ID]refund{}, payments: map[id.ID]map[id.ID]pay{}}
	if view.Balances, err = l.lockAndName(ctx, lock, &view.Now); err != nil {
		return view, err
	}
	if view.Caps, err = l.loadPayments(ctx); err != nil {
		return view, err
	}
	view.States = l.states()
	return view, l.loadFurtherCaps(ctx, &view)
}

// lockAndName locks the requests and then the balances, and finds what they
// cover, the refunds and the names of the live payments; then it reads the clock.
// With no balance to lock all that is one round trip.
func (l *loader) lockAndName(ctx context.Context, lock []ledger.Account, now *time.Time) (balances map[ledger.Account]money.Amount, err error) {
	var requests []request
	var refunds []refund
	questions := l.lockRequests(&requests)
	if len(lock) > 0 {
		if err := l.tx.Ask(ctx, questions...); err != nil {
			return nil, err
		}
		questions = nil
	}
	if balances, err = balancesLocked(ctx, l.tx, lock); err != nil {
		return nil, err
	}
	questions = append(questions, l.findRefunds(&refunds)...)
	questions = append(questions, l.findLive()...)
	if err := l.tx.Ask(ctx, append(questions, db.Question{Clock: now})...); err != nil {
		return nil, err
	}
	l.keepRequests(requests)
	l.keepRefunds(refunds)
	return balances, nil
}

func balancesLocked(ctx context.Context, tx db.Tx, lock []ledger.Account) (map[ledger.Account]money.Amount, error) {
	balances := make(map[ledger.Account]money.Amount, len(lock))
	held, err := lockBalances(ctx, tx, lock)
	for _, a := range lock {
		if err != nil {
			return nil, err
		}
		balances[a], err = sumOf(held, a)
	}
	return balances, err
}

// ids gives the distinct ids that the needs name, in order.
func (l *loader) ids(name func(Need) id.ID) []string {
	var out []string
	for _, n := range l.needs {
		if i := name(n); i != "" {
			out = append(out, string(i))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *loader) lockRequests(out *[]request) []db.Question {
	names := l.ids(func(n Need) id.ID { return n.Request })
	if len(names) == 0 {
		return nil
	}
	return []db.Question{requestTable.Question(out, "WHERE t.id = ANY($1) ORDER BY t.id FOR NO KEY UPDATE", names)}
}

// keepRequests notes the requests that exist; what was needed of others is forgotten.
func (l *loader) keepRequests(rows []request) {
	for _, r := range rows {
		l.requests[r.ID] = r
		l.payments[r.ID] = map[id.ID]pay{}
	}
	l.needs = slices.DeleteFunc(slices.Clone(l.needs), func(n Need) bool { return l.requests[n.Request].ID == "" })
}

func (l *loader) findRefunds(out *[]refund) []db.Question {
	names := l.ids(func(n Need) id.ID { return n.Refund })
	if len(names) == 0 {
		return nil
	}
	return []db.Question{refundTable.Question(out, "WHERE t.id = ANY($1)", names)}
}

// keepRefunds notes the refunds of the requests that were locked.
func (l *loader) keepRefunds(rows []refund) {
	found := byName(rows, func(r refund) id.ID { return r.ID })
	for _, n := range l.needs {
		if r, ok := found[n.Refund]; ok && r.Request == n.Request {
			l.refunds[r.ID] = r
		}
	}
}

// The names of live payments: of all requests that ask for all, of the dynamic
// ones among those that ask for rivals, and of the payers that are asked for.
const (
	liveOf   = "SELECT t.payment FROM live AS t WHERE t.request = ANY($1)"
	rivalsOf = "SELECT t.payment FROM request AS r JOIN live AS t ON t.request = r.id WHERE r.id = ANY($1) AND r.kind = 'dynamic'"
)

func (l *loader) findLive() (questions []db.Question) {
	note := func(scan db.Scan) error {
		var name string
		err := scan(&name)
		l.live = append(l.live, name)
		return err
	}
	named := func(text string, wanted func(Need) bool) {
		names := l.ids(func(n Need) id.ID {
			if wanted(n) {
				return n.Request
			}
			return ""
		})
		if len(names) > 0 {
			questions = append(questions, db.Question{Text: text, Args: []any{names}, Each: note})
		}
	}
	named(liveOf, func(n Need) bool { return n.Live })
	named(rivalsOf, func(n Need) bool { return n.Rivals && !n.Live })
	asking := slices.DeleteFunc(slices.Clone(l.needs), func(n Need) bool { return n.PayerKey == "" || n.Live })
	if len(asking) > 0 {
		questions = append(questions, db.Question{Many: payerFind, Rows: payerVectors(asking), Each: note})
	}
	return questions
}

// loadPayments loads the named payments, those of the refunds, and the live ones,
// and with them the limits of the merchants and of the PSPs that are known by now.
func (l *loader) loadPayments(ctx context.Context) (caps payment.Caps, err error) {
	names := append(l.live, l.ids(func(n Need) id.ID { return n.Payment })...)
	for _, r := range l.refunds {
		names = append(names, string(r.Payment))
	}
	slices.Sort(names)
	var rows []pay
	questions := askCaps(&caps, owners(l.needs, l.states()))
	if len(names) > 0 {
		questions = append(questions, paymentTable.Question(&rows, "WHERE t.id = ANY($1)", slices.Compact(names)))
	}
	if err := l.tx.Ask(ctx, questions...); err != nil {
		return caps, err
	}
	for _, p := range rows {
		if of, ok := l.payments[p.Request]; ok {
			of[p.ID] = p
		}
	}
	return caps, nil
}

// loadFurtherCaps loads the limits of PSPs that only the payments told of.
func (l *loader) loadFurtherCaps(ctx context.Context, v *View) error {
	known := owners(l.needs, (&loader{requests: l.requests}).states())
	further := slices.DeleteFunc(owners(l.needs, v.States), func(o id.ID) bool { return slices.Contains(known, o) })
	return l.tx.Ask(ctx, askCaps(&v.Caps, further)...)
}

var payerFind = db.Many{
	One: "SELECT t.payment FROM live AS t WHERE t.request = $1 AND t.payer_key = $2 AND t.psp = $3",
	All: "SELECT t.payment FROM " + db.Unnest("u", payerVectors(nil)...) +
		" JOIN live AS t ON t.request = u.request AND t.payer_key = u.payer_key AND t.psp = u.psp",
}

func payerVectors(needs []Need) []db.Vector {
	requests, keys, psps := make([]string, len(needs)), make([]string, len(needs)), make([]string, len(needs))
	for i, n := range needs {
		requests[i], keys[i], psps[i] = string(n.Request), n.PayerKey, string(n.PSP)
	}
	return []db.Vector{db.Texts("request", requests), db.Texts("payer_key", keys), db.Texts("psp", psps)}
}

// states gives each request with its rows in order of their ids.
func (l *loader) states() map[id.ID]payment.State {
	states := make(map[id.ID]payment.State, len(l.requests))
	for name, r := range l.requests {
		states[name] = payment.State{Request: r, Payments: inOrder(l.payments[name])}
	}
	for _, r := range inOrder(l.refunds) {
		s := states[r.Request]
		s.Refunds = append(s.Refunds, r)
		states[r.Request] = s
	}
	return states
}

func byName[T any](rows []T, name func(T) id.ID) map[id.ID]T {
	out := make(map[id.ID]T, len(rows))
	for _, row := range rows {
		out[name(row)] = row
	}
	return out
}

func inOrder[T any](rows map[id.ID]T) []T {
	var out []T
	for _, name := range slices.SortedFunc(maps.Keys(rows), cmp.Compare) {
		out = append(out, rows[name])
	}
	return out
}
