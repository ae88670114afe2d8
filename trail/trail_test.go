package trail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"tolom/payment"
	"tolom/seal"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func leaf(n int) Hash { return Line{Position: int64(n), Fact: payment.Fact{At: at}}.Hash() }

// TestALineAsItIsHashed freezes the bytes, of lines as they are made and as they were made before: a change here makes every
// log that exists unreadable.
func TestALineAsItIsHashed(t *testing.T) {
	l := Line{Position: 7, Reader: "mer_1", Sequence: 3, Fact: payment.Fact{
		ID: "evt_1", Batch: "b", Ordinal: 1, Type: payment.PaymentSucceeded, At: at, Merchant: "mer_1", PSP: "psp_1", Request: "pr_1",
		Payment: "pay_1", Amount: 1000, Fee: 5, Interchange: 2, Reason: "ой\n",
	}}
	before := "tolom fact 1\nposition 7\nreader 5 mer_1\nsequence 3\nid 5 evt_1\nbatch 1 b\nordinal 1\ntype 17 payment.succeeded\nat 1772442000000\n" +
		"merchant 5 mer_1\npsp 5 psp_1\nrequest 4 pr_1\npayment 5 pay_1\nrefund 0 \namount 1000\nfee 5\ninterchange 2\nreason 5 ой\n\n"
	if got := string(l.Whole()); got != before {
		t.Errorf("the bytes of before are\n%q\nwant\n%q", got, before)
	}
	kept := "tolom fact 2, kept\nreader 5 mer_1\nsequence 3\nid 5 evt_1\nbatch 1 b\nordinal 1\npsp 5 psp_1\nrequest 4 pr_1\nrefund 0 \nfee 5\nsurcharge 0\ninterchange 2\nreason 5 ой\n\n"
	sum := sha256.Sum256([]byte(kept))
	want := "tolom fact 2\nposition 7\ntype 17 payment.succeeded\nat 1772442000000\nmerchant 5 mer_1\npayment 5 pay_1\namount 1000\nrest 44 " + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
	if got := string(l.Bytes()); got != want {
		t.Errorf("the bytes are\n%q\nwant\n%q", got, want)
	}
}

// TestTilesGiveTheTree that the library computes from all hashes, also when it was put down and taken up on the way.
func TestTilesGiveTheTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 400), 1, 4).Draw(t, "added")
		var all []Hash
		plain := tlog.HashReaderFunc(func(indexes []int64) (out []Hash, err error) {
			for _, i := range indexes {
				out = append(out, all[i])
			}
			return out, nil
		})
		tree, kept, lines := New(), map[Name]Tile{}, 0
		for _, n := range sizes {
			for range n {
				lines++
				hashes, err := tlog.StoredHashesForRecordHash(int64(lines-1), leaf(lines), plain)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, hashes...)
				tree.Append(leaf(lines))
			}
			for _, tile := range tree.Changed() {
				kept[tile.Name()] = tile
			}
			var edge []Tile
			for _, name := range Edge(int64(lines)) {
				edge = append(edge, kept[name])
			}
			var err error
			if tree, err = Resume(int64(lines), edge); err != nil {
				t.Fatal(err)
			}
		}
		got, err := tree.Root()
		want, _ := tlog.TreeHash(int64(lines), plain)
		if err != nil || got != want || int64(len(kept)) != Tiles(int64(lines)) {
			t.Fatalf("%d lines: %v instead of %v (%v), %d tiles instead of %d", lines, got, want, err, len(kept), Tiles(int64(lines)))
		}
		proofs(t, kept, int64(lines), got)
	})
}

// proofs lead from a line to the root, and from an older tree to this one, and from nothing else.
func proofs(t *rapid.T, kept map[Name]Tile, size int64, root Hash) {
	tiles := func(n Name) (Tile, error) { return kept[n], nil }
	now := Checkpoint{Size: size, Root: root}
	position := rapid.Int64Range(1, size).Draw(t, "position")
	line := Line{Position: position, Fact: payment.Fact{At: at}}
	standing, err := Prove(line.Shown(), "", size, root, tiles)
	if err != nil {
		t.Fatalf("line %d of %d: %v", position, size, err)
	}
	if standing.Line.Amount = 1; standing.leads(now) == nil {
		t.Fatal("the proof of a line proves another")
	}
	older := New()
	for n := range position {
		older.Append(leaf(int(n + 1)))
	}
	before := Checkpoint{Size: position}
	before.Root, _ = older.Root()
	proof, err := ProveGrowth(size, position, tiles)
	if err != nil || CheckGrowth(proof, now, before) != nil {
		t.Fatalf("growth from %d to %d: %v", position, size, err)
	}
	if before.Root[0] ^= 1; CheckGrowth(proof, now, before) == nil {
		t.Fatal("a log that begins otherwise is called the same")
	}
}

