package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/tariff"
)

// desk is the reference data of a Memory.
type desk struct {
	participants rack[Participant]
	merchants    rack[Merchant]
	stores       rack[Place]
	tills        rack[Till]
	psps         rack[PSP]
	keys         rack[Key]
	operators    rack[Operator]
	endpoints    rack[Endpoint]
	pspKeys      rack[PSPKey]
	certificates rack[Certificate]
	platformKeys rack[PlatformKey]
	pairings     rack[Pairing]
	sessions     rack[TillSession]
	tariffs      rack[tariff.Version]
	destinations rack[Destination]
	schedules    rack[ReportSchedule]
	uses         map[id.ID]time.Time
}

// rack keeps records of one kind in order of their ids.
type rack[T any] struct {
	rows   map[id.ID]T
	order  []id.ID
	unique map[string]id.ID
	kind   kind[T]
}

// kind says what a rack must know of its records.
type kind[T any] struct {
	id, owner func(T) id.ID
	name      func(T) string // unique; nil when the kind has none
	copy      func(T) T
}

func newRack[T any](k kind[T]) rack[T] {
	return rack[T]{rows: map[id.ID]T{}, unique: map[string]id.ID{}, kind: k}
}

func newDesk() desk {
	nobody := id.ID("")
	return desk{
		schedules: newRack(kind[ReportSchedule]{
			id: func(s ReportSchedule) id.ID { return s.ID }, owner: func(s ReportSchedule) id.ID { return s.Owner }, copy: copySchedule}),
		participants: newRack(kind[Participant]{
			id: func(p Participant) id.ID { return p.ID }, owner: func(Participant) id.ID { return nobody }, copy: copyParticipant}),
		merchants: newRack(kind[Merchant]{
			id: func(m Merchant) id.ID { return m.ID }, owner: func(m Merchant) id.ID { return m.Participant }, copy: copyMerchant}),
		stores: newRack(kind[Place]{
			id: func(p Place) id.ID { return p.ID }, owner: func(p Place) id.ID { return p.Merchant }, copy: copyPlace}),
		tills: newRack(kind[Till]{
			id: func(t Till) id.ID { return t.ID }, owner: func(t Till) id.ID { return t.Merchant }, copy: copyTill}),
		psps: newRack(kind[PSP]{
			id: func(p PSP) id.ID { return p.ID }, owner: func(p PSP) id.ID { return p.Participant }, copy: copyPSP}),
		keys: newRack(kind[Key]{
			id: func(k Key) id.ID { return k.ID }, owner: func(k Key) id.ID { return k.Owner }, copy: copyKey,
			name: func(k Key) string { return k.Hash }}),
		operators: newRack(kind[Operator]{
			id: func(o Operator) id.ID { return o.ID }, owner: func(Operator) id.ID { return nobody }, copy: copyOperator,
			name: func(o Operator) string { return o.Login }}),
		endpoints: newRack(kind[Endpoint]{
			id: func(e Endpoint) id.ID { return e.ID }, owner: func(e Endpoint) id.ID { return e.Merchant }, copy: copyEndpoint}),
		pspKeys: newRack(kind[PSPKey]{
			id: func(k PSPKey) id.ID { return k.ID }, owner: func(k PSPKey) id.ID { return k.PSP }, copy: copyPSPKey}),
		certificates: newRack(kind[Certificate]{
			id: func(c Certificate) id.ID { return c.ID }, owner: func(c Certificate) id.ID { return c.PSP }, copy: copyCertificate}),
		platformKeys: newRack(kind[PlatformKey]{
			id: func(k PlatformKey) id.ID { return k.ID }, owner: func(PlatformKey) id.ID { return nobody }, copy: copyPlatformKey}),
		pairings: newRack(kind[Pairing]{
			id: func(p Pairing) id.ID { return p.ID }, owner: func(p Pairing) id.ID { return p.Merchant }, copy: copyPairing,
			name: func(p Pairing) string { return p.Hash }}),
		sessions: newRack(kind[TillSession]{
			id: func(s TillSession) id.ID { return s.ID }, owner: func(s TillSession) id.ID { return s.Merchant }, copy: copyTillSession,
			name: func(s TillSession) string { return s.Hash }}),
		tariffs: newRack(tariffKind()), destinations: newRack(destinationKind()),
		uses: map[id.ID]time.Time{},
	}
}

