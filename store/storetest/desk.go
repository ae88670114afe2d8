package storetest

import (
	"errors"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/tariff"
)

var desk = chapter{name: "Reference data", sentences: []sentence{
	{"Participants come back as they were put and are listed by id", shelfParticipants},
	{"Destinations come back as they were put and are listed by id", shelfDestinations},
	{"Merchants are listed by their participant", shelfMerchants},
	{"Stores are listed by their merchant", shelfStores},
	{"Tills are listed by their merchant", shelfTills},
	{"PSPs are listed by their participant", shelfPSPs},
	{"Versions of tariffs are listed by whose they are", shelfTariffs},
	{"A moment of an owner is one version's, but for withdrawn ones", tariffMoments},
	{"Keys are listed by their owner", shelfKeys},
	{"Operators come back as they were put and are listed by id", shelfOperators},
	{"Endpoints are listed by their merchant", shelfEndpoints},
	{"A key is found by the digest of its secret, revoked or not", keyByHash},
	{"A digest belongs to one key", keyTaken},
	{"An operator is found by its login, and a login is one operator's", operatorByLogin},
	{"A name that was given up is free", nameGivenUp},
	{"Every change of reference data has a revision of its own", revisions},
}}

// shelf is a kind of record for the trial of its shelf.
type shelf[T any] struct {
	on     store.Shelf[T]
	kind   id.Kind
	make   func(name, owner id.ID, n int) T
	change func(T) T
	owned  bool
}

// try puts three records of one owner and two of another, reads and lists them.
func (s shelf[T]) try(k *kit) {
	k.t.Helper()
	owners := []id.ID{k.newID(id.Participant, 1), k.newID(id.Participant, 2)}
	start := k.newID(s.kind, 0) // all records of other sentences are older
	var ids []id.ID
	var records []T
	for n := range 5 {
		name := k.newID(s.kind, uint16(n))
		ids, records = append(ids, name), append(records, s.make(name, owners[n%2], n))
	}
	for _, n := range []int{3, 0, 4, 1, 2} {
		ask(s.on.Get(k.ctx, ids[n])).missing(k)
		k.must(s.on.Put(k.ctx, records[n]))
	}
	for n := range records {
		equal(k, ask(s.on.Get(k.ctx, ids[n])).get(k), records[n])
		records[n] = s.change(records[n])
		k.must(s.on.Put(k.ctx, records[n]))
		equal(k, ask(s.on.Get(k.ctx, ids[n])).get(k), records[n])
	}
	all := ask(s.on.List(k.ctx, "", "", 1000)).get(k)
	equal(k, all[len(all)-5:], records)
	s.lists(k, "", start, 5, records)
	s.lists(k, "", ids[1], 2, records[2:4])
	s.lists(k, "", ids[4], 5, nil)
	if s.owned {
		s.lists(k, owners[0], "", 5, []T{records[0], records[2], records[4]})
		s.lists(k, owners[0], "", 2, []T{records[0], records[2]})
		s.lists(k, owners[0], ids[0], 2, []T{records[2], records[4]})
		s.lists(k, owners[1], ids[0], 5, []T{records[1], records[3]})
		s.lists(k, k.newID(id.Participant, 3), "", 5, nil)
	}
}

func (s shelf[T]) lists(k *kit, owner, after id.ID, limit int, want []T) {
	k.t.Helper()
	equal(k, ask(s.on.List(k.ctx, owner, after, limit)).get(k), want)
}

func shelfParticipants(k *kit) {
	shelf[store.Participant]{on: k.Participants(), kind: id.Participant,
		make: func(name, _ id.ID, _ int) store.Participant {
			return store.Participant{ID: name, Name: "Банк «Ала-Тоо»", BIC: "DEMOKG22", CreatedAt: epoch}
		},
		change: func(p store.Participant) store.Participant { p.Name, p.BIC = "О'Банк", "DEMOKG23"; return p },
	}.try(k)
}

func shelfDestinations(k *kit) {
	shelf[store.Destination]{on: k.Destinations(), kind: id.Participant,
		make: func(name, _ id.ID, n int) store.Destination {
			return store.Destination{ID: name, Kind: "sftp", Address: "127.0.0.1:22", Login: "tolom", HostKey: "ssh-ed25519 AAAA", PrivateKey: "sealed", Folder: "out",
				Inbox: "in", Latin: n == 1, CreatedAt: epoch}
		},
		change: func(d store.Destination) store.Destination {
			d.Kind, d.Address, d.Folder, d.Inbox, d.Latin = "folder", "", "банк", "", !d.Latin
			return d
		},
	}.try(k)
}

