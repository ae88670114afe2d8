package store

import (
	"cmp"
	"context"
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
	needs    []Need
	view     View
	requests []request
	refunds  []refund
	payments []pay
	payouts  []payout
	files    []File
}

func loadView(ctx context.Context, tx db.Tx, needs []Need, lock []ledger.Account) (View, error) {
	l := &loader{needs: needs}
	questions := slices.Concat(l.lockRequests(), l.lockPayouts(), l.lockFiles())
	if len(lock) > 0 {
		if err := tx.Ask(ctx, questions...); err != nil {
			return View{}, err
		}
		questions = nil
	}
	var err error
	if l.view.Balances, err = balancesLocked(ctx, tx, lock); err != nil {
		return View{}, err
	}
	if err := tx.Ask(ctx, append(questions, l.look()...)...); err != nil {
		return View{}, err
	}
	return l.seen(ctx, tx)
}

// look asks for everything that the locks cover, and for the clock.
func (l *loader) look() []db.Question {
	questions := l.findRefunds()
	questions = append(questions, l.findPayments()...)
	questions = append(questions, askCaps(&l.view.Caps, l.named())...)
	return append(questions, db.Question{Clock: &l.view.Now})
}

// seen makes the view of what was found.
func (l *loader) seen(ctx context.Context, tx db.Tx) (View, error) {
	l.view.States, l.view.Payouts, l.view.Files = l.states(), l.payoutsByID(), l.filesByMessage()
	known := l.named()
	further := slices.DeleteFunc(owners(l.needs, l.view.States), func(o id.ID) bool { return slices.Contains(known, o) })
	return l.view, tx.Ask(ctx, askCaps(&l.view.Caps, further)...)
}

// named gives whose limits the needs name; those of others are known once the rows are.
func (l *loader) named() []id.ID { return owners(l.needs, nil) }

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

// requestsOf gives the distinct requests of the needs that are wanted, in order.
func (l *loader) requestsOf(wanted func(Need) bool) []string {
	return l.ids(func(n Need) id.ID {
		if wanted(n) {
			return n.Request
		}
		return ""
	})
}

func (l *loader) lockRequests() []db.Question {
	names := l.requestsOf(func(Need) bool { return true })
	if len(names) == 0 {
		return nil
	}
	return []db.Question{requestTable.Question(&l.requests, "WHERE t.id = ANY($1) ORDER BY t.id FOR NO KEY UPDATE", names)}
}

func (l *loader) findRefunds() []db.Question {
	names := l.ids(func(n Need) id.ID { return n.Refund })
	if len(names) == 0 {
		return nil
	}
	return []db.Question{refundTable.Question(&l.refunds, "WHERE t.id = ANY($1)", names)}
}

// The payments that are loaded: those that are named, those of the named refunds,
// the live ones of all requests that ask for all, of the dynamic ones among those
// that ask for rivals, and of the payers that are asked for.
const (
	paymentsOf = "WHERE t.id = ANY($1)"
	refundedBy = "JOIN refund AS f ON f.payment = t.id WHERE f.id = ANY($1)"
	liveOf     = "JOIN live AS l ON l.payment = t.id WHERE l.request = ANY($1)"
	rivalsOf   = "JOIN live AS l ON l.payment = t.id JOIN request AS r ON r.id = l.request WHERE r.id = ANY($1) AND r.kind = 'dynamic'"
)

func (l *loader) findPayments() (questions []db.Question) {
	find := func(tail string, names []string) {
		if len(names) > 0 {
			questions = append(questions, paymentTable.Question(&l.payments, tail, names))
		}
	}
	find(paymentsOf, l.ids(func(n Need) id.ID { return n.Payment }))
	find(refundedBy, l.ids(func(n Need) id.ID { return n.Refund }))
	find(liveOf, l.requestsOf(func(n Need) bool { return n.Live }))
	find(rivalsOf, l.requestsOf(func(n Need) bool { return n.Rivals && !n.Live }))
	asking := slices.DeleteFunc(slices.Clone(l.needs), func(n Need) bool { return n.PayerKey == "" || n.Live })
	if len(asking) > 0 {
		questions = append(questions, db.Question{Many: payerFind, Rows: payerVectors(asking), Each: paymentTable.Each(&l.payments)})
	}
	return questions
}

var payerFind = db.Lookup("SELECT "+paymentTable.Columns()+" FROM live AS l JOIN payment AS t ON t.id = l.payment"+
	" WHERE l.request = $1 AND l.payer_key = $2 AND l.psp = $3",
	paymentTable.Columns(), "JOIN live AS l ON l.request = u.request AND l.payer_key = u.payer_key AND l.psp = u.psp"+
		" JOIN payment AS t ON t.id = l.payment", payerVectors(nil)...)

func payerVectors(needs []Need) []db.Vector {
	requests, keys, psps := make([]string, len(needs)), make([]string, len(needs)), make([]string, len(needs))
	for i, n := range needs {
		requests[i], keys[i], psps[i] = string(n.Request), n.PayerKey, string(n.PSP)
	}
	return []db.Vector{db.Texts("request", requests), db.Texts("payer_key", keys), db.Texts("psp", psps)}
}

// states gives each request with its rows in order of their ids. Only rows that the
// lock on their request covers are in it: of a refund that belongs to another
// request than its need says, nothing is seen.
func (l *loader) states() map[id.ID]payment.State {
	states := make(map[id.ID]payment.State, len(l.requests))
	for _, r := range l.requests {
		states[r.ID] = payment.State{Request: r}
	}
	for _, p := range inOrder(l.payments, func(p pay) id.ID { return p.ID }) {
		if s, locked := states[p.Request]; locked {
			s.Payments = append(s.Payments, p)
			states[p.Request] = s
		}
	}
	asked := map[[2]id.ID]bool{}
	for _, n := range l.needs {
		asked[[2]id.ID{n.Refund, n.Request}] = true
	}
	for _, r := range inOrder(l.refunds, func(r refund) id.ID { return r.ID }) {
		if s, locked := states[r.Request]; locked && asked[[2]id.ID{r.ID, r.Request}] {
			s.Refunds = append(s.Refunds, r)
			states[r.Request] = s
		}
	}
	return states
}

// inOrder sorts rows by their ids; one that was found twice stays once.
func inOrder[T any](rows []T, name func(T) id.ID) []T {
	slices.SortFunc(rows, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	return slices.CompactFunc(rows, func(a, b T) bool { return name(a) == name(b) })
}
