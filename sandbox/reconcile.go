package sandbox

import (
	"context"
	"slices"
	"time"

	"tolom/recon"
	"tolom/wire"
)

const (
	// reconcileSpan is the time before now that a comparison covers, so that a later one
	// sees again what an earlier one has found.
	reconcileSpan = 24 * time.Hour
	// reconcileLag is how long ago the period ends: what happened since may still be asked about.
	reconcileLag = 3 * time.Minute
	// mostQuestions is how many calls a comparison takes at most in one step.
	mostQuestions = 64
)

// Compared is what the last comparison of the books with the platform's came to.
type Compared struct {
	Run        string    `json:"run"` // the platform's id of it
	At         time.Time `json:"at"`
	Same       int64     `json:"same"`
	Expected   int64     `json:"expected"`
	Mismatched int64     `json:"mismatched"`
	Healed     int64     `json:"healed"`
}

// comparing is where the bank's comparisons stand. It is not written down: the platform
// keeps them, and a bank that starts again compares at its next time.
type comparing struct {
	due  time.Time
	last Compared
}

// LastCompared gives what the last comparison came to.
func (b *Bank) LastCompared() Compared {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.compare.last
}

// bookLines gives the bank's book: what has moved money, and payments whose outcome it does not know.
func (b *Bank) bookLines(period recon.Range) (lines []recon.Line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range b.book.order {
		p := b.book.purchases[name]
		l := recon.Line{Kind: recon.Payment, ID: p.ID, Amount: p.Amount}
		switch {
		case p.Stage == Succeeded:
			l.Status, l.Minute = recon.Success, recon.MinuteOf(first(p.BookedAt, p.EndedAt))
		case p.Stage == Executing:
			l.Status, l.Minute = recon.InProcess, recon.MinuteOf(p.ExecutingAt)
		default:
			continue
		}
		if period.Has(l.Minute) {
			lines = append(lines, l)
		}
	}
	for _, r := range b.book.refunds {
		if m := recon.MinuteOf(r.At); r.Credited && period.Has(m) {
			lines = append(lines, recon.Line{Minute: m, Kind: recon.Refund, ID: r.ID, Amount: r.Amount, Status: recon.Success})
		}
	}
	slices.SortFunc(lines, func(x, y recon.Line) int { return cmpText(x.String(), y.String()) })
	return lines
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func first(at, otherwise time.Time) time.Time {
	if at.IsZero() {
		return otherwise
	}
	return at
}

// compareNow says whether a comparison is due, and plans the next.
func (b *Bank) compareNow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.Clock.Now()
	if b.ReconcileEvery <= 0 {
		return false
	}
	if b.compare.due.IsZero() { // a bank that has just opened has nothing to compare yet
		b.compare.due = now.Add(b.ReconcileEvery)
	}
	if b.compare.due.After(now) {
		return false
	}
	b.compare.due = now.Add(b.ReconcileEvery)
	return true
}

// reconcile compares the bank's book with the platform's, as its own staff would have it
// done every day. A comparison that is broken off is made again at the next time.
func (b *Bank) reconcile(ctx context.Context) (did int, err error) {
	if !b.compareNow() {
		return 0, nil
	}
	to := recon.MinuteOf(b.Clock.Now().Add(-reconcileLag))
	period := recon.Range{From: to - recon.Minute(reconcileSpan/time.Minute), To: to}
	run, err := b.compareBooks(ctx, "auto-"+to.Time().Format("20060102T1504Z"), period)
	if err != nil {
		b.Log.Warn("the books could not be compared", "why", err)
		return 0, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.compare.last = Compared{Run: run.ID, At: b.Clock.Now(), Same: run.Same, Expected: run.Expected, Mismatched: run.Mismatched, Healed: run.Healed}
	if run.Mismatched > 0 {
		b.Log.Error("the books differ from the platform's", "run", run.ID, "mismatched", run.Mismatched)
	}
	return 0, nil // the books have not changed
}

// compareBooks answers what the platform asks for until it asks for nothing more.
func (b *Bank) compareBooks(ctx context.Context, name string, period recon.Range) (run wire.ReconRun, err error) {
	lines := b.bookLines(period)
	if b.Misread != nil {
		lines = b.Misread(lines)
	}
	book := recon.BookOf(lines)
	asked := wire.ReconDigests{Name: name, From: period.From.String(), To: period.To.String()}
	ask := []wire.ReconRange{{From: asked.From, To: asked.To}}
	for range mostQuestions {
		call, cancel := context.WithTimeout(ctx, b.CallTime)
		if len(ask) > 0 {
			asked.Digests = digests(book, ask)
			run, err = b.PSP.CompareDigests(call, asked)
		} else {
			run, err = b.PSP.CompareLines(call, wire.ReconLines{Name: name, Ranges: run.AskLines, Lines: linesIn(lines, run.AskLines)})
		}
		cancel()
		if err != nil || run.State == "done" {
			return run, err
		}
		ask = run.AskDigests
	}
	return run, nil
}

func digests(book recon.Book, ask []wire.ReconRange) (out []wire.ReconDigest) {
	for _, r := range ask {
		from, wrong := recon.ParseMinute(r.From)
		to, alsoWrong := recon.ParseMinute(r.To)
		if wrong != nil || alsoWrong != nil {
			continue // the platform asks for what is no range; it is told nothing of it
		}
		d := book.Digest(recon.Range{From: from, To: to})
		out = append(out, wire.ReconDigest{From: r.From, To: r.To, Count: d.Count, SHA256: d.SHA256})
	}
	return out
}

func linesIn(lines []recon.Line, minutes []wire.ReconRange) []wire.ReconLine {
	wanted := map[string]bool{}
	for _, r := range minutes {
		wanted[r.From] = true
	}
	out := []wire.ReconLine{}
	for _, l := range lines {
		if wanted[l.Minute.String()] {
			out = append(out, wire.ReconLine{Minute: l.Minute.String(), Kind: string(l.Kind), ID: l.ID, Amount: int64(l.Amount), Status: string(l.Status)})
		}
	}
	return out
}