func TestATreeIsNotTakenUpFromOtherTiles(t *testing.T) {
	full := make([]Hash, Width)
	for _, edge := range [][]Tile{nil, {{Level: 0, Number: 1, Hashes: full[:1]}}, {{Level: 0, Number: 1, Hashes: full[:2]}, {Level: 1, Hashes: full[:1]}}} {
		if _, err := Resume(Width+1, edge); err == nil {
			t.Errorf("taken up from %d tiles", len(edge))
		}
	}
}

var keys = map[string]seal.PrivateKey{"Ed25519": seal.NewPrivateKey([32]byte{1}), "P-256": p256()}

func p256() seal.PrivateKey {
	k, err := seal.NewP256Key([32]byte{3})
	if err != nil {
		panic(err)
	}
	return k
}

var sample = Checkpoint{Origin: "elcart.kg/facts", Number: 3, Size: 77, Root: Hash{9}, At: at}

// TestThreatCheckpointForged: a checkpoint is taken from the platform's keys only, and as it was signed only.
func TestThreatCheckpointForged(t *testing.T) {
	for name, key := range keys {
		text, err := Sign(sample, key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(text, []seal.PublicKey{seal.NewPrivateKey([32]byte{8}).Public(), key.Public()})
		if err != nil || got != sample {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if _, err := Open(text, []seal.PublicKey{seal.NewPrivateKey([32]byte{8}).Public()}); err != ErrSigner {
			t.Errorf("%s: another's key: %v", name, err)
		}
		for at := range text {
			for _, bit := range []byte{1, 2, 4, 32} {
				b := []byte(text)
				b[at] ^= bit
				if _, err := Open(string(b), []seal.PublicKey{key.Public()}); err == nil {
					t.Fatalf("%s: taken although byte %d was changed:\n%s", name, at, b)
				}
			}
		}
	}
}

// TestOtherToolsReadCheckpoints signed with Ed25519: the library's own verifier does.
func TestOtherToolsReadCheckpoints(t *testing.T) {
	key := keys["Ed25519"]
	text, err := Sign(sample, key)
	if err != nil {
		t.Fatal(err)
	}
	public := keyBytes(key.Public())[1:]
	encoded, err := note.NewEd25519VerifierKey(sample.Origin, public)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(encoded)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil || !strings.HasPrefix(n.Text, "elcart.kg/facts\n77\nCQAA") {
		t.Errorf("%v, %v", n, err)
	}
}

func TestALogHasAName(t *testing.T) {
	for _, origin := range []string{"", "a b", "a+b", "a\nb"} {
		if _, err := Sign(Checkpoint{Origin: origin}, keys["Ed25519"]); err != ErrOrigin {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

// TestAWitnessSignsBesideThePlatform and neither can be mistaken for the other.
func TestAWitnessSignsBesideThePlatform(t *testing.T) {
	key, witness := keys["Ed25519"], seal.NewPrivateKey([32]byte{5})
	text, err := Sign(sample, key)
	if err != nil {
		t.Fatal(err)
	}
	both, err := Cosign(text, "witness.example", witness, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(both, []seal.PublicKey{key.Public()}); err != nil {
		t.Errorf("the platform's signature under a witness's: %v", err)
	}
	for i, c := range []struct {
		text, name string
		key        seal.PublicKey
		good       bool
	}{
		{both, "witness.example", witness.Public(), true},
		{text, "witness.example", witness.Public(), false},
		{both, "other.example", witness.Public(), false},
		{both, "witness.example", key.Public(), false},
		{strings.Replace(both, "\n77\n", "\n78\n", 1), "witness.example", witness.Public(), false},
	} {
		if err := Witnessed(c.text, c.name, c.key); (err == nil) != c.good {
			t.Errorf("case %d: %v", i, err)
		}
	}
	if _, err := Cosign(text, "witness.example", keys["P-256"], at); err == nil {
		t.Error("a witness signed with a key of another kind")
	}
}

func TestHashesAreKeptAsTheyAre(t *testing.T) {
	h := []Hash{{1}, {2, 3}}
	if got := Unpack(Pack(h)); fmt.Sprint(got) != fmt.Sprint(h) {
		t.Errorf("%v", got)
	}
	if Unpack(bytes.Repeat([]byte{1}, 33)) != nil {
		t.Error("33 bytes are hashes")
	}
}
