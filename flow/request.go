package flow

import (
	"context"
	"maps"
	"slices"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/wire"
)

// The limits of a request that a merchant may ask for.
const (
	defaultLife  = 15 * time.Minute
	longestLife  = 365 * 24 * 3600 // seconds
	mostExtra    = 5
	mostMetadata = 20
)

// CreateRequest makes a payment request. The merchant's order_id is taken once
// for ever. replayed says that the idempotency key had made this request before;
// the answer is then the request as it was made. Refused: what validation finds;
// idempotency_key_reused; order_id_taken; merchant_suspended.
func (p *Platform) CreateRequest(ctx context.Context, who access.Merchant, key Idempotency, in wire.NewPaymentRequest) (payment.Request, bool, error) {
	m, err := p.registry.Merchant(ctx, who.ID)
	if err != nil {
		return payment.Request{}, false, err
	}
	r, err := p.draftRequest(ctx, who, in)
	if err != nil {
		return payment.Request{}, false, err
	}
	r.ID = p.newID(id.Request, who.ID.Bucket())
	if r.Payload, err = payload(m, r.ID, p.config.Provider, r); err != nil {
		return payment.Request{}, false, unwritable(err)
	}
	c := &newRequest{request: r, life: life(in), suspended: m.Suspended, claims: key.claims(who.ID, r.ID)}
	if in.OrderID != "" && !flaw.Has(flaw.OrderUnclaimed) {
		c.claims = append(c.claims, claim(orderScope(who.ID), in.OrderID, key.Fingerprint, r.ID))
	}
	result, err := p.engine.Do(ctx, c)
	if t, again := result.(taken); again {
		return p.replayRequest(ctx, who, key, t, asCreated)
	}
	if err != nil {
		return payment.Request{}, false, err
	}
	r = result.(payment.Request)
	p.requests.put(r.ID, r)
	return r, false, nil
}

// draftRequest checks the input and fills a request, all but its id, payload and times.
func (p *Platform) draftRequest(ctx context.Context, who access.Merchant, in wire.NewPaymentRequest) (payment.Request, error) {
	r := payment.Request{
		Merchant: who.ID, Store: who.Store, Till: who.Till, Kind: payment.Dynamic, Status: payment.RequestActive, Amount: money.Amount(in.Amount), Currency: money.KGS,
		AmountEditable: in.Amount == 0, Description: in.Description, OrderID: in.OrderID, SuccessURL: in.SuccessURL, Metadata: in.Metadata,
	}
	if in.Kind == string(payment.Static) {
		r.Kind = payment.Static
	}
	if in.AmountEditable != nil {
		r.AmountEditable = *in.AmountEditable
	}
	for _, x := range in.Extra {
		r.Extra = append(r.Extra, payment.Extra{Key: x.Key, Label: x.Label, Value: x.Value, Title: x.Title, Visible: x.Visible == nil || *x.Visible})
	}
	if err := checkDraft(r, in); err != nil {
		return r, err
	}
	if err := p.place(ctx, &r, in); err != nil {
		return r, err
	}
	if !who.Reaches(r.Merchant, r.Store, r.Till) {
		return r, fault.New(fault.Forbidden).On("store_id").Because("the key belongs to another store")
	}
	return r, nil
}

func checkDraft(r payment.Request, in wire.NewPaymentRequest) error {
	if in.Kind != "" && in.Kind != string(payment.Dynamic) && in.Kind != string(payment.Static) {
		return fault.New(fault.InvalidRequest).On("kind").Because("kind is dynamic or static")
	}
	if in.Amount != 0 || r.Kind == payment.Dynamic {
		if err := sum("amount", in.Amount); err != nil {
			return err
		}
	}
	if in.Amount == 0 && !r.AmountEditable {
		return fault.New(fault.AmountRequired).On("amount").Because("a request without an amount must let the payer enter it")
	}
	if in.ExpiresIn < 0 || in.ExpiresIn > longestLife {
		return fault.New(fault.InvalidRequest).On("expires_in").Because("expires_in is 1 to 31536000 seconds")
	}
	return first(currency(in.Currency), short("description", in.Description, 140), short("order_id", in.OrderID, 64),
		externalURL("success_url", in.SuccessURL), checkExtra(in.Extra), checkMetadata(in.Metadata))
}

