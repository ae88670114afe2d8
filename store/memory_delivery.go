package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tolom/id"
)

// Hold lets one node at a time deliver to an endpoint.
func (m *Memory) Hold(ctx context.Context, endpoint id.ID, holder string, lasts time.Duration) (held bool, err error) {
	err = m.write(ctx, func(t *tables) error {
		now, other := m.clock.Now(), t.holds[endpoint]
		if held = other.holder == holder || !now.Before(other.until); held {
			t.holds[endpoint] = hold{holder, now.Add(lasts)}
		}
		return nil
	})
	return held, err
}

// Cursor gives how far an endpoint was offered its owner's feed.
func (m *Memory) Cursor(ctx context.Context, endpoint id.ID) (int64, error) {
	return read(ctx, m, func(t *tables) (int64, error) { return t.cursors[endpoint], nil })
}

// Advance moves the cursor and writes the log. ErrRetry when another node moved
// it first: then nothing is written.
func (m *Memory) Advance(ctx context.Context, endpoint id.ID, from, to int64, log []Delivery) error {
	return m.write(ctx, func(t *tables) error {
		if at := t.cursors[endpoint]; at != from {
			return fmt.Errorf("%w: the cursor of %s stands at %d, not at %d", ErrRetry, endpoint, at, from)
		}
		t.cursors[endpoint] = to
		for _, d := range log {
			t.putDelivery(d)
		}
		return nil
	})
}

// PutDelivery writes a delivery.
func (m *Memory) PutDelivery(ctx context.Context, d Delivery) error {
	return m.write(ctx, func(t *tables) error {
		t.putDelivery(d)
		return nil
	})
}

func (t *tables) putDelivery(d Delivery) {
	t.deliveries[d.ID] = copyDelivery(d)
	t.sent.add(d.Endpoint, d.ID)
	if d.Status == DeliveryPending && !d.NextAt.IsZero() {
		t.pending.add(d.Endpoint, d.ID)
	} else {
		t.pending.remove(d.Endpoint, d.ID)
	}
}

// Delivery gives a delivery.
func (m *Memory) Delivery(ctx context.Context, delivery id.ID) (Delivery, error) {
	return read(ctx, m, func(t *tables) (Delivery, error) { return row(t.deliveries, delivery) })
}

// Due gives deliveries whose next try is due.
func (m *Memory) Due(ctx context.Context, endpoint id.ID, now time.Time, limit int) ([]Delivery, error) {
	return read(ctx, m, func(t *tables) (out []Delivery, err error) {
		for _, i := range t.pending[endpoint] {
			if d := t.deliveries[i]; !now.Before(d.NextAt) {
				out = append(out, d)
			}
		}
		slices.SortStableFunc(out, func(a, b Delivery) int { return a.NextAt.Compare(b.NextAt) })
		return out[:min(limit, len(out))], nil
	})
}

// Deliveries lists an endpoint's deliveries.
func (m *Memory) Deliveries(ctx context.Context, endpoint, before id.ID, limit int) ([]Delivery, error) {
	return read(ctx, m, func(t *tables) ([]Delivery, error) {
		ids := newestFirst(older(t.sent[endpoint], before))
		return gather(ids, limit, func(i id.ID) Delivery { return t.deliveries[i] }, func(Delivery) bool { return true }), nil
	})
}

// PruneClaims deletes old claims, the oldest first.
func (m *Memory) PruneClaims(ctx context.Context, scopePrefix string, before time.Time, limit int) (int, error) {
	pruned := 0
	err := m.write(ctx, func(t *tables) error {
		var old []Claim
		for _, c := range t.claims {
			if strings.HasPrefix(c.Scope, scopePrefix) && c.CreatedAt.Before(before) {
				old = append(old, c)
			}
		}
		slices.SortFunc(old, func(a, b Claim) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
		})
		pruned = min(limit, len(old))
		for _, c := range old[:pruned] {
			delete(t.claims, Name{c.Scope, c.Key})
		}
		return nil
	})
	return pruned, err
}
