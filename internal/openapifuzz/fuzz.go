package openapifuzz

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// Config is what a fuzzer is told.
type Config struct {
	Document    *Document
	Do          Doer
	Base        string // the address of the platform, without a slash at the end
	Credentials []Credential
	Webhook     string // where webhooks may go
	Seed        uint64
	// Rarely are operations that cost the server dearly by design; they are called one time in twenty. nil: none.
	Rarely func(*Operation) bool
	// TwoPeople says that what staff do waits for a second person: approvals are made often, by everybody of staff in turn.
	TwoPeople bool
	// Between is run after each call, to let the world of a simulation go on. nil: nothing.
	Between func(n int)
}

// Doer sends a request and reads the whole answer, of a stream the first message.
type Doer func(ctx context.Context, r *http.Request) (Reply, error)

// Reply is an answer.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Fuzzer makes calls, one after the other.
type Fuzzer struct {
	*maker
	config      Config
	credentials []Credential
	protected   map[string]bool // ids that lasting callers stand on
	judge       judge
	report      *Report
	calls       int
}

// New makes a fuzzer. It remembers what the credentials know from the start.
func New(c Config) *Fuzzer {
	f := &Fuzzer{config: c, credentials: slices.Clone(c.Credentials), protected: map[string]bool{}, report: newReport(c.Document, c.Seed)}
	f.maker = &maker{Rand: rand.New(rand.NewPCG(c.Seed, 0x746f6c6f6d)), doc: c.Document, memory: newMemory(), webhook: c.Webhook, fresh: new(int), calling: map[string]bool{}}
	f.judge = judge{doc: c.Document}
	first := map[string]bool{}
	for _, who := range f.credentials {
		if !first[who.Scheme] { // Nobody suspends or limits the first of each scheme, which the calls stand on.
			f.protected[who.Owner] = true
		}
		first[who.Scheme], f.maker.calling[who.Owner] = true, true
		for _, v := range who.Knows {
			f.memory.id(who.Owner, v)
			f.protected[v] = f.protected[v] || who.Lasting
		}
	}
	return f
}

// Run makes calls until more, which is told what was seen so far, says that it is enough.
func (f *Fuzzer) Run(ctx context.Context, more func(calls int, seen *Report) bool) *Report {
	for ctx.Err() == nil && more(f.calls, f.report) {
		f.step(ctx)
		f.calls++
		if f.config.Between != nil {
			f.config.Between(f.calls)
		}
	}
	return f.report
}

// step makes one call, and sometimes repeats it.
func (f *Fuzzer) step(ctx context.Context) {
	op := f.operation()
	who, found := f.caller(op)
	if !found {
		f.report.problem(&call{op: op, how: "allowed"}, Reply{}, f.calls, "no credential fits the security of the operation: "+strings.Join(op.Schemes, ", "))
		return
	}
	c := f.allowed(op, who)
	if f.chance(2) {
		f.spoilCall(c)
	}
	reply, sent := f.send(ctx, c)
	if !sent {
		return
	}
	f.learn(c, reply)
	if c.valid && reply.Status < 300 && keyed(c) && f.chance(6) {
		f.repeat(ctx, c, reply)
	}
}

// weights say how often operations are called whose id holds a word, beside 2 for the others: what makes and moves
// money more often, so that there is something behind the others, and what ends things less.
var weights = []struct {
	word   string
	weight int
}{{"create-payment", 14}, {"execute", 12}, {"create-refund", 8}, {"ack-refund", 6}, {"check", 4}, {"cancel", 1}, {"revoke", 1}, {"delete", 1}, {"suspend", 1}, {"pause", 3},
	{"psp-key", 1}, {"psp-certificate", 1}, {"platform-key", 1}}

// weight of an operation.
func weight(op *Operation) int {
	for _, w := range weights {
		if strings.Contains(op.ID, w.word) {
			return w.weight
		}
	}
	return 2
}

// approval is the operation by which a second person lets something be done.
const approval = "approve-proposal"

// operation picks one by its weight.
func (f *Fuzzer) operation() *Operation {
	for {
		op := f.doc.Operations[f.IntN(len(f.doc.Operations))]
		if f.IntN(14) >= weight(op) && !(f.config.TwoPeople && op.ID == approval) {
			continue
		}
		if f.config.Rarely == nil || !f.config.Rarely(op) || f.chance(20) {
			return op
		}
	}
}

