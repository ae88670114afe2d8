package store

import (
	"strings"
	"testing"
)

// Watch notes every statement that stores on PostgreSQL are given, for tests
// outside of this package.
type Watch struct{ notes *notes }

// NewWatch makes one without notes.
func NewWatch() Watch { return Watch{newNotes()} }

// Over gives the same store, watched.
func (w Watch) Over(s Store) Store { return &sqlStore{&watched{s.(*sqlStore).d, w.notes}} }

// CheckPlans plans every noted statement on a database with enough in it, at dsn, and
// fails for one that reads a table or an index whole; those of batches also by the plan
// that is kept for any arguments.
func (w Watch) CheckPlans(t *testing.T, dsn string) {
	d := openServer(t, dsn)
	defer d.Close()
	town := newTown(t, &sqlStore{d})
	town.fill()
	if len(w.notes.asked) < 80 {
		t.Errorf("only %d statements were noted", len(w.notes.asked))
	}
	for text, args := range w.notes.asked {
		if strings.Contains(text, "substr(t.scope") && !strings.Contains(text, "LIKE 'idem:%'") {
			continue // no pass forgets names but idempotency keys, which have an index
		}
		dialects[1].check(t, d, text, args)
	}
	dialects[1].checkKept(t, d, w.notes.kept)
}
