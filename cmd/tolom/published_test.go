package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tolom/client"
	"tolom/jobs"
	"tolom/seal"
	"tolom/trail"
	"tolom/wire"
	"tolom/world"
)

// shown is a platform at an address, whose log anybody reads.
type shown struct {
	*cage
	url   string
	dir   string
	keys  []string
	clock *world.Manual // of the sealing
	count int
}

func newShown(t *testing.T) *shown {
	s := &shown{cage: newCage(t), dir: t.TempDir(), clock: world.NewManual(time.Now().Truncate(time.Millisecond))}
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.keys = []string{s.file("jwks.json", string(s.asks("GET", "/.well-known/jwks.json", "")))}
	return s
}

func (s *shown) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shown) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	s.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

var signedText = regexp.MustCompile(`data-receipt-text>([^<]+)<`)

// pays makes a payment and gives its signed receipt.
func (s *shown) pays(amount int64) string {
	s.t.Helper()
	s.count++
	ctx, name := s.t.Context(), fmt.Sprint("shown-", s.count)
	r, err := client.New(s.url, s.secrets["key of the merchant"]).Merchant().CreateRequest(ctx, wire.NewPaymentRequest{Amount: amount})
	s.must(err)
	bank := client.New(s.url, s.secrets["key of the PSP"]).PSP()
	p, err := bank.Create(ctx, wire.NewPSPPayment{PSPPaymentID: name, Payload: r.Payload, Amount: amount, Currency: "KGS", Payer: wire.Payer{Key: name, Kind: "person"}})
	s.must(err)
	_, err = bank.Execute(ctx, *p.ID)
	s.must(err)
	found := signedText.FindSubmatch(s.asks("GET", "/r/"+(*p.ID)[4:], ""))
	if found == nil {
		s.t.Fatal("no signed receipt")
	}
	return string(found[1])
}

// seal signs a checkpoint of all that happened, and keeps it.
func (s *shown) seal(name string) (path string) {
	s.t.Helper()
	_, err := s.app.store.Sequence(s.t.Context(), 1000)
	s.must(err)
	s.clock.Advance(6 * time.Second)
	_, err = jobs.Seal(s.app.store, s.app.signing, s.app.settings.Provider+factsLog, "a node", s.clock).Step(s.t.Context())
	s.must(err)
	return s.file(name, string(s.asks("GET", "/log/checkpoint", "")))
}

// says runs a command.
func (s *shown) says(c interface {
	Run(context.Context, *stdio) error
}) (string, error) {
	var out bytes.Buffer
	err := c.Run(s.t.Context(), &stdio{In: strings.NewReader(""), Out: &out})
	return out.String(), err
}

// TestAReceiptStandsInThePublishedLog: with the platform's address, with a copy of the log and a proof that was kept, and
// with a checkpoint of before.
func TestAReceiptStandsInThePublishedLog(t *testing.T) {
	s := newShown(t)
	receipt := s.pays(15050)
	verify := receiptVerifyCmd{Receipt: receipt, Key: s.keys}
	online := verify
	online.Log = s.url
	if said, err := s.says(&online); err == nil || said != "" || !strings.Contains(err.Error(), "not sealed yet") {
		t.Errorf("before it was sealed: %q, %v", said, err)
	}
	first := s.seal("first")
	said, err := s.says(&online)
	if err != nil || !strings.HasPrefix(said, "real: signed by the platform\n") || !strings.Contains(said, "\nin log    line ") || !strings.Contains(said, "under checkpoint 1 over ") {
		t.Fatalf("%q, %v", said, err)
	}
	read, err := seal.ReadReceipt(receipt, mustKeys(t, s.keys))
	s.must(err)
	offline := verify
	offline.Proof = s.file("proof", string(s.asks("GET", "/log/proof/"+read.Payment, "")))
	if said, err := s.says(&offline); err != nil || !strings.Contains(said, "under checkpoint 1 over ") {
		t.Errorf("with the proof alone: %q, %v", said, err)
	}
	for range 300 {
		s.pays(100)
	}
	second := s.seal("second")
	copied := filepath.Join(s.dir, "copy")
	if said, err := s.says(&auditCopyCmd{logAt{Log: s.url, Key: s.keys}, copied}); err != nil || !strings.Contains(said, "under checkpoint 2") {
		t.Fatalf("a copy: %q, %v", said, err)
	}
	offline.Log, offline.Checkpoint = copied, []string{first, second}
	if said, err := s.says(&offline); err != nil || !strings.Contains(said, "under checkpoint 1 over ") {
		t.Errorf("with a copy and what was kept: %q, %v", said, err)
	}
	offline.Log = ""
	if _, err := s.says(&offline); err == nil || !strings.Contains(err.Error(), "shorter") {
		t.Errorf("against a checkpoint after the proof's: %v", err)
	}
	offline.Checkpoint = []string{first}
	if _, err := s.says(&offline); err != nil {
		t.Errorf("against the proof's own checkpoint: %v", err)
	}
	s.follows(first, second, copied)
}

