package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

// countingDesk answers with how often it was asked; it may panic or fail.
type countingDesk struct {
	Desk
	asked int64
	fails error
	dies  bool
}

func (d *countingDesk) Revision(context.Context) (int64, error) {
	d.asked++
	if d.dies {
		panic("the question ends here")
	}
	return d.asked, d.fails
}

// known is what Revisions say at a second after the beginning.
func known(r *Revisions, second int) (revision int64, ok bool) {
	return r.Known(context.Background(), time.Unix(int64(1000+second), 0), 10*time.Second)
}

func TestRevisionsAreAskedForWhenTheyAreOld(t *testing.T) {
	r := NewRevisions(&countingDesk{})
	for _, at := range []struct {
		second int
		want   int64
	}{{0, 1}, {4, 1}, {6, 2}, {10, 2}, {30, 3}} {
		if got, ok := known(r, at.second); !ok || got != at.want {
			t.Errorf("after %d s: %d (%v), not %d", at.second, got, ok, at.want)
		}
	}
}

func TestAQuestionForARevisionThatPanicsOrFailsIsAskedAgain(t *testing.T) {
	d := &countingDesk{dies: true}
	r := NewRevisions(d)
	func() {
		defer func() { _ = recover() }()
		known(r, 0)
	}()
	d.dies, d.fails = false, errors.New("gone")
	if _, ok := known(r, 0); ok || d.asked != 2 {
		t.Errorf("a failure was believed (%v), asked %d times", ok, d.asked)
	}
	d.fails = nil
	if got, ok := known(r, 0); !ok || got != 3 {
		t.Errorf("it gave %d (%v)", got, ok)
	}
}

func TestForgottenRevisionsAreAskedForAgain(t *testing.T) {
	r := NewRevisions(&countingDesk{})
	known(r, 0)
	r.Forget()
	if got, ok := known(r, 0); !ok || got != 2 {
		t.Errorf("it gave %d (%v)", got, ok)
	}
}
