package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

const claimColumns = "t.bucket, t.scope, t.key, t.fingerprint, t.object, t.outcome, t.created_at"

var (
	claimShape  = claimVectors(nil)
	claimKeys   = claimShape[:3]
	claimInsert = db.Insertion("claim", "ON CONFLICT (bucket, scope, key) DO NOTHING RETURNING scope, key", claimShape...)
	claimPut    = db.Insertion("claim", "ON CONFLICT (bucket, scope, key) DO UPDATE SET fingerprint = excluded.fingerprint,"+
		" object = excluded.object, outcome = excluded.outcome, created_at = excluded.created_at", claimShape...)
	claimDelete = db.Deletion("claim", claimKeys...)
	claimFind   = db.Lookup("SELECT "+claimColumns+" FROM claim AS t WHERE t.bucket = $1 AND t.scope = $2 AND t.key = $3",
		claimColumns, "JOIN claim AS t ON t.bucket = u.bucket AND t.scope = u.scope AND t.key = u.key", claimKeys...)
)

// claimVectors lays claims out as columns, the key first.
func claimVectors(claims []Claim) []db.Vector {
	n := len(claims)
	buckets, times := make([]int64, n), make([]int64, n)
	var words [5][]string
	for i := range words {
		words[i] = make([]string, n)
	}
	for i, c := range claims {
		buckets[i], times[i] = int64(c.Bucket), db.Millis(c.CreatedAt)
		words[0][i], words[1][i], words[2][i], words[3][i], words[4][i] = c.Scope, c.Key, c.Fingerprint, string(c.Object), c.Outcome
	}
	return []db.Vector{
		db.Ints("bucket", buckets), db.Texts("scope", words[0]), db.Texts("key", words[1]),
		db.Texts("fingerprint", words[2]), db.Texts("object", words[3]), db.Texts("outcome", words[4]), db.Ints("created_at", times),
	}
}

func scanClaim(scan db.Scan) (c Claim, err error) {
	var bucket, created int64
	var object string
	err = scan(&bucket, &c.Scope, &c.Key, &c.Fingerprint, &object, &c.Outcome, &created)
	c.Bucket, c.Object, c.CreatedAt = uint16(bucket), id.ID(object), db.Moment(created)
	return c, err
}

// findClaims gives those of the names that are taken.
func findClaims(ctx context.Context, q db.Querier, names []Claim) (out []Claim, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	err = q.QueryMany(ctx, claimFind, claimVectors(names)[:3], func(scan db.Scan) error {
		c, err := scanClaim(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

// Claim gives a claim.
func (s *sqlStore) Claim(ctx context.Context, name Name) (Claim, error) {
	return one(findClaims(ctx, s.d, []Claim{named(name)}))
}

// named is a claim of a name with nothing but its key.
func named(n Name) Claim {
	return Claim{Bucket: id.BucketOf(n.Scope, n.Key), Scope: n.Scope, Key: n.Key}
}

// takeClaims inserts the batch, then the claims in order of their keys, and gives
// those that were taken before. A name that another transaction is taking is waited for.
func takeClaims(ctx context.Context, tx db.Tx, batch Batch, claims []Claim) ([]Claim, error) {
	t, err := newTaking(batch, claims)
	if err != nil {
		return nil, err
	}
	if err := tx.Ask(ctx, t.questions()...); err != nil {
		return nil, err
	}
	return t.lost(ctx, tx)
}

// taking is the names of a batch on their way.
type taking struct {
	batch  Batch
	sorted []Claim
	got    map[Name]bool
}

func newTaking(batch Batch, claims []Claim) (taking, error) {
	sorted := slices.Clone(claims)
	slices.SortFunc(sorted, func(a, b Claim) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
	})
	return taking{batch, sorted, make(map[Name]bool, len(sorted))}, distinct(sorted)
}

// lost gives the claims that were taken before.
func (t taking) lost(ctx context.Context, tx db.Tx) ([]Claim, error) {
	lost := slices.DeleteFunc(t.sorted, func(c Claim) bool { return t.got[Name{c.Scope, c.Key}] })
	taken, err := findClaims(ctx, tx, lost)
	if err == nil && len(taken) != len(lost) {
		return nil, fmt.Errorf("%w: a claim that was in the way has gone", ErrRetry)
	}
	return taken, err
}

func distinct(sorted []Claim) error {
	for i := 1; i < len(sorted); i++ {
		if a, b := sorted[i-1], sorted[i]; a.Scope == b.Scope && a.Key == b.Key {
			return fmt.Errorf("store: the name %q in %q is claimed twice in one batch", a.Key, a.Scope)
		}
	}
	return nil
}

// questions insert, and note the names that were got.
func (t taking) questions() []db.Question {
	questions := []db.Question{{
		Text: "INSERT INTO batch (id, bucket) VALUES ($1, $2) RETURNING bucket", Args: []any{string(t.batch.ID), int64(t.batch.Bucket)},
		Each: func(scan db.Scan) error { return scan(new(int64)) },
	}}
	if len(t.sorted) == 0 {
		return questions
	}
	return append(questions, db.Question{Many: claimInsert, Rows: claimVectors(t.sorted), Each: func(scan db.Scan) error {
		var n Name
		err := scan(&n.Scope, &n.Key)
		t.got[n] = true
		return err
	}})
}

// dropClaims is the step that frees names.
func dropClaims(names []Name) db.Step {
	claims := make([]Claim, len(names))
	for i, n := range names {
		claims[i] = named(n)
	}
	return db.Step{Many: claimDelete, Rows: claimVectors(claims)[:3], Want: -1}
}

// keepClaims is the step that writes claims as they are to stay.
func keepClaims(claims []Claim) db.Step {
	return db.Step{Many: claimPut, Rows: claimVectors(claims), Want: int64(len(claims))}
}

// pruned is the scope whose age has an index, as written in the migration.
const pruned = "idem:"

// PruneClaims deletes old claims, the oldest first. Only claims of idempotency
// keys are found by an index; other scopes are searched whole.
func (s *sqlStore) PruneClaims(ctx context.Context, scopePrefix string, before time.Time, limit int) (int, error) {
	indexed := ""
	if strings.HasPrefix(scopePrefix, pruned) {
		indexed = " AND t.scope LIKE 'idem:%'"
	}
	var n int64
	err := db.Do(ctx, s.d, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, "DELETE FROM claim WHERE (bucket, scope, key) IN (SELECT t.bucket, t.scope, t.key FROM claim AS t"+
			" WHERE t.created_at < $1 AND substr(t.scope, 1, $2) = $3"+indexed+
			" ORDER BY t.created_at, t.scope, t.key LIMIT $4)",
			db.Millis(before), int64(len([]rune(scopePrefix))), scopePrefix, int64(limit))
		return err
	})
	return int(n), err
}
