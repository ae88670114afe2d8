package crash

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"tolom/internal/pgtest"
	"tolom/internal/traffic"
)

// TestALostPaymentIsNoticed holds the comparison to account: each thing that may
// be wrong is wrong once.
func TestALostPaymentIsNoticed(t *testing.T) {
	p := newPlace(t, "sqlite:"+filepath.Join(t.TempDir(), "tolom.db"))
	l := p.startLoad()
	p.eventually("some have paid", func() bool { return l.Count() > 20 })
	deals, err := l.stop()
	must(t, err)
	must(t, p.agrees(deals))
	lost, other := deals[0], deals[0]
	lost.Payment = "pay_" + deals[0].Request[3:] // the request's token names no payment
	if other.Status = traffic.Canceled; deals[0].Status == traffic.Canceled {
		other.Status = traffic.Success
	}
	for what, wrong := range map[string]traffic.Deal{"a payment that is not there": lost, "a payment of another status": other} {
		if p.agrees([]traffic.Deal{wrong}) == nil {
			t.Errorf("%s is not noticed", what)
		}
	}
	p.owed[1]++
	if p.agrees(nil) == nil {
		t.Error("a missing tyiyn is not noticed")
	}
}

// TestAServerThatAnswersBeforeItsLogIsOnDiskLosesPayments is the control of the
// kills of a database: the same blow takes payments that were acknowledged from a
// server that does not wait for its log. A blow may come just after the log was
// written for another reason, such as a full buffer; then it strikes again.
func TestAServerThatAnswersBeforeItsLogIsOnDiskLosesPayments(t *testing.T) {
	server := open(t, pgtest.Set("synchronous_commit", "off"), pgtest.Set("wal_writer_delay", "'10s'"), pgtest.Set("wal_writer_flush_after", "'1GB'"))
	for range 8 { // Where the machine is so busy that a blow comes long after the payments, they are on disk by then.
		if losesPayments(t, server) {
			return
		}
	}
	t.Fatal("nothing was lost: the kills of this package prove nothing")
}

// losesPayments says whether one blow took what was acknowledged.
func losesPayments(t *testing.T, server *pgtest.Cluster) bool {
	p := newPlace(t, server.Database(t))
	// A caller whose payment has vanished would ask for it without end.
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	p.ctx = ctx
	l := p.startLoad()
	p.eventually("some have paid", func() bool { return l.Count() > 50 })
	must(t, server.Kill())
	must(t, server.Start())
	time.AfterFunc(time.Second, cancel)
	deals, _ := l.stop()
	p.ctx = t.Context()
	return p.agrees(deals) != nil
}