// follows has somebody follow the log by what was kept.
func (s *shown) follows(first, second, copied string) {
	s.t.Helper()
	follow := auditFollowCmd{logAt: logAt{Log: s.url, Key: s.keys}, Since: []string{first}, Keep: true}
	said, err := s.says(&follow)
	if err != nil || !strings.Contains(said, "the log only grew, from ") || !strings.Contains(said, "(checkpoint 2 ") {
		s.t.Errorf("%q, %v", said, err)
	}
	kept, err := os.ReadFile(first)
	s.must(err)
	newest, err := os.ReadFile(second)
	s.must(err)
	if !bytes.Equal(kept, newest) {
		s.t.Error("the newest checkpoint was not kept")
	}
	witness := auditWitnessCmd{Log: copied, Name: "witness.example", Sign: s.witness(), Key: s.keys, State: filepath.Join(s.dir, "state")}
	if said, err := s.says(&witness); err != nil || !strings.Contains(said, "\n— witness.example ") {
		s.t.Errorf("a witness over a copy: %q, %v", said, err)
	}
	if said, err := s.says(&auditFollowCmd{logAt: logAt{Log: s.url, Key: s.keys, Deeds: true}, Since: []string{first}}); err == nil {
		s.t.Errorf("the log of deeds goes on from that of facts: %s", said)
	}
}

func (s *shown) witness() string {
	text, err := seal.NewPrivateKey([32]byte{44}).PEM()
	s.must(err)
	return s.file("witness.pem", text)
}