func shelfMerchants(k *kit) {
	shelf[store.Merchant]{on: k.Merchants(), kind: id.Merchant, owned: true,
		make: func(name, owner id.ID, n int) store.Merchant {
			return store.Merchant{
				ID: name, Participant: owner, Name: "Дүкөн № 1", NameLatin: "DUKON N1", MCC: "5411", TaxID: "01234567890123",
				BankAccount: "1240020000000001", Suspended: n == 1, RefundOverdraft: money.Amount(n), CreatedAt: epoch.Add(time.Millisecond),
				Tariff: tariff.Tariff{Rate: 50, Fixed: 100, Min: 1, Max: 5000, InterchangeRate: 20, RefundsFee: n == 2},
			}
		},
		change: func(m store.Merchant) store.Merchant {
			m.Name, m.NameLatin, m.MCC, m.TaxID, m.BankAccount = "Ң", "NG", "5812", "", "x"
			m.Suspended, m.RefundOverdraft, m.Tariff = !m.Suspended, money.Max, tariff.Tariff{Rate: 1, RefundsFee: !m.Tariff.RefundsFee}
			return m
		},
	}.try(k)
}

func shelfStores(k *kit) {
	shelf[store.Place]{on: k.Stores(), kind: id.Store, owned: true,
		make: func(name, owner id.ID, _ int) store.Place {
			return store.Place{ID: name, Merchant: owner, Name: "Ош базары", Address: "Бишкек, Чүй 1", CreatedAt: epoch}
		},
		change: func(p store.Place) store.Place { p.Name, p.Address = "Дордой", ""; return p },
	}.try(k)
}

func shelfTills(k *kit) {
	shelf[store.Till]{on: k.Tills(), kind: id.Till, owned: true,
		make: func(name, owner id.ID, n int) store.Till {
			return store.Till{ID: name, Merchant: owner, Store: k.newID(id.Store, 1), Name: "Касса", CreatedAt: epoch}
		},
		change: func(t store.Till) store.Till { t.Name = "Касса 2"; return t },
	}.try(k)
}

func shelfPSPs(k *kit) {
	shelf[store.PSP]{on: k.PSPs(), kind: id.PSP, owned: true,
		make: func(name, owner id.ID, n int) store.PSP {
			return store.PSP{ID: name, Participant: owner, Name: "Капчык 👛", BIC: "DEMOKG22", Suspended: n == 3, CreatedAt: epoch}
		},
		change: func(p store.PSP) store.PSP { p.Name, p.BIC, p.Suspended = "Wallet", "", !p.Suspended; return p },
	}.try(k)
}

func (k *kit) key(owner id.ID) store.Key {
	name := k.newID(id.Key, 4)
	return store.Key{ID: name, Owner: owner, Till: k.newID(id.Till, 4), Hash: "sha256:" + name.Token(), Hint: "x7Qy", Name: "касса", CreatedAt: epoch}
}

func shelfKeys(k *kit) {
	shelf[store.Key]{on: k.Keys(), kind: id.Key, owned: true,
		make: func(name, owner id.ID, n int) store.Key {
			key := k.key(owner)
			key.ID = name
			if n == 0 {
				key.Till, key.Store = "", k.newID(id.Store, 4)
				key.Scopes, key.Networks, key.ExpiresAt = "read report", "10.0.0.0/8 2001:db8::/32", epoch.Add(day)
			}
			return key
		},
		change: func(key store.Key) store.Key {
			key.Name, key.RevokedAt, key.ReplacedBy = "old", epoch.Add(day), k.newID(id.Key, 4)
			return key
		},
	}.try(k)
}

func shelfOperators(k *kit) {
	shelf[store.Operator]{on: k.Operators(), kind: id.Operator,
		make: func(name, _ id.ID, _ int) store.Operator {
			return store.Operator{ID: name, Login: "op-" + name.Token(), PasswordHash: "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", CreatedAt: epoch}
		},
		change: func(o store.Operator) store.Operator {
			o.PasswordHash = "$argon2id$v=19$m=2,t=1,p=1$c2FsdA$aGFzaA"
			return o
		},
	}.try(k)
}

