package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

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
}

func loadView(ctx context.Context, tx db.Tx, needs []Need, lock []ledger.Account) (view View, err error) {
	l := &loader{tx: tx, needs: needs, requests: map[id.ID]request{}, refunds: map[id.ID]refund{}, payments: map[id.ID]map[id.ID]pay{}}
	if err := l.lockRequests(ctx); err != nil {
		return view, err
	}
	if view.Balances, err = balancesLocked(ctx, tx, lock); err != nil {
		return view, err
	}
	for _, load := range []func(context.Context) error{l.loadRefunds, l.loadPayments} {
		if err := load(ctx); err != nil {
			return view, err
		}
	}
	view.States = l.states()
	if view.Caps, err = loadCaps(ctx, tx, owners(needs, view.States)); err != nil {
		return view, err
	}
	view.Now, err = tx.Now(ctx)
	return view, err
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

func (l *loader) lockRequests(ctx context.Context) error {
	names := l.ids(func(n Need) id.ID { return n.Request })
	if len(names) == 0 {
		return nil
	}
	rows, err := requestTable.Find(ctx, l.tx, "WHERE t.id = ANY($1) ORDER BY t.id FOR NO KEY UPDATE", names)
	for _, r := range rows {
		l.requests[r.ID] = r
		l.payments[r.ID] = map[id.ID]pay{}
	}
	l.needs = slices.DeleteFunc(slices.Clone(l.needs), func(n Need) bool { return l.requests[n.Request].ID == "" })
	return err
}

// loadRefunds loads the named refunds. Those of other requests stay out.
func (l *loader) loadRefunds(ctx context.Context) error {
	names := l.ids(func(n Need) id.ID { return n.Refund })
	if len(names) == 0 {
		return nil
	}
	rows, err := refundTable.Find(ctx, l.tx, "WHERE t.id = ANY($1)", names)
	found := byName(rows, func(r refund) id.ID { return r.ID })
	for _, n := range l.needs {
		if r, ok := found[n.Refund]; ok && r.Request == n.Request {
			l.refunds[r.ID] = r
		}
	}
	return err
}

// loadPayments loads the named payments, those of the refunds, and the live ones
// that are asked for.
func (l *loader) loadPayments(ctx context.Context) error {
	names, err := l.liveNames(ctx)
	if err != nil {
		return err
	}
	names = append(names, l.ids(func(n Need) id.ID { return n.Payment })...)
	for _, r := range l.refunds {
		names = append(names, string(r.Payment))
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	rows, err := paymentTable.Find(ctx, l.tx, "WHERE t.id = ANY($1)", slices.Compact(names))
	for _, p := range rows {
		if of, ok := l.payments[p.Request]; ok {
			of[p.ID] = p
		}
	}
	return err
}

// liveNames gives the ids of live payments: all of the requests that ask for all,
// and those of the payers that are asked for.
func (l *loader) liveNames(ctx context.Context) (names []string, err error) {
	note := func(scan db.Scan) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}
	requests := l.ids(func(n Need) id.ID {
		if n.Live || n.Rivals && l.requests[n.Request].Kind == payment.Dynamic {
			return n.Request
		}
		return ""
	})
	if len(requests) > 0 {
		if err := l.tx.Query(ctx, "SELECT t.payment FROM live AS t WHERE t.request = ANY($1)", note, requests); err != nil {
			return nil, err
		}
	}
	asking := slices.DeleteFunc(slices.Clone(l.needs), func(n Need) bool { return n.PayerKey == "" || n.Live })
	if len(asking) > 0 {
		err = l.tx.QueryMany(ctx, payerFind, payerVectors(asking), note)
	}
	return names, err
}

var payerFind = db.Many{
	One: "SELECT t.payment FROM live AS t WHERE t.request = $1 AND t.payer_key = $2 AND t.psp = $3",
	All: "SELECT t.payment FROM " + db.Unnest("u", false, payerVectors(nil)...) +
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
