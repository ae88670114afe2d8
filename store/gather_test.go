package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

// slowReads is a reader whose every read takes a second, and which notes how many
// rows each one asked for.
type slowReads struct {
	store.Reader
	mu    sync.Mutex
	sizes []int
	fail  error
}

func (s *slowReads) Payment(_ context.Context, pay id.ID) (payment.Payment, error) {
	rows, err := s.PaymentsByID(context.Background(), []id.ID{pay})
	if err == nil && len(rows) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return payment.Payment{}, err
	}
	return rows[0], nil
}

func (s *slowReads) PaymentsByID(ctx context.Context, ids []id.ID) (rows []payment.Payment, err error) {
	time.Sleep(time.Second)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sizes = append(s.sizes, len(ids))
	for _, i := range ids {
		if i != absent {
			rows = append(rows, payment.Payment{ID: i})
		}
	}
	return rows, s.fail
}

func (s *slowReads) RequestsByID(context.Context, []id.ID) ([]payment.Request, error) {
	return nil, nil
}
func (s *slowReads) Request(context.Context, id.ID) (payment.Request, error) {
	return payment.Request{}, store.ErrNotFound
}

var absent = name(99_999)

func name(n int) id.ID { return id.New(id.Payment, time.UnixMilli(int64(n)), 7, id.Random{}) }

// TestReadsThatMeetAreOne asks for a thousand payments at once: the first is read
// alone, the others together, each gets its own, and the one that is not there is not found.
func TestReadsThatMeetAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowReads{}
		reads := store.Gathered(slow)
		var group sync.WaitGroup
		for n := range 1000 {
			group.Go(func() {
				if got, err := reads.Payment(t.Context(), name(n)); err != nil || got.ID != name(n) {
					t.Errorf("payment %d is %s, %v", n, got.ID, err)
				}
			})
		}
		group.Go(func() {
			if _, err := reads.Payment(t.Context(), absent); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("what is absent: %v", err)
			}
		})
		began := time.Now()
		group.Wait()
		if took := time.Since(began); took != 3*time.Second || len(slow.sizes) != 3 || slow.sizes[0] != 1 {
			t.Errorf("took %v in reads of %v; the first alone, then all others in two", took, slow.sizes)
		}
		if _, err := reads.Payment(t.Context(), name(1)); err != nil || len(slow.sizes) != 4 {
			t.Errorf("a lone read after them: %v, reads of %v", err, slow.sizes)
		}
	})
}

// TestACallerWhoGoesTakesNobodyAlong lets callers give up in every place of a round.
func TestACallerWhoGoesTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowReads{}
		reads := store.Gathered(slow)
		var group sync.WaitGroup
		for n := range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			group.Go(func() {
				_, err := reads.Payment(ctx, name(n))
				if n%2 == 0 && err != nil {
					t.Errorf("caller %d stayed and got %v", n, err)
				}
			})
			synctest.Wait()
			if n%2 == 1 {
				cancel()
			}
			defer cancel()
		}
		group.Wait()
	})
}

// TestAFailedReadFailsForAllOfIt and for nobody after it.
func TestAFailedReadFailsForAllOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("gone")
		slow := &slowReads{fail: broken}
		reads := store.Gathered(slow)
		var group sync.WaitGroup
		for n := range 5 {
			group.Go(func() {
				if _, err := reads.Payment(t.Context(), name(n)); !errors.Is(err, broken) {
					t.Errorf("caller %d got %v", n, err)
				}
			})
		}
		group.Wait()
		slow.fail = nil
		if _, err := reads.Payment(t.Context(), name(1)); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}
