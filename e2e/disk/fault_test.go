package disk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"tolom/client"
	"tolom/internal/faultdisk"
	"tolom/internal/traffic"
	"tolom/wire"
)

// faults is how often the disk refuses in `make test`, of each kind.
const faults = 6

var refusals = []struct {
	name string
	op   faultdisk.Op
	err  error
}{
	{"no space for a write", faultdisk.Write, faultdisk.ErrFull},
	{"a write fails", faultdisk.Write, faultdisk.ErrBroken},
	{"a sync fails", faultdisk.Sync, faultdisk.ErrBroken},
	{"a read fails", faultdisk.Read, faultdisk.ErrBroken},
}

// refuseFor lets the disk refuse one kind of call for a time, or only once.
func (h *history) refuseFor(op faultdisk.Op, err error, span time.Duration, once bool) {
	var done sync.Once
	h.disk.Refuse(func(o faultdisk.Op, _ string) (refusal error) {
		if o != op {
			return nil
		}
		if !once {
			return err
		}
		done.Do(func() { refusal = err })
		return refusal
	})
	time.Sleep(span)
	h.disk.Refuse(nil)
}

// TestADiskThatRefusesLosesNothing has the disk refuse again and again under load, for
// a single call or for a while. Every outcome is found out, and then the power goes:
// what a failed sync has lost must not have been believed by anybody.
func TestADiskThatRefusesLosesNothing(t *testing.T) {
	seed := traffic.Number(t, "TOLOM_CRASH_SEED", int(time.Now().UnixNano()%1_000_000))
	t.Logf("TOLOM_CRASH_SEED=%d", seed)
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			random := rand.New(rand.NewPCG(uint64(seed), 1))
			h := live(t, t.TempDir(), traffic.People{}, 1, 4, func(*faultdisk.Disk) {})
			p, err := start(h.disk.Folder())
			must(t, err)
			rounds := traffic.Number(t, "TOLOM_CRASH_FAULTS", faults)
			ctx, stop := context.WithCancel(t.Context())
			var group sync.WaitGroup
			group.Go(func() {
				for ctx.Err() == nil {
					h.trade(t.Context(), p, 20)
				}
			})
			for n := range rounds {
				time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
				h.refuseFor(r.op, r.err, time.Duration(10+random.IntN(150))*time.Millisecond, n%2 == 0)
			}
			stop()
			group.Wait()
			must(t, p.close())
			must(t, h.found(h.disk.Folder(), h.disk.Now()))
			images := 0
			must(t, h.disk.Cuts(random, 5*rounds, func(i faultdisk.Image) error {
				images++
				folder := scratch(t)
				defer os.RemoveAll(folder)
				must(t, i.Write(folder))
				if err := h.found(folder, i.Moment); err != nil {
					return fmt.Errorf("after event %d of %d: %w", i.Moment, h.disk.Now(), err)
				}
				return nil
			}))
			t.Logf("refused %d times, %d payments, the power cut after %d of its moments: 0 acknowledged lost, all rules hold", rounds, len(h.deals), images)
		})
	}
}

// TestAFullDiskIsRefusedAndLeftBehind: who is on the way learns within seconds that the
// outcome is not known, who comes later is refused at once, what is stored can be
// read, and when there is room again payments go on without anybody's help.
func TestAFullDiskIsRefusedAndLeftBehind(t *testing.T) {
	for _, r := range refusals[:3] {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			h := live(t, t.TempDir(), traffic.People{}, 1, 4, func(*faultdisk.Disk) {})
			p, err := start(h.disk.Folder())
			must(t, err)
			h.disk.Refuse(func(op faultdisk.Op, _ string) error {
				if op == r.op {
					return r.err
				}
				return nil
			})
			shop := client.New(base, h.people.Keys[0], client.WithHTTP(p.calls), client.WithAttempts(1)).Merchant()
			for n, want := range []string{"outcome_unknown", "unavailable", "unavailable"} {
				began := time.Now()
				_, err := shop.CreateRequest(t.Context(), wire.NewPaymentRequest{Kind: "dynamic", Amount: 500})
				var problem *client.Problem
				if !errors.As(err, &problem) || problem.Code != want || problem.Status/100 != 5 {
					t.Errorf("call %d got %v, want %s", n, err, want)
				}
				if took := time.Since(began); n > 0 && took > time.Second {
					t.Errorf("call %d was refused after %v", n, took)
				}
			}
			if _, err := shop.Balance(t.Context()); err != nil {
				t.Errorf("the balance cannot be read: %v", err)
			}
			h.disk.Refuse(nil)
			h.trade(t.Context(), p, 10)
			must(t, p.close())
			must(t, h.found(h.disk.Folder(), h.disk.Now()))
		})
	}
}
