package sim

import (
	"context"
	"time"
)

const (
	// mostSteps bounds a world, for one that finds no rest.
	mostSteps   = 3000 // for each payment
	leastSize   = 200_000
	mostOfNight = 600_000
	// endsWithin is how long after the last fault everything must have ended and
	// been told: a payment lives a minute, and a webhook that failed five times
	// comes back after half an hour.
	endsWithin = 90 * time.Minute
)

// live runs a world to its end: sales with faults, then calm until everything has
// come to rest, then judgement. It stops at the first violation.
func (w *World) live() {
	w.rogues()
	w.open()
	for _, s := range w.shops {
		s.stick()
		w.begin(0, nil, s.read)
	}
	w.after(2*time.Second, w.trade)
	w.misfortunes()
	for day := range w.nights {
		w.runUntil(10*time.Millisecond, func() bool { return w.started >= w.target*(day+1)/(w.nights+1) })
		w.night()
	}
	w.runUntil(10*time.Millisecond, func() bool { return w.started >= w.target/2 })
	w.fold()
	w.runUntil(10*time.Millisecond, func() bool { return w.started >= w.target })
	w.afternoon()
	w.calmDown()
	w.settle()
	if len(w.violations) == 0 {
		w.judge()
	}
	w.close()
}

// settle lets a calm world come to rest. The longer that takes, the less often those
// look who only wait for something to happen.
func (w *World) settle() {
	calm := w.now
	w.runUntil(time.Second, func() bool {
		switch passed := w.now - calm; {
		case passed > 2*time.Minute:
			w.pace = 20
		case passed > 20*time.Second:
			w.pace = 4
		}
		return w.now > calm+endsWithin || w.rested()
	})
}

// open starts all processes.
func (w *World) open() {
	for _, n := range w.nodes {
		n.start()
	}
	for _, b := range w.banks {
		b.start()
	}
	w.begin(0, nil, w.post.serve)
	if w.target > 0 { // in scenarios the staff does what it is told
		w.begin(0, nil, w.office.operate)
		w.begin(0, nil, w.office.approve)
	}
}

// runUntil steps until a condition holds, asked each so often.
func (w *World) runUntil(every time.Duration, over func() bool) {
	limit := w.steps + int64(leastSize+mostSteps*w.target+mostOfNight*w.nights)
	for next := w.now; len(w.violations) == 0; {
		if w.now >= next {
			if over() {
				return
			}
			next = w.now + every
		}
		if w.steps > limit {
			w.violated("a world comes to rest", "the world", "after %d steps it is still busy", w.steps)
			return
		}
		if !w.step() {
			return
		}
		if len(w.db.lockers) > 0 {
			w.check(&w.db.lockers)
		}
	}
}

// close ends all tasks, so that their stacks are free, and the database.
func (w *World) close() {
	w.killAll()
	for _, n := range w.nodes {
		n.forget()
	}
	if err := w.store.Close(); err != nil {
		w.violated("a database can be closed", "the database", "%v", err)
	}
}

// trade begins sales until there are enough.
func (w *World) trade() {
	if w.started >= w.target || len(w.violations) > 0 || w.dark {
		return
	}
	if w.chance(.01) { // a rush
		for range 20 {
			w.after(0, w.sale)
		}
	}
	w.sale()
	w.after(time.Duration(w.random.ExpFloat64()*float64(w.every)), w.trade)
}

// sale is one customer, somewhere.
func (w *World) sale() {
	s := w.shops[w.random.IntN(len(w.shops))]
	if s.sticker != "" && w.chance(.45) {
		w.someBank().pay(s.sticker, w.someAmount())
	} else {
		s.sell()
	}
}

// misfortunes plans what happens to processes, clocks and receivers.
func (w *World) misfortunes() {
	w.recurring(w.profile.Outage, w.outage)
	w.recurring(w.profile.Crash, func() { w.crash(w.nodes[w.random.IntN(len(w.nodes))]) })
	w.recurring(w.profile.BankCrash, func() { w.someBank().crash() })
	w.recurring(w.profile.NodeJump, func() { w.jump(w.nodes[w.random.IntN(len(w.nodes))].clock) })
	w.recurring(w.profile.DBJump, func() { w.jump(w.dbClock) })
	w.recurring(w.profile.Errands, func() { w.office.errand() })
	w.recurring(w.profile.Deaf, func() {
		if s := w.shops[w.random.IntN(len(w.shops))]; s.receiver != nil && !s.receiver.down {
			w.count("receiver down")
			s.receiver.down = true
			w.after(w.within(w.spell(40*time.Second)), func() { s.receiver.down = false })
		}
	})
}

// spell bounds how long something stays broken, so that it spoils a hundred payments or two and not a whole world.
func (w *World) spell(most time.Duration) time.Duration { return min(most, 200*w.every) }

// recurring has something happen again and again, about each so many payments, while things go wrong.
func (w *World) recurring(about int, do func()) {
	if about == 0 {
		return
	}
	rarely := time.Duration(1)
	if w.dark { // the night is long, and nobody is up
		rarely = 1000
	}
	w.after(rarely*time.Duration(w.random.ExpFloat64()*float64(about)*float64(w.every)), func() {
		if w.db.calm {
			return
		}
		if !w.dark {
			do()
		}
		w.recurring(about, do)
	})
}

// jump moves a clock by up to ten minutes, ahead or back.
func (w *World) jump(d *dial) {
	w.count("clock jump")
	if d == w.dbClock {
		w.witness.watch.steady = w.now
	}
	d.skew = time.Duration(w.random.Int64N(int64(20*time.Minute))) - 10*time.Minute
}

// calmDown stops the faults. Clocks are right again, and everybody lives.
func (w *World) calmDown() {
	w.db.calm, w.db.down = true, false
	for _, weather := range []*Weather{&w.profile.Shops, &w.profile.Banks, &w.profile.Hooks, &w.profile.Offices} {
		*weather = Weather{}
	}
	w.dbClock.skew, w.witness.watch.steady = 0, w.now
	for _, n := range w.nodes {
		n.clock.skew = 0
	}
	for _, r := range w.receivers {
		r.down = false
	}
	w.calmAt = w.now
	w.post.again()
	if w.compare > 0 { // everybody compares once more, soon
		w.compare = 4 * time.Minute
		for _, b := range w.banks {
			b.crash()
		}
	}
}

// rested says that every payment has ended, every bank has its answer and every
// event has arrived.
func (w *World) rested() bool {
	ctx := context.Background()
	if w.started < w.target || w.witness.live > 0 || w.witness.facts != w.witness.numbered(ctx) {
		return false
	}
	for _, b := range w.banks {
		if !b.up || b.bank.Open() > 0 {
			return false
		}
	}
	for _, s := range w.shops {
		head, err := w.store.ReaderHead(ctx, s.merchant)
		if err != nil || s.receiver != nil && int64(len(s.receiver.took)) < head {
			return false
		}
	}
	return w.daysEnded(ctx) && w.compared()
}
