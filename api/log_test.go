package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tolom/api"
	"tolom/jobs"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
)

var logKey = seal.NewPrivateKey([32]byte{77})

// sealed is a kit whose log is published and sealed by hand.
func sealed(t *testing.T) *kit {
	var k *kit
	k = newKit(t)
	k.handler, _, _ = k.node(func(d *api.Deps) { d.Trail, d.Deeds = k.memory, k.memory.Deeds() })
	return k
}

// seal numbers what happened and signs a checkpoint of it.
func (k *kit) seal() trail.Checkpoint {
	k.t.Helper()
	k.tell()
	k.clock.Advance(6 * time.Second)
	key := func(context.Context) (seal.PrivateKey, error) { return logKey, nil }
	if _, err := jobs.Seal(k.memory, key, "tolom.test/facts", "node", k.clock).Step(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	return k.checkpoint()
}

func (k *kit) checkpoint() trail.Checkpoint {
	k.t.Helper()
	c, err := trail.Open(k.asks(http.StatusOK, "/log/checkpoint"), []seal.PublicKey{logKey.Public()})
	if err != nil {
		k.t.Fatal(err)
	}
	return c
}

// asks gets an address of the log, which no document of the API describes.
func (k *kit) asks(status int, path string) string {
	k.t.Helper()
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, get(path).request())
	if w.Code != status {
		k.t.Errorf("%s: status %d instead of %d: %s", path, w.Code, status, w.Body)
	}
	return w.Body.String()
}

// tile reads a tile as somebody outside does.
func (k *kit) tile(size int64) func(trail.Name) (trail.Tile, error) {
	return func(n trail.Name) (trail.Tile, error) {
		hashes := trail.Unpack([]byte(k.asks(http.StatusOK, "/log/"+trail.Path(n, n.WidthIn(size)))))
		return trail.Tile{Level: n.Level, Number: n.Number, Hashes: hashes}, nil
	}
}

// TestAPaymentIsProvenToWhoeverKnowsIt: the proof stands by itself, and the published hashes lead from it to the newest
// checkpoint.
func TestAPaymentIsProvenToWhoeverKnowsIt(t *testing.T) {
	k := sealed(t)
	var ids []string
	for n := range int64(300) {
		_, pay := k.paid(1000 + n)
		ids = append(ids, *pay.ID)
	}
	w := httptest.NewRecorder()
	if k.handler.ServeHTTP(w, get("/log/proof/"+ids[0]).request()); w.Code != http.StatusNotFound || w.Header().Get("Retry-After") != "10" || !strings.Contains(w.Body.String(), "not sealed yet") {
		t.Errorf("before the seal: %d, %s", w.Code, w.Body)
	}
	first := k.seal()
	text := k.asks(http.StatusOK, "/log/proof/"+ids[7])
	proof, err := trail.ReadProof(text)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if c, err := proof.Check([]seal.PublicKey{logKey.Public()}); err != nil || c != first || proof.Line.Amount != 1007 || string(proof.Line.Payment) != ids[7] || proof.Line.Merchant != k.merchant.ID {
		t.Errorf("%+v, %v", proof.Line, err)
	}
	for _, secret := range []string{string(k.psp.ID), "fee", "interchange", "evt_", "bat_", "Payer A"} {
		if strings.Contains(string(proof.Line.Bytes()), secret) {
			t.Errorf("a proof tells %q", secret)
		}
	}
	for range 20 {
		k.paid(500)
	}
	second := k.seal()
	if err := trail.Follows(second, first, k.tile(second.Size)); err != nil {
		t.Errorf("the published log did not grow: %v", err)
	}
	if first.Size == second.Size || second.Size < 600 {
		t.Errorf("the log has %d and %d lines", first.Size, second.Size)
	}
	if byToken := k.asks(http.StatusOK, "/log/proof/"+ids[7][4:]); byToken == text || !strings.HasPrefix(byToken, "c2sp.org/tlog-proof@v1\n") {
		t.Error("the proof of the next checkpoint is that of the first")
	}
}

