package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var pspKeyTable = db.NewTable("psp_key",
	db.String("id", func(k *PSPKey) *string { return (*string)(&k.ID) }),
	db.Derived("bucket", func(k *PSPKey) int64 { return int64(k.ID.Bucket()) }),
	db.String("psp", func(k *PSPKey) *string { return (*string)(&k.PSP) }),
	db.String("name", func(k *PSPKey) *string { return &k.Name }),
	db.String("algorithm", func(k *PSPKey) *string { return &k.Algorithm }),
	db.String("public_key", func(k *PSPKey) *string { return &k.Public }),
	db.Time("not_before", func(k *PSPKey) *time.Time { return &k.NotBefore }),
	db.Time("not_after", func(k *PSPKey) *time.Time { return &k.NotAfter }),
	db.Time("created_at", func(k *PSPKey) *time.Time { return &k.CreatedAt }),
	db.Time("revoked_at", func(k *PSPKey) *time.Time { return &k.RevokedAt }),
)

var certificateTable = db.NewTable("psp_certificate",
	db.String("id", func(c *Certificate) *string { return (*string)(&c.ID) }),
	db.Derived("bucket", func(c *Certificate) int64 { return int64(c.ID.Bucket()) }),
	db.String("psp", func(c *Certificate) *string { return (*string)(&c.PSP) }),
	db.String("fingerprint_of", func(c *Certificate) *string { return &c.Of }),
	db.String("fingerprint", func(c *Certificate) *string { return &c.Fingerprint }),
	db.String("name", func(c *Certificate) *string { return &c.Name }),
	db.Time("created_at", func(c *Certificate) *time.Time { return &c.CreatedAt }),
	db.Time("removed_at", func(c *Certificate) *time.Time { return &c.RemovedAt }),
)

var platformKeyTable = db.NewTable("platform_key",
	db.String("id", func(k *PlatformKey) *string { return (*string)(&k.ID) }),
	db.Derived("bucket", func(k *PlatformKey) int64 { return int64(k.ID.Bucket()) }),
	db.String("private_key", func(k *PlatformKey) *string { return &k.Private }),
	db.Time("signs_from", func(k *PlatformKey) *time.Time { return &k.SignsFrom }),
	db.Time("created_at", func(k *PlatformKey) *time.Time { return &k.CreatedAt }),
	db.Time("retired_at", func(k *PlatformKey) *time.Time { return &k.RetiredAt }),
)

// PSPKeys keeps the public keys of PSPs.
func (s *sqlStore) PSPKeys() Shelf[PSPKey] { return sqlShelf[PSPKey]{s, pspKeyTable, "psp"} }

// Certificates keeps what client certificates PSPs may come with.
func (s *sqlStore) Certificates() Shelf[Certificate] {
	return sqlShelf[Certificate]{s, certificateTable, "psp"}
}

// PlatformKeys keeps the platform's own keys; they have no owner.
func (s *sqlStore) PlatformKeys() Shelf[PlatformKey] {
	return sqlShelf[PlatformKey]{s, platformKeyTable, ""}
}

var nonceInsert = db.Insertion("nonce", "ON CONFLICT (key, nonce, bucket) DO NOTHING RETURNING key, nonce", nonceVectors(nil)...)

// relaxed has PostgreSQL answer a commit before it is on the disk. Commits reach the disk in their order, so a payment
// that is waited for takes along the nonce of the request that made it; what a broken server can forget is nonces
// of requests that have changed nothing that anybody was told of.
const relaxed = "SELECT set_config('synchronous_commit', 'off', true)"

func nonceVectors(nonces []Nonce) []db.Vector {
	n := len(nonces)
	keys, texts, buckets, times := make([]string, n), make([]string, n), make([]int64, n), make([]int64, n)
	for i, x := range nonces {
		keys[i], texts[i], buckets[i], times[i] = string(x.Key), x.Nonce, int64(x.Key.Bucket()), db.Millis(x.CreatedAt)
	}
	return []db.Vector{db.Texts("key", keys), db.Texts("nonce", texts), db.Ints("bucket", buckets), db.Ints("created_at", times)}
}

// spent is a nonce as a name.
type spent struct {
	key   id.ID
	nonce string
}

// Spend notes nonces. It inserts them in the order of their names, so that two nodes never wait for each other in a ring.
func (s *sqlStore) Spend(ctx context.Context, nonces []Nonce) ([]bool, error) {
	if len(nonces) == 0 {
		return nil, nil
	}
	sorted := slices.SortedFunc(slices.Values(nonces), func(a, b Nonce) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Nonce, b.Nonce))
	})
	got := make(map[spent]bool, len(nonces))
	questions := []db.Question{{Many: nonceInsert, Rows: nonceVectors(sorted), Each: func(scan db.Scan) error {
		var key, nonce string
		err := scan(&key, &nonce)
		got[spent{id.ID(key), nonce}] = true
		return err
	}}}
	if db.Server(s.d) {
		questions = slices.Insert(questions, 0, db.Question{Text: relaxed, Each: func(scan db.Scan) error { return scan(new(string)) }})
	}
	if err := db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Ask(ctx, questions...) }); err != nil {
		return nil, fmt.Errorf("store: spend nonces: %w", err)
	}
	return firsts(nonces, got), nil
}

// firsts says of each nonce whether it was got; of equals the first only.
func firsts(nonces []Nonce, got map[spent]bool) []bool {
	fresh := make([]bool, len(nonces))
	for i, x := range nonces {
		name := spent{x.Key, x.Nonce}
		fresh[i] = got[name]
		delete(got, name)
	}
	return fresh
}

// ForgetNonces deletes old nonces, the oldest first.
func (s *sqlStore) ForgetNonces(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := db.Do(ctx, s.d, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, "DELETE FROM nonce WHERE (key, nonce, bucket) IN (SELECT t.key, t.nonce, t.bucket FROM nonce AS t"+
			" WHERE t.created_at < $1 ORDER BY t.created_at LIMIT $2)", db.Millis(before), int64(limit))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: forget nonces: %w", err)
	}
	return int(n), nil
}
