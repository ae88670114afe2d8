package crash

import (
	"strings"
	"testing"

	"tolom/internal/pgtest"
)

// pair is a primary and the standby that has every commit on disk before it is
// acknowledged.
type pair struct {
	t                *testing.T
	primary, standby *pgtest.Cluster
}

func newPair(t *testing.T) *pair {
	t.Helper()
	d := &pair{t: t, primary: open(t, pgtest.TCP)}
	standby, err := d.primary.Standby()
	must(t, err)
	t.Cleanup(func() { must(t, standby.Close()) })
	d.standby = standby
	must(t, d.primary.Synchronous())
	t.Cleanup(d.nobodyWasCancelled)
	return d
}

// dsn names both servers; a program finds the one that takes writes by itself.
func (d *pair) dsn() string { return pgtest.EitherDSN("postgres", d.primary, d.standby) }

// swap makes the standby the primary and the old primary, which must not run, its standby.
func (d *pair) swap() error {
	d.primary, d.standby = d.standby, d.primary
	if err := d.standby.Follow(d.primary); err != nil {
		return err
	}
	return d.primary.Synchronous()
}

// nobodyWasCancelled reads in both logs that no commit was kept from waiting for
// the standby: the server then reports a success that a failover can lose.
func (d *pair) nobodyWasCancelled() {
	for _, server := range []*pgtest.Cluster{d.primary, d.standby} {
		text, err := server.Printed()
		must(d.t, err)
		if strings.Contains(text, "wait for synchronous replication") {
			d.t.Errorf("a backend that waited for the standby was cancelled; the log says:\n%.2000s", text)
		}
	}
}