// TestThreatPublicLogTellsNothing: what is published beside proofs are hashes, whose lines hold ids that nobody guesses; a
// proof is given for a payment that succeeded, by its id.
func TestThreatPublicLogTellsNothing(t *testing.T) {
	k := sealed(t)
	r, pay := k.paid(1000)
	open := k.open(k.sell(`{"amount":500}`), "open-one", 500)
	c := k.seal()
	for path, status := range map[string]int{
		"/log/proof/" + *open.ID:      404, // it did not succeed
		"/log/proof/" + r.ID:          404,
		"/log/proof/pay_0":            404,
		"/log/proof/1":                404,
		"/log/proof/":                 404,
		"/log/deeds/proof/" + *pay.ID: 404,
		"/log/tile/entries/000":       404, // the lines themselves
		"/log/tile/0/000.p/" + strconv.FormatInt(c.Size, 10):   200,
		"/log/tile/0/000.p/" + strconv.FormatInt(c.Size+1, 10): 404,
		"/log/tile/0/000":                                                 404, // not full
		"/log/tile/1/000.p/1":                                             404,
		"/log/tile/0/x001/000.p/1":                                        404,
		"/log/tile/0/../../v1/payments":                                   404,
		"/log/deeds/tile/0/000.p/1":                                       404, // nothing of it is sealed
		"/log/tile/0/000.p/" + strings.Repeat("9", 30):                    404,
		"/log/proof/" + (*pay.ID)[:len(*pay.ID)-1] + "!":                  404,
		"/log/proof/" + strings.ToUpper(*pay.ID):                          404,
		"/log/proof/pay_" + strings.Repeat("0", len(*pay.ID)-len("pay_")): 404,
	} {
		k.asks(status, path)
	}
	items, err := k.memory.Tail(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		if i.Fact.ID[len(i.Fact.ID)-13:] == i.Fact.Batch[len(i.Fact.Batch)-13:] {
			t.Error("a fact has the random part of its commit, which its merchant is told")
		}
	}
}

// TestThreatGuessedProofs: who guesses at payments is slowed as at receipts' pages; who knows one is not.
func TestThreatGuessedProofs(t *testing.T) {
	k := sealed(t)
	_, pay := k.paid(1000)
	k.seal()
	held := 0
	k.handler, _, _ = k.node(func(d *api.Deps) {
		d.Trail = k.memory
		d.After = func(time.Duration) <-chan time.Time {
			held++
			now := make(chan time.Time, 1)
			now <- k.clock.Now()
			return now
		}
	})
	for n := range 50 {
		k.asks(http.StatusNotFound, "/log/proof/pay_"+strconv.Itoa(10+n)+(*pay.ID)[6:])
		k.asks(http.StatusOK, "/log/proof/"+*pay.ID)
	}
	if held != 20 {
		t.Errorf("%d of 50 guesses were held up", held)
	}
}

// TestAPaymentOfBeforeIsNotShown: a line that was hashed with its fee in it is not given out.
func TestAPaymentOfBeforeIsNotShown(t *testing.T) {
	k := sealed(t)
	_, pay := k.paid(1000)
	k.tell()
	items, err := k.memory.Tail(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	extend := func(hash func(trail.Line) trail.Hash) {
		t.Helper()
		tree := trail.New()
		for _, i := range items {
			tree.Append(hash(i.Line()))
		}
		root, _ := tree.Root()
		last, _ := k.memory.Checkpoint(t.Context(), 0)
		c := trail.Checkpoint{Origin: "tolom.test/facts", Number: last.Number + 1, Size: tree.Size(), Root: root, At: k.clock.Now()}
		text, err := trail.Sign(c, logKey)
		if err == nil {
			err = k.memory.Extend(t.Context(), store.Checkpoint{Number: c.Number, Size: c.Size, Text: text, At: c.At}, tree.Changed())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	extend(trail.Line.WholeHash)
	if said := k.asks(http.StatusNotFound, "/log/proof/"+*pay.ID); !strings.Contains(said, "sealed before lines of the log could be shown") {
		t.Error(said)
	}
	extend(func(l trail.Line) trail.Hash { l.Fact.Amount++; return l.Hash() })
	k.asks(http.StatusInternalServerError, "/log/proof/"+*pay.ID)
	if !strings.Contains(k.log.String(), "the log does not hold the success of a payment") {
		t.Error("nobody is told that the log does not hold a payment")
	}
}
