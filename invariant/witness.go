package invariant

import (
	"fmt"
	"sync"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/wire"
	"tolom/world"
)

// Witness remembers what the actors of a platform asked for and what they were
// told, and holds the platform to its word: what was told is kept, an end once
// told is the only one, nobody is told of what is another's, and nothing succeeds
// that nobody asked for. A contradiction between two answers is noted at once,
// one between an answer and the database by Check. It is for tests, the simulation
// and the bench, and may be used by many goroutines.
//
// Whoever drives the actors calls Asks before a message leaves, and the other
// methods with every answer that arrived whole, in any order: late, doubled and
// reordered answers contradict nothing.
type Witness struct {
	// Clock is the database's, which a simulation has at hand; nil leaves out the
	// rule that nothing told lies ahead of it. Set it before the first call.
	Clock world.Clock

	mu     sync.Mutex
	latest time.Time // that the clock has shown; it may be put back
	report Report

	asked   map[asking]bool
	told    map[id.ID]*word   // payments, requests and refunds
	buried  map[named]bool    // told to be canceled without ever having been a payment
	answers map[asking]answer // by idempotency key
	events  map[id.ID]event
	arrived map[arrival]bool
	listens []listener
}

// Act is what an actor can ask for.
type Act string

// The acts, and by which name each is known.
const (
	AskRequest Act = "request"        // the idempotency key
	AskPayment Act = "create"         // the psp_payment_id
	AskExecute Act = "execute"        // the id of the payment
	AskCancel  Act = "cancel"         // the id of the payment, or the psp_payment_id
	AskRefund  Act = "refund"         // the id of the payment
	AskAck     Act = "ack"            // the id of the refund
	AskEnd     Act = "cancel request" // the id of the request
)

type asking struct {
	by   id.ID
	act  Act
	name string
}

// word is what was told of one object.
type word struct {
	by      []id.ID // who was told
	status  string  // the final one; "" while only others were told
	amount  money.Amount
	name    string // the psp_payment_id or order_id
	of      id.ID  // the request of a payment, the payment of a refund
	mention int64  // how often it was told
}

type named struct {
	psp  id.ID
	name string
}

type answer struct{ body, text string }

type event struct {
	reader id.ID
	kind   string
	text   string
}

type arrival struct {
	at    id.ID // the endpoint
	event id.ID
}

type listener struct {
	endpoint, reader id.ID
	after            int64
}

// NewWitness makes a witness of nothing yet. It must be there from the first call
// on: what was done before it came has been asked for by nobody.
func NewWitness() *Witness {
	return &Witness{
		report: newReport(), asked: map[asking]bool{}, told: map[id.ID]*word{}, buried: map[named]bool{},
		answers: map[asking]answer{}, events: map[id.ID]event{}, arrived: map[arrival]bool{},
	}
}

// Asks notes, before the message leaves, that an actor asks for something. Who
// asks is the merchant or the PSP.
func (w *Witness) Asks(by id.ID, act Act, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[asking{by, act, name}] = true
}

// PSPPayment notes that a PSP was told of a payment, in an answer or a refusal.
func (w *Witness) PSPPayment(psp id.ID, p wire.PSPPayment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.ID == nil {
		w.buried[named{psp, p.PSPPaymentID}] = true
		return
	}
	w.timely(*p.ID, p.CreatedAt, p.EndedAt)
	w.hear(psp, id.ID(*p.ID), word{status: final(p.Status), amount: money.Amount(p.Amount), name: p.PSPPaymentID, of: id.ID(p.RequestID)})
}

// PSPRefund notes that a PSP was told of a refund.
func (w *Witness) PSPRefund(psp id.ID, r wire.PSPRefund) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timely(r.ID, r.CreatedAt, r.EndedAt)
	w.hear(psp, id.ID(r.ID), word{status: final(r.Status), amount: money.Amount(r.Amount), of: id.ID(r.PaymentID)})
}

// Request notes that a merchant was told of a request.
func (w *Witness) Request(merchant id.ID, r wire.PaymentRequest) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timely(r.ID, r.CreatedAt, r.EndedAt)
	w.hear(merchant, id.ID(r.ID), word{status: final(r.Status), amount: money.Amount(r.Amount), name: r.OrderID})
}

// Payment notes that a merchant was told of a payment.
func (w *Witness) Payment(merchant id.ID, p wire.Payment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timely(p.ID, p.CreatedAt, p.EndedAt)
	w.hear(merchant, id.ID(p.ID), word{status: final(p.Status), amount: money.Amount(p.Amount), of: id.ID(p.RequestID)})
}

