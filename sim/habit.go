package sim

import (
	"time"

	"tolom/recon"
)

// habits decides what kind of world it is.
func (w *World) habits(onSQLite bool) {
	if w.target == 0 { // a scenario, whose business day ends when it says so, or at the next noon
		w.opens = 2 * time.Minute
		return
	}
	if w.chance(w.profile.Steady) {
		w.profile.NodeJump, w.profile.DBJump = 0, 0
		w.count("world with right clocks")
	}
	if !onSQLite && w.chance(w.profile.Nights) {
		w.nights = 1 + w.random.IntN(3)
		w.count("world with nights")
	}
	if w.chance(w.profile.Compares) {
		w.compare, w.misreads = 4*time.Minute, w.chance(w.profile.Misreads)
		if w.nights > 0 {
			w.compare = 7 * time.Hour
		}
		w.count("world that compares books")
	}
}

// night lets sales rest until shortly before the next noon. Misfortunes rest too, but for
// those of single steps, and but for deaths in the minutes around the end of a day.
func (w *World) night() {
	dusk, dawn := w.now, (w.now/(24*time.Hour)+1)*24*time.Hour-20*time.Second
	w.dark = true
	w.evening(dawn)
	w.runUntil(time.Second, func() bool {
		switch passed := w.now - dusk; {
		case w.now > dawn-10*time.Minute:
			w.pace = 20
		case passed > 10*time.Minute:
			w.pace = 300
		case passed > time.Minute:
			w.pace = 20
		}
		return w.now >= dawn
	})
	w.pace, w.dark = 0, false
	w.trade()
}

// afternoon has a day end and be settled while steps, messages and answers still go wrong: nobody sells any more.
func (w *World) afternoon() {
	begun := w.now
	w.dark = true
	w.begin(time.Second, nil, w.office.endDay)
	w.after(20*time.Second, func() { w.crash(w.nodes[w.random.IntN(len(w.nodes))]) })
	w.runUntil(time.Second, func() bool { return w.now > begun+w.profile.Afternoon })
	w.dark = false
}

// evening has the staff plan the next day: tariffs that begin with it, and mostly the end of the day that goes on.
func (w *World) evening(dawn time.Duration) {
	for range 2 {
		s := w.shops[w.random.IntN(len(w.shops))]
		from := opening.Add(dawn + 20*time.Second + w.within(30*time.Second)).Truncate(time.Millisecond)
		w.begin(time.Minute+w.within(time.Minute), nil, func() { w.office.setTariff(s, from) })
	}
	if w.chance(.3) {
		w.begin(w.within(time.Minute), nil, w.office.endDay)
	}
}

// misreader makes a bank count one of its payments wrong in some worlds: it leaves it out, or reads another amount.
func (b *bank) misreader() func([]recon.Line) []recon.Line {
	w := b.w
	if w.compare == 0 || b.psp != w.banks[1].psp || !w.misreads {
		return nil
	}
	return func(lines []recon.Line) (out []recon.Line) {
		for _, l := range lines {
			if w.misread[b.psp] == "" && l.Kind == recon.Payment && l.Status == recon.Success {
				w.misread[b.psp] = l.ID
				w.count("payment that a bank counts wrong")
			}
			if w.misread[b.psp] == l.ID {
				if l.Amount%2 == 0 {
					continue
				}
				l.Amount++
			}
			out = append(out, l)
		}
		return out
	}
}

// oddly says yes at a rate where people and banks decide otherwise than one would like.
func (w *World) oddly(rate float64) bool { return w.trouble(rate * w.profile.Odd) }
