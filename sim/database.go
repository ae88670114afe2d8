package sim

import (
	"errors"
	"fmt"
	"time"

	"tolom/store"
)

// database is what goes wrong between the nodes and the one database.
type database struct {
	down    bool
	life    int           // counts its restarts; transactions of an earlier life are lost
	commit  time.Duration // how long a commit takes, about
	lockers []waiter      // transactions that wait for a lock
	calm    bool          // nothing goes wrong any more
}

var errGone = errors.New("sim: the database does not answer")

// retry is a passing failure of a transaction.
func retry(why string) error { return fmt.Errorf("%w: %s", store.ErrRetry, why) }

// point is asked by the store at each step of each call: here time passes, and things break.
func (w *World) point(p store.Point) error {
	t := w.task
	if t == nil {
		return nil // the world itself looks
	}
	switch p {
	case store.ReadPoint, store.WritePoint:
		return w.atRead(p)
	case store.WrittenPoint:
		return w.written()
	case store.BeginPoint:
		t.within, t.life = true, w.db.life
		return w.inTransaction()
	case store.BeforeCommit:
		return w.beforeCommit()
	case store.AfterCommit:
		return w.afterCommit()
	case store.SettlePoint:
		w.sleep(w.within(2 * time.Millisecond))
		if w.db.down || w.trouble(w.profile.Unreadable) {
			return errGone
		}
		return nil
	}
	w.maybeCrash()
	return w.inTransaction()
}

// trouble says yes at a rate while things go wrong.
func (w *World) trouble(rate float64) bool { return !w.db.calm && w.chance(rate) }

// atRead lets most reads pass in no time, because many come with each call.
func (w *World) atRead(p store.Point) error {
	if p == store.WritePoint || w.chance(.25) {
		w.sleep(w.within(500 * time.Microsecond))
	}
	w.maybeCrash()
	if w.db.down || w.trouble(w.profile.Unreadable) {
		w.count("unreadable")
		return errGone
	}
	return nil
}

// written is where the answer to a write of one call is on its way back.
func (w *World) written() error {
	w.maybeCrash()
	if w.trouble(w.profile.Unheard) {
		w.count("write unheard")
		return store.ErrUnknown
	}
	return nil
}

func (w *World) inTransaction() error {
	w.sleep(w.within(300 * time.Microsecond))
	switch {
	case w.db.down || w.task.life != w.db.life:
		return retry("the connection is lost")
	case w.trouble(w.profile.Passing):
		w.count("sent back")
		return retry("a serialisation failure")
	}
	return nil
}

// beforeCommit is where a commit is on its way to the database. If the node dies
// meanwhile, the database may do it or not, at once or later.
func (w *World) beforeCommit() error {
	t := w.task
	w.wakeIn(t, w.db.commit/2+w.within(w.db.commit))
	t.co.yield(struct{}{})
	if t.killed {
		switch w.random.IntN(3) {
		case 0:
			w.count("died before commit")
			die()
		case 1:
			w.count("died after commit")
			return nil
		}
		return w.adrift()
	}
	mishap, _ := w.meets("before commit", "")
	switch {
	case mishap.what == "died":
		w.crash(w.nodeOf(t))
		die()
	case mishap.what == "unknown":
		return store.ErrUnknown
	case mishap.what == "adrift":
		return w.adriftFor(mishap.by, mishap.done)
	case w.db.down || t.life != w.db.life:
		w.count("commit lost in an outage")
		return store.ErrUnknown
	case w.trouble(w.profile.Passing):
		return retry("a serialisation failure at commit")
	case w.trouble(w.profile.Unsent):
		w.count("commit unsent")
		return store.ErrUnknown
	case w.trouble(w.profile.Adrift):
		return w.adrift()
	}
	return nil
}

// adrift leaves a commit with the database, which ends it in its own time.
func (w *World) adrift() error { return w.adriftFor(w.within(3*time.Second), w.chance(.5)) }

func (w *World) adriftFor(wait time.Duration, done bool) error {
	w.count("commit adrift")
	return &store.Adrift{Take: func(end func(commit bool)) {
		w.after(wait, func() {
			w.record.note(w.now, "landed", fmt.Sprint(done))
			end(done)
		})
	}}
}

func (w *World) afterCommit() error {
	w.task.within = false
	switch mishap, _ := w.meets("after commit", ""); mishap.what {
	case "died":
		w.crash(w.nodeOf(w.task))
		die()
	case "unknown":
		return store.ErrUnknown
	}
	w.maybeCrash()
	if w.trouble(w.profile.Unheard) {
		w.count("commit unheard")
		return store.ErrUnknown
	}
	return nil
}

// maybeCrash has the node of the running task die at this very step.
func (w *World) maybeCrash() {
	if n := w.nodeOf(w.task); n != nil && w.trouble(w.profile.CrashIn) {
		w.count("died in a step")
		w.crash(n)
		w.park()
	}
}

// outage takes the database away for a while; what was open in it is lost.
func (w *World) outage() {
	w.count("outage")
	w.db.down = true
	w.db.life++
	w.after(w.within(w.spell(4*time.Second)), func() {
		w.db.down = false
	})
}