func shelfEndpoints(k *kit) {
	shelf[store.Endpoint]{on: k.Endpoints(), kind: id.Endpoint, owned: true,
		make: func(name, owner id.ID, n int) store.Endpoint {
			e := store.Endpoint{ID: name, Merchant: owner, URL: "https://shop.example/hook?a=1&b='2'", Secrets: []string{"whsec_new", "whsec_old"}, CreatedAt: epoch,
				Keys: []string{"whsk_new", "whsk_old"}, PausedAt: epoch.Add(time.Hour), PausedFor: "no answer within 10 seconds"}
			if n > 1 {
				e.Types, e.Disabled = []string{"payment.succeeded", "refund.succeeded"}, true
			}
			return e
		},
		change: func(e store.Endpoint) store.Endpoint {
			e.URL, e.Secrets, e.Types, e.Disabled = "http://127.0.0.1:1/", []string{"whsec_one"}, []string{}, !e.Disabled
			e.Keys, e.PausedAt, e.PausedFor = []string{"whsk_one"}, time.Time{}, ""
			return e
		},
	}.try(k)
}

func keyByHash(k *kit) {
	key := k.key(k.newID(id.Merchant, 1))
	ask(k.KeyByHash(k.ctx, key.Hash)).missing(k)
	k.must(k.Keys().Put(k.ctx, key))
	equal(k, ask(k.KeyByHash(k.ctx, key.Hash)).get(k), key)
	key.RevokedAt = epoch.Add(time.Hour)
	k.must(k.Keys().Put(k.ctx, key))
	equal(k, ask(k.KeyByHash(k.ctx, key.Hash)).get(k), key)
	ask(k.KeyByHash(k.ctx, "")).missing(k)
}

func keyTaken(k *kit) {
	owner := k.newID(id.Merchant, 1)
	first, second := k.key(owner), k.key(owner)
	first.RevokedAt = epoch
	k.must(k.Keys().Put(k.ctx, first))
	k.must(k.Keys().Put(k.ctx, first))
	second.Hash = first.Hash
	k.is(k.Keys().Put(k.ctx, second), store.ErrTaken)
	ask(k.Keys().Get(k.ctx, second.ID)).missing(k)
	equal(k, ask(k.KeyByHash(k.ctx, first.Hash)).get(k), first)
}

func (k *kit) operator() store.Operator {
	name := k.newID(id.Operator, 1)
	return store.Operator{ID: name, Login: "оператор-" + name.Token(), PasswordHash: "hash", CreatedAt: epoch}
}

func operatorByLogin(k *kit) {
	first, second := k.operator(), k.operator()
	ask(k.OperatorByLogin(k.ctx, first.Login)).missing(k)
	k.must(k.Operators().Put(k.ctx, first))
	k.must(k.Operators().Put(k.ctx, second))
	equal(k, ask(k.OperatorByLogin(k.ctx, first.Login)).get(k), first)
	taken := second
	taken.Login = first.Login
	k.is(k.Operators().Put(k.ctx, taken), store.ErrTaken)
	equal(k, ask(k.OperatorByLogin(k.ctx, second.Login)).get(k), second)
}

func nameGivenUp(k *kit) {
	first, second := k.operator(), k.operator()
	old := first.Login
	k.must(k.Operators().Put(k.ctx, first))
	first.Login = "renamed-" + first.ID.Token()
	k.must(k.Operators().Put(k.ctx, first))
	ask(k.OperatorByLogin(k.ctx, old)).missing(k)
	second.Login = old
	k.must(k.Operators().Put(k.ctx, second))
	equal(k, ask(k.OperatorByLogin(k.ctx, old)).get(k), second)
}

func revisions(k *kit) {
	last := ask(k.Revision(k.ctx)).get(k)
	rises := func(what string, change error) {
		k.t.Helper()
		k.must(change)
		now := ask(k.Revision(k.ctx)).get(k)
		if now <= last {
			k.t.Fatalf("%s: the revision was %d and is %d", what, last, now)
		}
		last = now
	}
	m := store.Merchant{ID: k.newID(id.Merchant, 5), Name: "Shop", CreatedAt: epoch}
	key := store.Key{ID: k.newID(id.Key, 5), Owner: m.ID, Hash: "revisions", CreatedAt: epoch}
	rises("a new merchant", k.Merchants().Put(k.ctx, m))
	m.Suspended = true
	rises("a suspended merchant", k.Merchants().Put(k.ctx, m))
	rises("a new key", k.Keys().Put(k.ctx, key))
	key.RevokedAt = epoch
	rises("a revoked key", k.Keys().Put(k.ctx, key))
	rises("limits", k.SetLimits(k.ctx, payment.Limits{Owner: m.ID, Most: 100}))
	rises("no limits", k.SetLimits(k.ctx, payment.Limits{Owner: m.ID}))
	key.ID = k.newID(id.Key, 5)
	if err := k.Keys().Put(k.ctx, key); !errors.Is(err, store.ErrTaken) {
		k.t.Fatalf("a digest was taken twice: %v", err)
	}
	equal(k, ask(k.Revision(k.ctx)).get(k), last)
}