// put writes a record. A record that changes its unique name sets the old one free.
func (r *rack[T]) put(record T) error {
	record = r.kind.copy(record)
	this := r.kind.id(record)
	old, changed := r.rows[this]
	if r.kind.name != nil {
		name := r.kind.name(record)
		if holder, taken := r.unique[name]; taken && holder != this {
			return fmt.Errorf("%w: it belongs to %s", ErrTaken, holder)
		}
		if changed {
			delete(r.unique, r.kind.name(old))
		}
		r.unique[name] = this
	}
	if !changed {
		at, _ := slices.BinarySearch(r.order, this)
		r.order = slices.Insert(r.order, at, this)
	}
	r.rows[this] = record
	return nil
}

func (r *rack[T]) get(name id.ID) (T, error) {
	found, err := row(r.rows, name)
	if err != nil {
		return found, err
	}
	return r.kind.copy(found), nil
}

func (r *rack[T]) byName(name string) (T, error) { return r.get(r.unique[name]) }

func (r *rack[T]) list(owner, after id.ID, limit int) []T {
	return gather(newer(r.order, after), limit,
		func(i id.ID) T { return r.kind.copy(r.rows[i]) },
		func(record T) bool { return matches(owner, r.kind.owner(record)) })
}

// memoryShelf is a rack as the Desk shows it.
type memoryShelf[T any] struct {
	m    *Memory
	rack func(*tables) *rack[T]
}

// Put writes a record.
func (s memoryShelf[T]) Put(ctx context.Context, record T) error {
	return s.m.write(ctx, func(t *tables) error {
		if err := keep(s.m, s.rack(t), record); err != nil {
			return err
		}
		t.revision++
		return nil
	})
}

// Get gives a record.
func (s memoryShelf[T]) Get(ctx context.Context, name id.ID) (T, error) {
	return read(ctx, s.m, func(t *tables) (T, error) { return s.rack(t).get(name) })
}

// List gives the records of an owner, or all, in order of their ids.
func (s memoryShelf[T]) List(ctx context.Context, owner, after id.ID, limit int) ([]T, error) {
	return read(ctx, s.m, func(t *tables) ([]T, error) { return s.rack(t).list(owner, after, limit), nil })
}

// Participants keeps the banks and other institutions; they have no owner.
func (m *Memory) Participants() Shelf[Participant] {
	return memoryShelf[Participant]{m, func(t *tables) *rack[Participant] { return &t.desk.participants }}
}

// Merchants keeps the sellers, owned by their bank.
func (m *Memory) Merchants() Shelf[Merchant] {
	return memoryShelf[Merchant]{m, func(t *tables) *rack[Merchant] { return &t.desk.merchants }}
}

// Stores keeps the places, owned by their merchant.
func (m *Memory) Stores() Shelf[Place] {
	return memoryShelf[Place]{m, func(t *tables) *rack[Place] { return &t.desk.stores }}
}

// Tills keeps the tills, owned by their merchant.
func (m *Memory) Tills() Shelf[Till] {
	return memoryShelf[Till]{m, func(t *tables) *rack[Till] { return &t.desk.tills }}
}

// PSPs keeps the payment solutions, owned by their participant.
func (m *Memory) PSPs() Shelf[PSP] {
	return memoryShelf[PSP]{m, func(t *tables) *rack[PSP] { return &t.desk.psps }}
}

// Keys keeps the keys of merchants and PSPs.
func (m *Memory) Keys() Shelf[Key] {
	return memoryShelf[Key]{m, func(t *tables) *rack[Key] { return &t.desk.keys }}
}

// Operators keeps the staff; they have no owner.
func (m *Memory) Operators() Shelf[Operator] {
	return memoryShelf[Operator]{m, func(t *tables) *rack[Operator] { return &t.desk.operators }}
}

// Endpoints keeps the addresses for webhooks, owned by their merchant.
func (m *Memory) Endpoints() Shelf[Endpoint] {
	return memoryShelf[Endpoint]{m, func(t *tables) *rack[Endpoint] { return &t.desk.endpoints }}
}

// Revision counts the changes of reference data.
func (m *Memory) Revision(ctx context.Context) (int64, error) {
	return read(ctx, m, func(t *tables) (int64, error) { return t.revision, nil })
}

// KeyByHash finds a key, working or revoked, by the digest of its secret.
func (m *Memory) KeyByHash(ctx context.Context, hash string) (Key, error) {
	return read(ctx, m, func(t *tables) (Key, error) { return t.desk.keys.byName(hash) })
}

// OperatorByLogin finds an operator.
func (m *Memory) OperatorByLogin(ctx context.Context, login string) (Operator, error) {
	return read(ctx, m, func(t *tables) (Operator, error) { return t.desk.operators.byName(login) })
}

// Now tells the database's time.
func (m *Memory) Now(ctx context.Context) (time.Time, error) {
	return read(ctx, m, func(*tables) (time.Time, error) { return whole(m.clock.Now()), nil })
}
