package main

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/jobs"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/world"
)

// ledgered is a platform on a file whose log was sealed.
type ledgered struct {
	*testing.T
	dir   string
	dsn   string
	store store.Store
	clock *world.Manual
	app   *app
}

func newLedgered(t *testing.T) *ledgered { return ledgeredAt(t, world.System().Clock.Now()) }

// ledgeredAt is one whose clock begins at a moment.
func ledgeredAt(t *testing.T, moment time.Time) *ledgered {
	l := &ledgered{T: t, dir: t.TempDir()}
	l.dsn = "sqlite:" + l.dir + "/tolom.db"
	w, clock := world.Simulated(moment, 3)
	s, err := store.Open(t.Context(), l.dsn, store.Options{Clock: clock})
	l.must(err)
	t.Cleanup(func() { l.must(s.Close()) })
	l.store, l.clock = s, clock
	registry := flow.NewRegistry(s, access.New(s, clock), w)
	l.app = &app{world: w, store: s, desk: s, registry: registry, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	l.must(l.app.openRing(t.Context()))
	return l
}

func (l *ledgered) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// grow writes facts and seals them.
func (l *ledgered) grow(facts int) {
	l.Helper()
	for range facts {
		now := l.clock.Now()
		batch := store.Batch{ID: world.NewID(l.app.world, id.Batch, 3), Bucket: 3}
		f := payment.Fact{ID: world.NewID(l.app.world, id.Event, 3), Batch: batch.ID, Type: payment.RequestWasScanned, At: now, Merchant: "mer_a", Amount: 7}
		tx, err := l.store.Begin(l.Context())
		l.must(err)
		_, err = tx.Claim(l.Context(), batch, nil)
		l.must(err)
		l.must(tx.Save(l.Context(), store.Changes{Batch: batch, Now: now, Facts: []payment.Fact{f}}))
		l.must(tx.Commit(l.Context()))
	}
	_, err := l.store.Sequence(l.Context(), 1000)
	l.must(err)
	l.seal()
}

func (l *ledgered) seal() {
	l.Helper()
	_, err := jobs.Seal(l.store, l.app.signing, "tolom.example/facts", "a node", l.clock).Step(l.Context())
	l.must(err)
	l.clock.Advance(6e9)
}

// file writes a file and gives its path.
func (l *ledgered) file(name, text string) string {
	l.Helper()
	l.must(os.WriteFile(l.dir+"/"+name, []byte(text), 0o600))
	return l.dir + "/" + name
}

// publicKey writes down the platform's public key.
func (l *ledgered) publicKey() string {
	l.Helper()
	keys, err := l.app.ring.Keys(l.Context())
	l.must(err)
	text, err := keys.Signing.Public().Text()
	l.must(err)
	return l.file("platform.pem", "-----BEGIN PUBLIC KEY-----\n"+text+"\n-----END PUBLIC KEY-----\n")
}

// run runs a command and gives what it says.
func (l *ledgered) run(c interface {
	Run(context.Context, *stdio) error
}) (string, error) {
	var out bytes.Buffer
	err := c.Run(l.Context(), &stdio{In: strings.NewReader(""), Out: &out})
	return out.String(), err
}

func TestTheLogOfFactsIsVerifiedOffline(t *testing.T) {
	l := newLedgered(t)
	if _, err := l.run(&auditCheckpointCmd{DB: l.dsn}); err == nil || !strings.Contains(err.Error(), "nothing was sealed yet") {
		t.Errorf("a checkpoint of nothing: %v", err)
	}
	l.grow(5)
	kept, err := l.run(&auditCheckpointCmd{DB: l.dsn})
	if err != nil || !strings.HasPrefix(kept, "tolom.example/facts\n5\n") {
		t.Fatalf("%q, %v", kept, err)
	}
	l.grow(300)
	verify := &auditVerifyCmd{DB: l.dsn, Checkpoint: []string{l.file("kept", kept)}, Key: []string{l.publicKey()}}
	said, err := l.run(verify)
	if err != nil || !strings.Contains(said, "305 lines, 2 checkpoints; 0 lines came after") || !strings.Contains(said, "as it was sealed") {
		t.Errorf("%s, %v", said, err)
	}
	if said, err = l.run(&auditVerifyCmd{DB: l.dsn}); err != nil || !strings.Contains(said, "only a --checkpoint that was kept outside") {
		t.Errorf("without what was kept: %s, %v", said, err)
	}
	l.sql("UPDATE fact SET amount = 8 WHERE id = (SELECT fact FROM feed WHERE position = 17)")
	said, err = l.run(verify)
	if err == nil || !strings.HasPrefix(said, "position 17, fact evt_") {
		t.Errorf("a changed amount: %s, %v", said, err)
	}
}

// sql does what somebody with the database file may do.
func (l *ledgered) sql(statements ...string) {
	l.Helper()
	d, err := sql.Open("sqlite", l.dir+"/tolom.db")
	l.must(err)
	defer d.Close()
	for _, s := range statements {
		_, err := d.Exec(s)
		l.must(err)
	}
}

// TestThreatAuditLogCutOff: who cuts lines off the end and all that was signed of them, is told apart by a checkpoint
// that was kept outside, and by a witness, who signs no more.
func TestThreatAuditLogCutOff(t *testing.T) {
	l := newLedgered(t)
	l.grow(5)
	witness := &auditWitnessCmd{DB: l.dsn, Name: "witness.example", State: l.dir + "/state", Key: []string{l.publicKey()}, Sign: l.witnessKey()}
	if _, err := l.run(witness); err != nil {
		t.Fatalf("the first signature: %v", err)
	}
	l.grow(20)
	both, err := l.run(witness)
	if err != nil || strings.Count(both, "\n— ") != 2 || !strings.Contains(both, "\n— witness.example ") {
		t.Fatalf("the next signature: %s, %v", both, err)
	}
	kept := l.file("kept", both)
	l.sql("DELETE FROM fact WHERE id IN (SELECT fact FROM feed WHERE position > 5)", "DELETE FROM batch WHERE position > 5", "DELETE FROM feed WHERE position > 5",
		"DELETE FROM trail_checkpoint WHERE number > 1", "UPDATE trail_tile SET hashes = substr(hashes, 1, 160)", "UPDATE feed_head SET last = 5")
	if said, err := l.run(&auditVerifyCmd{DB: l.dsn}); err != nil {
		t.Fatalf("the cut was not clean: %s, %v", said, err)
	}
	said, err := l.run(&auditVerifyCmd{DB: l.dsn, Checkpoint: []string{kept}})
	if err == nil || !strings.HasPrefix(said, "position 6: it is missing: the checkpoint that was kept outside covers 25 lines") {
		t.Errorf("against what was kept: %s, %v", said, err)
	}
	if _, err := l.run(witness); err == nil || !strings.Contains(err.Error(), "not signed") {
		t.Errorf("a witness signed a log that became shorter: %v", err)
	}
	l.clock.Advance(6e9)
	l.grow(40) // other lines in place of those that were cut off
	if _, err := l.run(witness); err == nil || !strings.Contains(err.Error(), "does not begin with the lines that the older checkpoint was signed for: checkpoint 2 over 25 lines") {
		t.Errorf("a witness signed a log that was made anew: %v", err)
	}
}

func (l *ledgered) witnessKey() string {
	l.Helper()
	text, err := seal.NewPrivateKey([32]byte{44}).PEM()
	l.must(err)
	return l.file("witness.pem", text)
}

// TestDeedsAreVerifiedOffline: who signed in and who proposed what is in a second log, which the same command computes again;
// what was changed in the file, though the database refuses it, is named.
func TestDeedsAreVerifiedOffline(t *testing.T) {
	l := newLedgered(t)
	l.grow(3)
	for _, login := range []string{"first", "second"} {
		_, err := l.app.registry.AddOperator(t.Context(), login, "correct horse battery")
		l.must(err)
	}
	seal := func() {
		_, err := jobs.SealDeeds(l.store, l.app.signing, "tolom.example/deeds", "a node", l.clock).Step(t.Context())
		l.must(err)
		l.clock.Advance(6e9)
	}
	seal()
	kept, err := l.run(&auditCheckpointCmd{DB: l.dsn, logOf: logOf{Deeds: true}})
	if err != nil || !strings.HasPrefix(kept, "tolom.example/deeds\n2\n") {
		t.Fatalf("%q, %v", kept, err)
	}
	_, err = l.app.registry.AddOperator(t.Context(), "third", "correct horse battery")
	l.must(err)
	seal()
	witness := &auditWitnessCmd{DB: l.dsn, Name: "witness.example", State: l.dir + "/deeds", Key: []string{l.publicKey()}, Sign: l.witnessKey(), logOf: logOf{Deeds: true}}
	if both, err := l.run(witness); err != nil || !strings.HasPrefix(both, "tolom.example/deeds\n3\n") {
		t.Errorf("a witness: %s, %v", both, err)
	}
	verify := &auditVerifyCmd{DB: l.dsn, Checkpoint: []string{l.file("kept", kept)}, Key: []string{l.publicKey()}}
	if said, err := l.run(verify); err != nil || !strings.Contains(said, "3 lines, 2 checkpoints") || !strings.Contains(said, "the log of deeds is as it was sealed") {
		t.Fatalf("%s, %v", said, err)
	}
	l.sql("DROP TRIGGER person_event_no_update", "UPDATE person_event SET done_by = 'prs_another' WHERE id = (SELECT name FROM deed WHERE position = 2)")
	said, err := l.run(verify)
	if err == nil || !strings.Contains(said, "position 2, person_event ") || !strings.Contains(said, "the log of facts is as it was sealed") {
		t.Errorf("a changed event: %s, %v", said, err)
	}
}
