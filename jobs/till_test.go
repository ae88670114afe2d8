package jobs

import (
	"testing"
	"time"

	"tolom/id"
	"tolom/store"
)

// TestTillsAreForgottenNinetyDaysAfterTheyExpired, not before.
func TestTillsAreForgottenNinetyDaysAfterTheyExpired(t *testing.T) {
	c := newTown(t)
	session := store.TillSession{ID: id.New(id.TillSession, epoch, 0, id.Random{1}), Merchant: c.merchant.ID, Hash: "a", ExpiresAt: epoch.Add(time.Hour)}
	c.ok(c.store.TillSessions().Put(t.Context(), session))
	pass := ForgetTills(c.store, c.clock)
	c.clock.Advance(time.Hour + keepTills)
	if n := c.step(pass); n != 0 {
		t.Errorf("%d were forgotten too early", n)
	}
	c.clock.Advance(time.Millisecond)
	if n := c.step(pass); n != 1 {
		t.Errorf("%d were forgotten", n)
	}
	if left, err := c.store.TillSessions().List(t.Context(), "", "", 9); err != nil || len(left) != 0 {
		t.Errorf("%d are left, %v", len(left), err)
	}
}