func checkExtra(list []wire.Extra) error {
	if len(list) > mostExtra {
		return fault.New(fault.InvalidRequest).On("extra").Because("at most five extra fields fit into a QR code")
	}
	for _, x := range list {
		if err := first(named("extra.key", x.Key, 50), short("extra.label", x.Label, 50), named("extra.value", x.Value, 90), short("extra.title", x.Title, 50)); err != nil {
			return err
		}
	}
	return nil
}

func checkMetadata(m map[string]string) error {
	if len(m) > mostMetadata {
		return fault.New(fault.InvalidRequest).On("metadata").Because("metadata holds at most 20 texts")
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if err := first(named("metadata", k, 40), short("metadata."+k, m[k], 500)); err != nil {
			return err
		}
	}
	return nil
}

// place finds the store and till of the request: a till key's own till, or the
// ones named, which must be the merchant's.
func (p *Platform) place(ctx context.Context, r *payment.Request, in wire.NewPaymentRequest) error {
	if in.TillID != "" {
		if r.Till != "" && in.TillID != string(r.Till) {
			return fault.New(fault.Forbidden).On("till_id").Because("the key belongs to another till")
		}
		r.Till = id.ID(in.TillID)
	}
	if r.Till != "" {
		t, err := p.registry.Till(ctx, r.Till)
		if err := whose(err, t.Merchant, r.Merchant, "till_id"); err != nil {
			return err
		}
		r.Store = t.Store
	}
	if in.StoreID == "" {
		return nil
	}
	s, err := p.registry.Store(ctx, id.ID(in.StoreID))
	if err := whose(err, s.Merchant, r.Merchant, "store_id"); err != nil {
		return err
	}
	if r.Till != "" && r.Store != s.ID {
		return fault.New(fault.InvalidRequest).On("store_id").Because("the till stands in another store")
	}
	r.Store = s.ID
	return nil
}

// life gives how long the request lives; 0 for without end.
func life(in wire.NewPaymentRequest) time.Duration {
	switch {
	case in.ExpiresIn > 0:
		return time.Duration(in.ExpiresIn) * time.Second
	case in.Kind == string(payment.Static):
		return 0
	}
	return defaultLife
}

// newRequest is the command that writes a request. Its times are the database's.
type newRequest struct {
	request   payment.Request
	life      time.Duration
	suspended bool
	claims    []store.Claim
}

func (c *newRequest) Bucket() uint16        { return c.request.ID.Bucket() }
func (c *newRequest) Class() engine.Class   { return engine.Ask }
func (c *newRequest) Claims() []store.Claim { return c.claims }
func (c *newRequest) Need() store.Need      { return store.Need{} }

func (c *newRequest) Decide(s engine.Sight) engine.Outcome {
	if _, again := s.TakenIn(idemScope(c.request.Merchant)); again {
		return engine.Outcome{Result: taken{s.Taken}, GiveBack: true}
	}
	if len(s.Taken) > 0 {
		return c.refuse(fault.New(fault.OrderTaken).On("order_id").Because("find the earlier request with GET /v1/payment-requests?order_id="))
	}
	if c.suspended {
		return c.refuse(fault.New(fault.MerchantSuspended))
	}
	r := c.request
	r.CreatedAt = s.View.Now
	if c.life > 0 {
		r.ExpiresAt = s.View.Now.Add(c.life)
	}
	return engine.Outcome{NewRequest: &r, Result: r}
}

// refuse keeps the refusal under the idempotency key, when there is one.
func (c *newRequest) refuse(refusal *fault.Error) engine.Outcome {
	return engine.Outcome{Refusal: refusal, Keep: kept(c.claims, idemScope(c.request.Merchant), refusal)}
}

