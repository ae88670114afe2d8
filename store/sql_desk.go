package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
	"tolom/tariff"
)

var participantTable = db.NewTable("participant",
	db.String("id", func(p *Participant) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *Participant) int64 { return int64(p.ID.Bucket()) }),
	db.String("name", func(p *Participant) *string { return &p.Name }),
	db.String("bic", func(p *Participant) *string { return &p.BIC }),
	db.Time("created_at", func(p *Participant) *time.Time { return &p.CreatedAt }),
)

var merchantTable = db.NewTable("merchant",
	db.String("id", func(m *Merchant) *string { return (*string)(&m.ID) }),
	db.Derived("bucket", func(m *Merchant) int64 { return int64(m.ID.Bucket()) }),
	db.String("participant", func(m *Merchant) *string { return (*string)(&m.Participant) }),
	db.String("name", func(m *Merchant) *string { return &m.Name }),
	db.String("name_latin", func(m *Merchant) *string { return &m.NameLatin }),
	db.String("mcc", func(m *Merchant) *string { return &m.MCC }),
	db.String("tax_id", func(m *Merchant) *string { return &m.TaxID }),
	db.String("bank_account", func(m *Merchant) *string { return &m.BankAccount }),
	db.Bool("suspended", func(m *Merchant) *bool { return &m.Suspended }),
	db.JSON("tariff", func(m *Merchant) *tariff.Tariff { return &m.Tariff }, func(t tariff.Tariff) bool { return t == tariff.Tariff{} }),
	db.Int64("refund_overdraft", func(m *Merchant) *int64 { return (*int64)(&m.RefundOverdraft) }),
	db.Time("created_at", func(m *Merchant) *time.Time { return &m.CreatedAt }),
)

var placeTable = db.NewTable("place",
	db.String("id", func(p *Place) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *Place) int64 { return int64(p.ID.Bucket()) }),
	db.String("merchant", func(p *Place) *string { return (*string)(&p.Merchant) }),
	db.String("name", func(p *Place) *string { return &p.Name }),
	db.String("address", func(p *Place) *string { return &p.Address }),
	db.Time("created_at", func(p *Place) *time.Time { return &p.CreatedAt }),
)

var tillTable = db.NewTable("till",
	db.String("id", func(t *Till) *string { return (*string)(&t.ID) }),
	db.Derived("bucket", func(t *Till) int64 { return int64(t.ID.Bucket()) }),
	db.String("merchant", func(t *Till) *string { return (*string)(&t.Merchant) }),
	db.String("store", func(t *Till) *string { return (*string)(&t.Store) }),
	db.String("name", func(t *Till) *string { return &t.Name }),
	db.Time("created_at", func(t *Till) *time.Time { return &t.CreatedAt }),
)

var pspTable = db.NewTable("psp",
	db.String("id", func(p *PSP) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *PSP) int64 { return int64(p.ID.Bucket()) }),
	db.String("participant", func(p *PSP) *string { return (*string)(&p.Participant) }),
	db.String("name", func(p *PSP) *string { return &p.Name }),
	db.String("bic", func(p *PSP) *string { return &p.BIC }),
	db.Bool("suspended", func(p *PSP) *bool { return &p.Suspended }),
	db.Time("created_at", func(p *PSP) *time.Time { return &p.CreatedAt }),
)

var keyTable = db.NewTable("api_key",
	db.String("id", func(k *Key) *string { return (*string)(&k.ID) }),
	db.Derived("bucket", func(k *Key) int64 { return int64(k.ID.Bucket()) }),
	db.String("owner", func(k *Key) *string { return (*string)(&k.Owner) }),
	db.String("store", func(k *Key) *string { return (*string)(&k.Store) }),
	db.String("till", func(k *Key) *string { return (*string)(&k.Till) }),
	db.String("hash", func(k *Key) *string { return &k.Hash }),
	db.String("hint", func(k *Key) *string { return &k.Hint }),
	db.String("name", func(k *Key) *string { return &k.Name }),
	db.String("scopes", func(k *Key) *string { return &k.Scopes }),
	db.String("networks", func(k *Key) *string { return &k.Networks }),
	db.String("replaced_by", func(k *Key) *string { return (*string)(&k.ReplacedBy) }),
	db.String("made_by", func(k *Key) *string { return (*string)(&k.MadeBy) }),
	db.Time("created_at", func(k *Key) *time.Time { return &k.CreatedAt }),
	db.Time("expires_at", func(k *Key) *time.Time { return &k.ExpiresAt }),
	db.Time("revoked_at", func(k *Key) *time.Time { return &k.RevokedAt }),
)

var operatorTable = db.NewTable("operator",
	db.String("id", func(o *Operator) *string { return (*string)(&o.ID) }),
	db.Derived("bucket", func(o *Operator) int64 { return int64(o.ID.Bucket()) }),
	db.String("login", func(o *Operator) *string { return &o.Login }),
	db.String("password_hash", func(o *Operator) *string { return &o.PasswordHash }),
	db.Time("created_at", func(o *Operator) *time.Time { return &o.CreatedAt }),
)

