package flow

import (
	"context"

	"tolom/clearing"
	"tolom/elqr"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/store"
)

// AddParticipant registers a bank or another institution that settles. Refused: invalid_request, for a bic that is no bank's code too.
func (r *Registry) AddParticipant(ctx context.Context, p store.Participant) (store.Participant, error) {
	if err := first(named("name", p.Name, 100), bankCode("bic", p.BIC)); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt = r.newID(id.Participant, r.bucket()), r.world.Clock.Now()
	return p, put(ctx, r, r.desk.Participants(), p.ID, p)
}

// AddMerchant registers a merchant. NameLatin is made from Name when it is empty.
func (r *Registry) AddMerchant(ctx context.Context, m store.Merchant) (store.Merchant, error) {
	m, err := r.soundMerchant(m)
	if err != nil {
		return m, err
	}
	m.ID, m.CreatedAt = r.newID(id.Merchant, r.bucket()), r.world.Clock.Now()
	return m, put(ctx, r, r.desk.Merchants(), m.ID, m)
}

// soundMerchant checks what a merchant is registered with, and gives it its Latin name.
func (r *Registry) soundMerchant(m store.Merchant) (store.Merchant, error) {
	if err := first(named("name", m.Name, 100), short("tax_id", m.TaxID, 32), short("bank_account", m.BankAccount, 34)); err != nil {
		return m, err
	}
	if m.RefundOverdraft < 0 || m.RefundOverdraft > money.Max {
		return m, fault.New(fault.AmountInvalid).On("refund_overdraft").Because("refund_overdraft is a whole number of tyiyn, 0 to 9007199254740991")
	}
	if len(m.MCC) != 4 || !digits(m.MCC) {
		return m, fault.New(fault.InvalidRequest).On("mcc").Because("mcc is the four digits of ISO 18245")
	}
	if err := m.Tariff.Check(); err != nil {
		return m, fault.Wrap(fault.InvalidRequest, err).On("tariff").Because(err.Error())
	}
	if m.NameLatin == "" {
		m.NameLatin = elqr.Transliterate(m.Name)
	}
	if _, err := payload(m, id.New(id.Request, r.world.Clock.Now(), 0, id.Random{}), "probe.example", draftOf(m)); err != nil {
		return m, fault.Wrap(fault.InvalidRequest, err).On("name").Because("the name cannot be written into a QR code: " + err.Error())
	}
	return m, nil
}

// AddStore registers a place of a merchant.
func (r *Registry) AddStore(ctx context.Context, s store.Place) (store.Place, error) {
	if err := named("name", s.Name, 100); err != nil {
		return s, err
	}
	if _, err := r.Merchant(ctx, s.Merchant); err != nil {
		return s, err
	}
	s.ID, s.CreatedAt = r.newID(id.Store, s.Merchant.Bucket()), r.world.Clock.Now()
	return s, put(ctx, r, r.desk.Stores(), s.ID, s)
}

// AddTill registers a till in a store of the same merchant.
func (r *Registry) AddTill(ctx context.Context, t store.Till) (store.Till, error) {
	if err := named("name", t.Name, 100); err != nil {
		return t, err
	}
	place, err := r.Store(ctx, t.Store)
	if err := whose(err, place.Merchant, t.Merchant, "store_id"); err != nil {
		return t, err
	}
	t.ID, t.CreatedAt = r.newID(id.Till, t.Merchant.Bucket()), r.world.Clock.Now()
	return t, put(ctx, r, r.desk.Tills(), t.ID, t)
}

// bankCode refuses what files could not name a bank by; none at all is said later. param is the field that holds it.
func bankCode(param, bic string) error {
	if bic == "" || clearing.CheckBIC(bic) == nil {
		return nil
	}
	return fault.New(fault.InvalidRequest).On(param).Because(param + " is the bank's code by ISO 9362, 8 or 11 characters in capital letters such as DEMOKG22, or the 6 digits of a national code")
}

// AddPSP registers a payment solution. Refused: as AddParticipant.
func (r *Registry) AddPSP(ctx context.Context, p store.PSP) (store.PSP, error) {
	if err := first(named("name", p.Name, 100), bankCode("bic", p.BIC)); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt = r.newID(id.PSP, r.bucket()), r.world.Clock.Now()
	return p, put(ctx, r, r.desk.PSPs(), p.ID, p)
}

// SuspendMerchant stops a merchant from being paid, or lets it be paid again.
func (r *Registry) SuspendMerchant(ctx context.Context, merchant id.ID, suspended bool) (store.Merchant, error) {
	return r.changeMerchant(ctx, merchant, func(m *store.Merchant) { m.Suspended = suspended })
}

func (r *Registry) changeMerchant(ctx context.Context, merchant id.ID, change func(*store.Merchant)) (store.Merchant, error) {
	m, err := r.desk.Merchants().Get(ctx, merchant)
	if err != nil {
		return m, missing(err)
	}
	change(&m)
	return m, put(ctx, r, r.desk.Merchants(), m.ID, m)
}

// SuspendPSP stops a payment solution from starting payments, or lets it again.
func (r *Registry) SuspendPSP(ctx context.Context, psp id.ID, suspended bool) (store.PSP, error) {
	p, err := r.desk.PSPs().Get(ctx, psp)
	if err != nil {
		return p, missing(err)
	}
	p.Suspended = suspended
	return p, put(ctx, r, r.desk.PSPs(), p.ID, p)
}