// CancelRequest takes a request back. Refused: not_found, already_paid, request_expired.
func (p *Platform) CancelRequest(ctx context.Context, who access.Merchant, key Idempotency, request string) (payment.Request, bool, error) {
	return p.changeRequest(ctx, who, key, request, payment.CancelRequest{}, payment.RequestCanceled)
}

// PauseRequest stops a static request from taking payments. Refused: not_found,
// request_not_pausable, and by the request's end.
func (p *Platform) PauseRequest(ctx context.Context, who access.Merchant, key Idempotency, request string) (payment.Request, bool, error) {
	return p.changeRequest(ctx, who, key, request, payment.Pause{}, payment.RequestPaused)
}

// ResumeRequest ends a pause.
func (p *Platform) ResumeRequest(ctx context.Context, who access.Merchant, key Idempotency, request string) (payment.Request, bool, error) {
	return p.changeRequest(ctx, who, key, request, payment.Resume{}, payment.RequestActive)
}

// changeRequest brings a request of the caller to a state.
func (p *Platform) changeRequest(ctx context.Context, who access.Merchant, key Idempotency, request string, act payment.Command, to payment.RequestStatus) (payment.Request, bool, error) {
	own, err := p.ownRequest(ctx, who, request)
	if err != nil {
		return payment.Request{}, false, err
	}
	result, err := p.engine.Do(ctx, &command{
		need: store.Need{Request: own.ID, Live: true}, act: act, pick: pickRequest,
		claims: key.claims(who.ID, own.ID), keep: idemScope(who.ID),
	})
	if t, again := result.(taken); again {
		return p.replayRequest(ctx, who, key, t, func(r payment.Request) payment.Request { return asChanged(r, to) })
	}
	if err != nil {
		return payment.Request{}, false, err
	}
	r := result.(payment.Request)
	if r.Kind == payment.Dynamic {
		return r, false, nil
	}
	// The running totals of a static request are not under its lock; read them after the change.
	total, err := p.read.Request(ctx, r.ID)
	if err != nil {
		return r, false, missing(err)
	}
	r.PaidAmount, r.PaymentsCount = total.PaidAmount, total.PaymentsCount
	return r, false, nil
}

// ownRequest reads a request of the caller; another's is not found.
func (p *Platform) ownRequest(ctx context.Context, who access.Merchant, request string) (payment.Request, error) {
	i, err := id.Parse(id.Request, request)
	if err != nil {
		return payment.Request{}, fault.New(fault.NotFound)
	}
	r, err := p.read.Request(ctx, i)
	if err != nil {
		return r, missing(err)
	}
	if !who.Reaches(r.Merchant, r.Store, r.Till) && !flaw.Has(flaw.ForeignRequest) {
		return payment.Request{}, fault.New(fault.NotFound)
	}
	return r, nil
}

// Request reads a request of the caller. Refused: not_found.
func (p *Platform) Request(ctx context.Context, who access.Merchant, request string) (payment.Request, error) {
	r, err := p.ownRequest(ctx, who, request)
	if err != nil {
		return r, err
	}
	return p.freshRequest(ctx, r)
}

// Requests lists requests of the caller, newest first, and says whether there are more.
func (p *Platform) Requests(ctx context.Context, who access.Merchant, f store.RequestFilter) ([]payment.Request, bool, error) {
	f.Merchant = who.ID
	if f.Store, f.Till = narrowed(f.Store, who.Store), narrowed(f.Till, who.Till); f.Store == nothing || f.Till == nothing {
		return nil, false, nil
	}
	limit := f.Limit
	f.Limit++
	rows, err := p.read.Requests(ctx, f)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	for i := range rows {
		if rows[i], err = p.freshRequest(ctx, rows[i]); err != nil {
			return nil, false, err
		}
	}
	return rows, more, nil
}

// page cuts the extra row that tells whether there are more.
func page[T any](rows []T, limit int) ([]T, bool) {
	if len(rows) > limit {
		return rows[:limit], true
	}
	return rows, false
}