var endpointTable = db.NewTable("endpoint",
	db.String("id", func(e *Endpoint) *string { return (*string)(&e.ID) }),
	db.Derived("bucket", func(e *Endpoint) int64 { return int64(e.ID.Bucket()) }),
	db.String("merchant", func(e *Endpoint) *string { return (*string)(&e.Merchant) }),
	db.String("url", func(e *Endpoint) *string { return &e.URL }),
	db.JSON("secrets", func(e *Endpoint) *[]string { return &e.Secrets }, func(v []string) bool { return len(v) == 0 }),
	db.JSON("types", func(e *Endpoint) *[]string { return &e.Types }, func(v []string) bool { return len(v) == 0 }),
	db.Bool("disabled", func(e *Endpoint) *bool { return &e.Disabled }),
	db.JSON("signing_keys", func(e *Endpoint) *[]string { return &e.Keys }, func(v []string) bool { return len(v) == 0 }),
	db.Time("paused_at", func(e *Endpoint) *time.Time { return &e.PausedAt }),
	db.String("paused_for", func(e *Endpoint) *string { return &e.PausedFor }),
	db.Time("created_at", func(e *Endpoint) *time.Time { return &e.CreatedAt }),
)

// sqlShelf is a table as the Desk shows it.
type sqlShelf[T any] struct {
	s     *sqlStore
	table *db.Table[T]
	owner string // the column that names the owner; empty when there is none
}

// Put writes a record, new or changed.
func (s sqlShelf[T]) Put(ctx context.Context, record T) error {
	step, err := s.table.Put([]T{record})
	if err != nil {
		return err
	}
	return db.Do(ctx, s.s.d, func(tx db.Tx) error {
		if err := tx.Run(ctx, step); err != nil {
			return err
		}
		return s.s.changed(ctx, tx)
	})
}

// Get gives a record.
func (s sqlShelf[T]) Get(ctx context.Context, name id.ID) (T, error) {
	return one(s.table.Find(ctx, s.s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// List gives an owner's records by id; the empty owner lists all.
func (s sqlShelf[T]) List(ctx context.Context, owner, after id.ID, limit int) ([]T, error) {
	if owner != "" && s.owner == "" {
		return nil, nil
	}
	var c filter
	c.when("t."+s.owner+" = $", string(owner)).where("t.id > $", string(after))
	tail, args := c.tail("t.id", limit)
	return s.table.Find(ctx, s.s.d, tail, args...)
}

// Participants keeps the banks and other institutions; they have no owner.
func (s *sqlStore) Participants() Shelf[Participant] {
	return sqlShelf[Participant]{s, participantTable, ""}
}

// Merchants keeps the sellers, owned by their bank.
func (s *sqlStore) Merchants() Shelf[Merchant] {
	return sqlShelf[Merchant]{s, merchantTable, "participant"}
}

// Stores keeps the places, owned by their merchant.
func (s *sqlStore) Stores() Shelf[Place] { return sqlShelf[Place]{s, placeTable, "merchant"} }

// Tills keeps the tills, owned by their merchant.
func (s *sqlStore) Tills() Shelf[Till] { return sqlShelf[Till]{s, tillTable, "merchant"} }

// PSPs keeps the payment solutions, owned by their participant.
func (s *sqlStore) PSPs() Shelf[PSP] { return sqlShelf[PSP]{s, pspTable, "participant"} }

// Keys keeps the keys of merchants and PSPs.
func (s *sqlStore) Keys() Shelf[Key] { return sqlShelf[Key]{s, keyTable, "owner"} }

// Operators keeps the staff; they have no owner.
func (s *sqlStore) Operators() Shelf[Operator] { return sqlShelf[Operator]{s, operatorTable, ""} }

// Endpoints keeps the addresses for webhooks, owned by their merchant.
func (s *sqlStore) Endpoints() Shelf[Endpoint] {
	return sqlShelf[Endpoint]{s, endpointTable, "merchant"}
}

// KeyByHash finds a key, working or revoked, by the digest of its secret.
func (s *sqlStore) KeyByHash(ctx context.Context, hash string) (Key, error) {
	return one(keyTable.Find(ctx, s.d, "WHERE t.hash = $1", hash))
}

// OperatorByLogin finds an operator.
func (s *sqlStore) OperatorByLogin(ctx context.Context, login string) (Operator, error) {
	return one(operatorTable.Find(ctx, s.d, "WHERE t.login = $1", login))
}

// Now tells the database's time.
func (s *sqlStore) Now(ctx context.Context) (now time.Time, err error) {
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		now, err = tx.Now(ctx)
		return err
	})
	return now, err
}
