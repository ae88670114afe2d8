package crash

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"tolom/client"
	"tolom/internal/pgtest"
	"tolom/internal/smalldisk"
	"tolom/wire"
)

// TestAFullDiskIsRefusedAndRecoveredFrom fills the disk under the load of the real
// binary: no payment goes through, calls are refused within seconds, the node says that it
// is not ready; with room again everything goes on, and nothing that was acknowledged
// is missing.
func TestAFullDiskIsRefusedAndRecoveredFrom(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		d := smalldisk.New(t, 32)
		if d == nil {
			return
		}
		newPlace(t, "sqlite:"+filepath.Join(d.Folder, "tolom.db")).outOfRoom(d, func() error { return nil })
	})
	t.Run("postgresql-tables", func(t *testing.T) {
		d := smalldisk.New(t, 48)
		if d == nil {
			return
		}
		newPlace(t, open(t).DatabaseIn(t, d.Folder)).outOfRoom(d, func() error { return nil })
	})
	// Without room for its log the server stops as a whole. What starts services on a
	// real machine starts it again; here the test does.
	t.Run("postgresql-all", func(t *testing.T) {
		d := smalldisk.New(t, 128)
		if d == nil {
			return
		}
		server := open(t, pgtest.On(d.Folder))
		newPlace(t, server.Database(t)).outOfRoom(d, func() error {
			if server.Running() {
				return nil
			}
			return server.Start()
		})
	})
}

func (p *place) outOfRoom(d *smalldisk.Disk, revive func() error) {
	p.t.Helper()
	l := p.startLoad()
	p.eventually("some have paid", func() bool { return l.Count() > 20 })
	must(p.t, d.Fill())
	p.stands(l)
	p.refuses()
	must(p.t, d.Free())
	freed := time.Now()
	must(p.t, revive())
	if !p.goesOn(l, freed) {
		p.t.Fatal("payments do not go on although there is room")
	}
	p.t.Logf("%d payments before, the first after there was room went through in %v", l.Count(), l.FirstAfter(freed).Sub(freed).Round(time.Millisecond))
	deals, err := l.stop()
	must(p.t, err)
	must(p.t, p.agrees(deals))
	p.whole()
}

// refuses waits until a call is refused at once, with an answer of the platform's, and
// the node says that it wants no calls.
func (p *place) refuses() {
	p.t.Helper()
	shop := client.New(p.node.URL(), p.people.Keys[0], client.WithHTTP(p.calls), client.WithAttempts(1)).Merchant()
	p.eventually("calls are refused at once", func() bool {
		began := time.Now()
		_, err := shop.CreateRequest(p.ctx, wire.NewPaymentRequest{Kind: "dynamic", Amount: 500})
		var problem *client.Problem
		return errors.As(err, &problem) && problem.Status == http.StatusServiceUnavailable && problem.Code == "unavailable" && time.Since(began) < time.Second
	})
	p.eventually("the node says that it is not ready", func() bool {
		response, err := http.Get(p.node.URL() + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusServiceUnavailable
	})
}
