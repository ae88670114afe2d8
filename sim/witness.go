package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strings"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// witness remembers what everybody was told, and holds the platform to it.
type witness struct {
	w     *World
	keys  map[string]id.ID // who calls, by the header that says so
	ends  map[id.ID]payment.Status
	paid  map[id.ID]id.ID // the payment that paid a dynamic request
	first map[string]said // answers to idempotency keys
	facts int64
	watch watch
	days  ledgerOfDays
	caps  caps
	seen  id.ID                      // the payment that changed last
	live  int                        // payments that have not ended
	feeds map[id.ID]map[int64]uint64 // digests of the events that merchants were told, by sequence
}

// said is the first answer to a key.
type said struct {
	body, answer [sha256.Size]byte
	replayed     bool // the first that was seen of it: a refund repeated by its refund_ref has a key that nothing remembers
}

func newWitness(w *World) *witness {
	return &witness{w: w, keys: map[string]id.ID{}, ends: map[id.ID]payment.Status{}, paid: map[id.ID]id.ID{}, first: map[string]said{}, feeds: map[id.ID]map[int64]uint64{}, watch: newWatch(), days: newLedgerOfDays(), caps: newCaps()}
}

// committed sees every commit as it becomes durable: an end is for ever, and a
// dynamic request is paid once.
func (x *witness) committed(c store.Changes) {
	x.w.record.note(x.w.now, "commit", string(c.Batch.ID))
	x.facts += int64(len(c.Facts))
	x.watch.committed(x.w, c)
	x.caps.committed(x.w, &c)
	x.live += len(c.NewPayments)
	for _, list := range [][]payment.Payment{c.NewPayments, c.Payments} {
		for i := range list {
			x.payment(&list[i])
		}
	}
	for i := range c.Facts {
		x.fact(&c.Facts[i])
	}
}

func (x *witness) payment(p *payment.Payment) {
	x.seen = p.ID
	if before, ended := x.ends[p.ID]; ended && before != p.Status {
		x.w.violated("an end is for ever", string(p.ID), "it was %s and became %s", before, p.Status)
	}
	if _, ended := x.ends[p.ID]; p.Status.Final() && !ended {
		x.ends[p.ID] = p.Status
		x.live--
	}
	if p.Refunding+p.Refunded > p.Amount || p.Refunding < 0 {
		x.w.violated("refunds never exceed the payment", string(p.ID), "%d + %d of %d", p.Refunding, p.Refunded, p.Amount)
	}
}

func (x *witness) fact(f *payment.Fact) {
	x.days.fact(x.w, f)
	if f.Type != payment.RequestWasPaid {
		return
	}
	if before, twice := x.paid[f.Request]; twice {
		x.w.violated("a request is paid once", string(f.Request), "by %s and by %s", before, f.Payment)
	}
	x.paid[f.Request] = f.Payment
}

// numbered is how many facts have a place in the feed.
func (x *witness) numbered(ctx context.Context) int64 {
	head, err := x.w.store.Head(ctx)
	if err != nil {
		return -1
	}
	return head
}

// answered sees each answer as it leaves a node: whether it arrives or not, what it
// says must be so.
func (x *witness) answered(m message, out *kept) {
	who := x.keys[shown(m)]
	path, _, _ := strings.Cut(m.target, "?")
	if out.status == 500 {
		x.w.violated("nothing fails inside", m.method+" "+path, "the answer is %s", out.body)
		return
	}
	task := x.w.task
	x.w.task = nil // the witness looks without taking time
	defer func() { x.w.task = task }()
	if key := m.header.Get("Idempotency-Key"); key != "" && out.status < 300 {
		x.sameAnswer(string(who)+" "+key, m, out)
	}
	switch {
	case strings.HasPrefix(path, "/psp/v1/payments") && !strings.HasSuffix(path, "/status"), path == "/psp/v1/cancel":
		x.toldPSP(who, out)
	case path == "/v1/payment-requests" && out.status == 201, strings.HasPrefix(path, "/v1/payment-requests/") && out.status == 200:
		x.toldRequest(who, out.body)
	case path == "/v1/events" && out.status == 200:
		x.toldEvents(who, out.body)
	case strings.HasSuffix(path, "/refunds") && out.status == 201:
		x.toldRefund(who, out.body)
	}
}

// sameAnswer holds that the same key with the same body has the same answer.
func (x *witness) sameAnswer(key string, m message, out *kept) {
	now := said{sha256.Sum256(append([]byte(m.target+"\n"), m.body...)), sha256.Sum256(out.body), out.sent.Get("Idempotent-Replayed") == "true"}
	before, again := x.first[key]
	switch {
	case !again:
		x.first[key] = now
	case before.body != now.body:
		x.w.violated("a key means one thing", key, "another body was accepted")
	case before.answer != now.answer:
		x.w.violated("the same key has the same answer", key, "now it is %s", out.body)
	}
}

// toldPSP holds that a payment stands as the PSP was told.
func (x *witness) toldPSP(who id.ID, out *kept) {
	body := out.body
	if out.status >= 400 {
		at := bytes.Index(body, []byte(`"payment":{`))
		if at < 0 {
			return
		}
		body = body[at+len(`"payment":`):]
	}
	name, status := id.ID(field(body, "id")), field(body, "status")
	if status == "" {
		return
	}
	if name == "" {
		x.buried(who, field(body, "psp_payment_id"))
		return
	}
	p, err := x.w.store.Payment(context.Background(), name)
	switch {
	case err != nil:
		x.w.violated("acknowledged is durable", string(name), "%s was told that it is %s: %v", who, status, err)
	case p.PSP != who:
		x.w.violated("one tenant never sees another's", string(name), "%s was told of a payment of %s", who, p.PSP)
	case status != "created" && p.Status.String() != status:
		x.w.violated("acknowledged is durable", string(name), "%s was told %s, it is %s", who, status, p.Status)
	}
}

// buried holds that an id that was closed for ever is.
func (x *witness) buried(who id.ID, key string) {
	c, err := x.w.store.Claim(context.Background(), store.Name{Scope: "psp_payment:" + string(who), Key: key})
	if err != nil || c.Outcome != store.Tombstone {
		x.w.violated("acknowledged is durable", key, "%s was told that it is closed, and it is %+v (%v)", who, c, err)
	}
}

func (x *witness) toldRequest(who id.ID, body []byte) {
	name, status := id.ID(field(body, "id")), field(body, "status")
	r, err := x.w.store.Request(context.Background(), name)
	switch {
	case err != nil:
		x.w.violated("acknowledged is durable", string(name), "%s was told that it is %s: %v", who, status, err)
	case r.Merchant != who:
		x.w.violated("one tenant never sees another's", string(name), "%s was told of a request of %s", who, r.Merchant)
	case status != "active" && string(r.Status) != status:
		x.w.violated("acknowledged is durable", string(name), "%s was told %s, it is %s", who, status, r.Status)
	}
}

func (x *witness) toldRefund(who id.ID, body []byte) {
	name := id.ID(field(body, "id"))
	r, err := x.w.store.Refund(context.Background(), name)
	if err != nil || r.Merchant != who {
		x.w.violated("acknowledged is durable", string(name), "%s was told of it, it is %+v (%v)", who, r, err)
	}
}

// field finds the first text under a name. What the platform writes holds no blanks, and names come once before nested objects.
func field(body []byte, name string) string {
	at := bytes.Index(body, []byte(`"`+name+`":"`))
	if at < 0 {
		return ""
	}
	rest := body[at+len(name)+4:]
	end := bytes.IndexByte(rest, '"')
	return string(rest[:max(end, 0)])
}