// caller picks somebody who may call the operation.
func (f *Fuzzer) caller(op *Operation) (Credential, bool) {
	var fit []Credential
	for _, who := range f.credentials {
		if op.allows(who.Scheme) {
			fit = append(fit, who)
		}
	}
	if len(fit) == 0 {
		return Credential{}, false
	}
	if f.chance(3) || f.config.TwoPeople && op.ID == approval { // Which is never for who has proposed it.
		return fit[f.IntN(len(fit))], true
	}
	return fit[0], true // The first of each scheme has the most to work with.
}

// spoilCall breaks a call in one way that fits it.
func (f *Fuzzer) spoilCall(c *call) {
	for range 20 {
		b := breakages[f.IntN(len(breakages))]
		if !b.fits(c) {
			continue
		}
		c.how, c.codes = b.name, b.codes
		b.do(f, c)
		if c.how != "" { // Else the body had nothing to break in this way.
			c.valid = false
			return
		}
		c.how, c.codes = "allowed", nil
	}
}

// send sends a call and judges the answer. What cannot be sent is not counted.
func (f *Fuzzer) send(ctx context.Context, c *call) (Reply, bool) {
	r, err := c.request(f.config.Base)
	if err != nil {
		return Reply{}, false
	}
	reply, err := f.config.Do(ctx, r)
	if err != nil {
		if ctx.Err() == nil {
			f.report.problem(c, reply, f.calls, "no answer: "+err.Error())
		}
		return reply, false
	}
	f.report.count(c, reply)
	for _, what := range f.judge.problems(c, reply) {
		f.report.problem(c, reply, f.calls, what)
	}
	return reply, true
}

// learn remembers what an answer told, new keys included, and forgets a key that works no more.
func (f *Fuzzer) learn(c *call, reply Reply) {
	if reply.Status == http.StatusUnauthorized && !c.who.Lasting {
		f.credentials = slices.DeleteFunc(f.credentials, func(w Credential) bool { return w.Authorization == c.who.Authorization })
		return
	}
	body, err := strictly(reply.Body)
	if err != nil || reply.Status >= 300 {
		return
	}
	f.memory.learn(c.who.Owner, c.op, body)
	f.engage(object(body))
}

const mostCredentials = 12

// engage takes a key that an operator was given for somebody as one more caller, unless the key may not do all that its
// owner may.
func (f *Fuzzer) engage(o map[string]any) {
	secret, owner := text(o["secret"]), text(o["owner_id"])
	narrow := text(o["till_id"])+text(o["store_id"]) != "" || len(list(o["networks"])) > 0 || len(list(o["scopes"]))%4 != 0
	if owner == "" || narrow || len(f.credentials) >= mostCredentials {
		return
	}
	prefix, _, _ := strings.Cut(secret, "_")
	for _, like := range f.config.Credentials {
		if strings.HasPrefix(like.Authorization, "Bearer "+prefix+"_") {
			f.credentials = append(f.credentials, Credential{Scheme: like.Scheme, Owner: owner, Authorization: "Bearer " + secret})
			f.maker.calling[owner] = true
			return
		}
	}
}

// otherwise is what a used key with another body is refused with. A body may be refused before the key is looked up.
var otherwise = []string{"idempotency_key_reused", "invalid_request", "amount_required", "amount_invalid", "amount_too_large", "currency_unsupported", "not_found", "forbidden"}

// repeat sends a call that was done once more, as one whose answer was lost would be, and then with another body.
func (f *Fuzzer) repeat(ctx context.Context, c *call, first Reply) {
	_, kept := c.op.answers[first.Status].headers["Idempotent-Replayed"]
	if !kept || f.report.Hopeless() {
		return
	}
	again := *c
	again.how = "the same again"
	second, sent := f.send(ctx, &again)
	if sent && (second.Status != first.Status || second.Header.Get("Idempotent-Replayed") != "true" || !bytes.Equal(second.Body, first.Body)) {
		f.report.problem(&again, second, f.calls, "the same key and body are answered otherwise than the first time, or not as replayed: "+cut(first.Body))
	}
	if c.op.Body == nil {
		return
	}
	other := *c
	other.how, other.valid, other.codes = "the same key for something else", false, otherwise
	other.header, other.fields = c.header.Clone(), f.maker.body(c.op.Body)
	other.render()
	if !bytes.Equal(other.body, c.body) {
		f.send(ctx, &other)
	}
}