// Refund notes that a merchant was told of a refund.
func (w *Witness) Refund(merchant id.ID, r wire.Refund) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timely(r.ID, r.CreatedAt, r.EndedAt)
	w.hear(merchant, id.ID(r.ID), word{status: final(r.Status), amount: money.Amount(r.Amount), of: id.ID(r.PaymentID)})
}

// Tick notes what the database's clock shows, before it is put back.
func (w *Witness) Tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick()
}

func (w *Witness) tick() {
	if w.Clock == nil {
		return
	}
	if now := w.Clock.Now(); now.After(w.latest) {
		w.latest = now
	}
}

// timely reports times that the database's clock has not shown yet.
func (w *Witness) timely(object string, times ...wire.Time) {
	if w.tick(); w.Clock == nil {
		return
	}
	w.report.look(OnTime, int64(len(times)))
	for _, at := range times {
		if at.After(w.latest) {
			w.report.broken(OnTime, object, "it tells of %v, and the database's clock has not been beyond %v", at.Time, w.latest)
		}
	}
}

// final keeps the statuses that never change again.
func final(status string) string {
	switch status {
	case "success", "error", "canceled", "paid", "expired", "rejected":
		return status
	}
	return ""
}

// hear takes in what somebody was told of an object. Fields that an answer leaves out say nothing.
func (w *Witness) hear(by, object id.ID, says word) {
	w.report.look(Kept, 1)
	known := w.told[object]
	if known == nil {
		known = &word{}
		w.told[object] = known
	}
	known.mention++
	known.tell(by)
	contradict(w, object, "status", &known.status, says.status)
	contradict(w, object, "amount", &known.amount, says.amount)
	contradict(w, object, "name", &known.name, says.name)
	contradict(w, object, "parent", &known.of, says.of)
}

// tell notes a listener once.
func (k *word) tell(by id.ID) {
	for _, b := range k.by {
		if b == by {
			return
		}
	}
	k.by = append(k.by, by)
}

// contradict compares what was told of one field before and now.
func contradict[T comparable](w *Witness, object id.ID, what string, before *T, now T) {
	var nothing T
	switch {
	case now == nothing:
	case *before == nothing:
		*before = now
	case *before != now:
		w.report.broken(Kept, string(object), "its %s was told as %v and as %v", what, *before, now)
	}
}

// Answered notes the definite answer to a call with an idempotency key: what was
// made, or a refusal that will not change by trying again. Body and answer are
// whatever stands for them, such as a digest; the answer without what differs in
// each reply (the id of the call, the time).
func (w *Witness) Answered(by id.ID, key, body, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.look(SameAnswer, 1)
	name := asking{by: by, name: key}
	before, again := w.answers[name]
	switch {
	case !again:
		w.answers[name] = answer{body, text}
	case before.body == body && before.text != text:
		w.report.broken(SameAnswer, fmt.Sprintf("%s %q", by, key), "first it was answered %.200q, then %.200q", before.text, text)
	case before.body != body && before.text == text:
		w.report.broken(SameAnswer, fmt.Sprintf("%s %q", by, key), "another body got the answer of the first, %.200q", text)
	}
}

// Listens notes that an endpoint is to get the events of a merchant whose
// sequence is above after.
func (w *Witness) Listens(endpoint, merchant id.ID, after int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listens = append(w.listens, listener{endpoint, merchant, after})
}

// Event notes that an event reached a merchant: at an endpoint that has taken it,
// or, with an empty endpoint, in a list or a stream. Text is the object in it, as
// bytes; every telling of an event must have the same.
func (w *Witness) Event(endpoint, merchant id.ID, e wire.Event, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.look(Kept, 1)
	w.arrived[arrival{endpoint, id.ID(e.ID)}] = true
	now := event{merchant, e.Type, text}
	before, again := w.events[id.ID(e.ID)]
	switch {
	case !again:
		w.events[id.ID(e.ID)] = now
	case before.reader != merchant:
		w.report.broken(Tenants, e.ID, "the event was told to %s and to %s", before.reader, merchant)
	case before != now:
		w.report.broken(Kept, e.ID, "the event was told as %.200q and as %.200q", before.text, text)
	}
}

// Report gives the contradictions between answers that were noted so far.
func (w *Witness) Report() Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.report.clone()
}