func mustKeys(t *testing.T, paths []string) []seal.PublicKey {
	t.Helper()
	keys, err := readPublic(paths)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestThreatReceiptOutsideTheLog: each way in which a signed receipt does not stand in the log is refused with a sentence that
// names it, and nothing is called real.
func TestThreatReceiptOutsideTheLog(t *testing.T) {
	s := newShown(t)
	receipt, other := s.pays(15050), s.pays(700)
	first := s.seal("first")
	proofOf := func(text string) string {
		r, err := seal.ReadReceipt(text, mustKeys(t, s.keys))
		s.must(err)
		return string(s.asks("GET", "/log/proof/"+r.Payment, ""))
	}
	proof, foreign := proofOf(receipt), proofOf(other)
	copied := filepath.Join(s.dir, "copy")
	_, err := s.says(&auditCopyCmd{logAt{Log: s.url, Key: s.keys}, copied})
	s.must(err)
	s.pays(300)
	second := s.seal("second")
	forged, forgedFirst := s.fork(receipt, first)
	read, err := trail.ReadProof(proof)
	s.must(err)
	wrong := read
	wrong.Hashes = append([]trail.Hash{{1}}, read.Hashes[1:]...)
	edited := filepath.Join(s.dir, "edited")
	_, err = s.says(&auditCopyCmd{logAt{Log: s.url, Key: s.keys}, edited})
	s.must(err)
	tile := filepath.Join(edited, "tile", "0", filepath.Base(glob(t, edited)))
	b, err := os.ReadFile(filepath.Join(tile, onlyFile(t, tile)))
	s.must(err)
	b[len(b)-1] ^= 1
	s.must(os.WriteFile(filepath.Join(tile, onlyFile(t, tile)), b, 0o600))
	for name, c := range map[string]struct {
		verify receiptVerifyCmd
		want   string
	}{
		"the proof of another payment":  {receiptVerifyCmd{Proof: s.file("p1", foreign)}, "the proof is of another payment: pay_"},
		"hashes of nothing":             {receiptVerifyCmd{Proof: s.file("p2", wrong.Text())}, "the hashes do not lead from the line to the checkpoint"},
		"half a proof":                  {receiptVerifyCmd{Proof: s.file("p3", proof[:200])}, "this is no proof"},
		"a proof of no platform":        {receiptVerifyCmd{Proof: s.file("p4", strings.Replace(proof, "number 1\n", "number 2\n", 1))}, "signed by none of the given keys"},
		"a fork by the platform itself": {receiptVerifyCmd{Proof: s.file("p5", forged), Log: s.url}, "the log was forked"},
		"a fork, against what was kept": {receiptVerifyCmd{Proof: s.file("p6", forged), Checkpoint: []string{first}}, "the log was forked"},
		"a kept checkpoint of a fork":   {receiptVerifyCmd{Proof: s.file("p7", proof), Log: s.url, Checkpoint: []string{s.file("f1", forgedFirst)}}, "the log was forked"},
		"a log that became shorter":     {receiptVerifyCmd{Proof: s.file("p8", proof), Log: copied, Checkpoint: []string{second}}, "the log became shorter"},
		"a copy that was changed":       {receiptVerifyCmd{Proof: s.file("p9", proof), Log: edited}, "the log was forked"},
		"no log there":                  {receiptVerifyCmd{Proof: s.file("p10", proof), Log: t.TempDir()}, "no checkpoint"},
		"no proof there":                {receiptVerifyCmd{Log: copied}, "no proof"},
		"a checkpoint and no log":       {receiptVerifyCmd{Checkpoint: []string{first}}, "give --proof or --log"},
		"an older checkpoint, no log":   {receiptVerifyCmd{Proof: s.file("p11", proofOf(receipt)), Checkpoint: []string{first}}, "give --log too"},
	} {
		c.verify.Receipt, c.verify.Key = receipt, s.keys
		if said, err := s.says(&c.verify); err == nil || said != "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
	if _, err := s.says(&auditFollowCmd{logAt: logAt{Log: edited, Key: s.keys}, Since: []string{first}}); !errors.Is(err, trail.ErrForked) {
		t.Errorf("a changed copy is followed: %v", err)
	}
	if _, err := s.says(&auditCopyCmd{logAt{Log: edited, Key: s.keys}, t.TempDir()}); !errors.Is(err, trail.ErrTiles) {
		t.Errorf("a changed copy is copied: %v", err)
	}
	s.must(os.WriteFile(filepath.Join(copied, trail.CheckpointName), []byte(forgedFirst), 0o600))
	if _, err := s.says(&auditCopyCmd{logAt{Log: s.url, Key: s.keys}, copied}); !errors.Is(err, trail.ErrForked) {
		t.Errorf("a copy of a fork goes on: %v", err)
	}
}

// glob gives the folder of the last tile of the lines.
func glob(t *testing.T, root string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "tile", "0", "*.p"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0].Name()
}

// fork is what a platform may do that has its own keys: another log of the same length with the same payment in it, which it
// shows to one person alone.
func (s *shown) fork(receipt, first string) (proof, checkpoint string) {
	s.t.Helper()
	r, err := seal.ReadReceipt(receipt, mustKeys(s.t, s.keys))
	s.must(err)
	kept, err := readCheckpoint(first, &stdio{}, mustKeys(s.t, s.keys))
	s.must(err)
	items, err := s.app.store.Tail(s.t.Context(), 0, int(kept.Size))
	s.must(err)
	tree, tiles, line := trail.New(), map[trail.Name]trail.Tile{}, trail.Shown{}
	for _, i := range items {
		l := i.Line()
		if string(l.Fact.Payment) == r.Payment {
			line = l.Shown()
		} else {
			l.Fact.Amount += 1000
		}
		tree.Append(l.Hash())
	}
	for _, t := range tree.Changed() {
		tiles[t.Name()] = t
	}
	kept.Root, err = tree.Root()
	s.must(err)
	key, err := s.app.signing(s.t.Context())
	s.must(err)
	checkpoint, err = trail.Sign(kept, key)
	s.must(err)
	p, err := trail.Prove(line, checkpoint, kept.Size, kept.Root, func(n trail.Name) (trail.Tile, error) { return tiles[n], nil })
	s.must(err)
	return p.Text(), checkpoint
}
