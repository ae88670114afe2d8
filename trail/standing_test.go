package trail

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/seal"
)

// grown is a log of payments with all its tiles.
type grown struct {
	lines []Line
	tiles map[Name]Tile
	tree  *Tree
}

func grow(amounts ...int) *grown {
	g := &grown{tiles: map[Name]Tile{}, tree: New()}
	g.add(amounts...)
	return g
}

func (g *grown) add(amounts ...int) {
	for _, amount := range amounts {
		n := len(g.lines) + 1
		l := Line{Position: int64(n), Reader: "mer_1", Fact: payment.Fact{ID: "evt_x", Batch: "bat_x", Type: payment.PaymentSucceeded, At: at, Merchant: "mer_1", Payment: id.ID("pay_" + string(rune('a'+n%26))), Fee: 7}}
		l.Fact.Amount = money.Amount(amount)
		g.lines = append(g.lines, l)
		g.tree.Append(l.Hash())
	}
	for _, t := range g.tree.Changed() {
		g.tiles[t.Name()] = t
	}
}

func (g *grown) tile(n Name) (Tile, error) { return g.tiles[n], nil }

// sign seals the log as it is.
func (g *grown) sign(t testing.TB, number int64, key seal.PrivateKey) (string, Checkpoint) {
	t.Helper()
	root, err := g.tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	c := Checkpoint{Origin: "tolom.example/facts", Number: number, Size: g.tree.Size(), Root: root, At: at}
	text, err := Sign(c, key)
	if err != nil {
		t.Fatal(err)
	}
	return text, c
}

func (g *grown) prove(t testing.TB, position int, key seal.PrivateKey) Proof {
	t.Helper()
	text, c := g.sign(t, 1, key)
	p, err := Prove(g.lines[position-1].Shown(), text, c.Size, c.Root, g.tile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestThreatProofForged: a proof shows one line in one signed log, and nothing else.
func TestThreatProofForged(t *testing.T) {
	key := keys["Ed25519"]
	ours := []seal.PublicKey{key.Public()}
	g := grow(100, 200, 300, 400, 500, 600, 700)
	good := g.prove(t, 3, key)
	if c, err := good.Check(ours); err != nil || c.Size != 7 {
		t.Fatalf("a good proof: %v, %v", c, err)
	}
	other := grow(100, 200, 999, 400, 500, 600, 700).prove(t, 3, key)
	small := grow(100, 200)
	early, _ := small.sign(t, 1, key)
	for name, c := range map[string]struct {
		change func(p *Proof)
		want   error
	}{
		"a larger amount":               {func(p *Proof) { p.Line.Amount++ }, ErrNotInLog},
		"another payment":               {func(p *Proof) { p.Line.Payment = "pay_z" }, ErrNotInLog},
		"another time":                  {func(p *Proof) { p.Line.At = at.Add(1e6) }, ErrNotInLog},
		"another kind of fact":          {func(p *Proof) { p.Line.Type = payment.PaymentFailed }, ErrNotInLog},
		"another merchant":              {func(p *Proof) { p.Line.Merchant = "mer_2" }, ErrNotInLog},
		"another rest":                  {func(p *Proof) { p.Line.Rest[0] ^= 1 }, ErrNotInLog},
		"another place":                 {func(p *Proof) { p.Line.Position++ }, ErrNotInLog},
		"a hash changed":                {func(p *Proof) { p.Hashes[0][5] ^= 1 }, ErrNotInLog},
		"a hash less":                   {func(p *Proof) { p.Hashes = p.Hashes[1:] }, ErrNotInLog},
		"a hash more":                   {func(p *Proof) { p.Hashes = append(p.Hashes, Hash{}) }, ErrNotInLog},
		"the hashes of another line":    {func(p *Proof) { p.Hashes = g.prove(t, 4, key).Hashes }, ErrNotInLog},
		"the line of another log":       {func(p *Proof) { p.Line = other.Line }, ErrNotInLog},
		"the checkpoint of a fork":      {func(p *Proof) { p.Checkpoint = other.Checkpoint }, ErrNotInLog},
		"a checkpoint of before":        {func(p *Proof) { p.Checkpoint = early }, ErrUnsealed},
		"a checkpoint signed by nobody": {func(p *Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n7\n", "\n8\n", 1) }, ErrSigner},
		"another's checkpoint":          {func(p *Proof) { p.Checkpoint, _ = g.sign(t, 1, keys["P-256"]) }, ErrSigner},
		"no checkpoint":                 {func(p *Proof) { p.Checkpoint = "" }, ErrCheckpoint},
		"a line that a proof is not of": {func(p *Proof) { p.Line.Position = 0 }, ErrNotInLog},
	} {
		p := good
		p.Hashes = append([]Hash(nil), good.Hashes...)
		if c.change(&p); p.Text() == good.Text() {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := p.Check(ours); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestThreatProofReadTwoWays: a proof is written in one way, and every letter of it counts.
func TestThreatProofReadTwoWays(t *testing.T) {
	key := keys["Ed25519"]
	g := grow(1, 2, 3, 4, 5)
	text := g.prove(t, 2, key).Text()
	read, err := ReadProof(text)
	if err != nil || read.Text() != text {
		t.Fatalf("%v: %q", err, read.Text())
	}
	for i := range text {
		b := []byte(text)
		b[i] ^= 1
		p, err := ReadProof(string(b))
		if err == nil {
			_, err = p.Check([]seal.PublicKey{key.Public()})
		}
		if err == nil {
			t.Errorf("letter %d (%q) may be changed", i, text[i])
		}
	}
	for _, bad := range []string{"", text[:len(text)/2], " " + text, strings.Replace(text, "index 1\n", "index 01\n", 1), strings.Replace(text, "index 1\n", "index 2\n", 1),
		strings.Replace(text, "extra ", "extra "+base64.StdEncoding.EncodeToString([]byte("tolom deed 1\n")), 1)} {
		if _, err := ReadProof(bad); !errors.Is(err, ErrProof) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

func FuzzReadProof(f *testing.F) {
	f.Add(grow(1, 2, 3).prove(f, 2, keys["Ed25519"]).Text())
	f.Add("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ReadProof(text); err == nil && p.Text() != text {
			t.Errorf("%q is read as %q", text, p.Text())
		}
	})
}

// TestThreatLogThatDidNotJustGrow: each way of not growing is named.
func TestThreatLogThatDidNotJustGrow(t *testing.T) {
	key := keys["Ed25519"]
	g := grow(1, 2, 3)
	_, older := g.sign(t, 1, key)
	g.add(4, 5, 6, 7)
	_, newer := g.sign(t, 2, key)
	if err := Follows(newer, older, g.tile); err != nil {
		t.Fatalf("a log that grew: %v", err)
	}
	if err := Follows(newer, newer, g.tile); err != nil {
		t.Fatalf("a log that did not move: %v", err)
	}
	forked := grow(1, 2, 9, 4, 5, 6, 7)
	_, fork := forked.sign(t, 2, key)
	_, sideways := grow(1, 2, 9).sign(t, 1, key)
	stranger := newer
	stranger.Origin = "tolom.example/deeds"
	for name, c := range map[string]struct {
		newer, older Checkpoint
		tiles        func(Name) (Tile, error)
		want         error
		says         string
	}{
		"cut off":                 {older, newer, g.tile, ErrShorter, "checkpoint 1 covers 3 lines, checkpoint 2 covered 7"},
		"forked, of one length":   {older, sideways, g.tile, ErrForked, "cover 3 lines each"},
		"forked, and grown":       {fork, older, forked.tile, ErrForked, "checkpoint 1 over 3 lines"},
		"forked, with our hashes": {fork, older, g.tile, ErrForked, ""},
		"another log":             {stranger, older, g.tile, ErrOtherLog, "tolom.example/deeds and tolom.example/facts"},
		"hashes that are missing": {newer, older, func(Name) (Tile, error) { return Tile{}, nil }, ErrTiles, ""},
	} {
		if err := Follows(c.newer, c.older, c.tiles); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPathsOfTiles are those of published logs, each tile having one.
func TestPathsOfTiles(t *testing.T) {
	for path, want := range map[string]struct {
		name  Name
		width int
	}{"tile/0/000": {Name{0, 0}, 256}, "tile/0/x001/x234/067.p/5": {Name{0, 1_234_067}, 5}, "tile/5/255": {Name{5, 255}, 256}} {
		if got := Path(want.name, want.width); got != path {
			t.Errorf("%v is at %s, not at %s", want, got, path)
		}
		if n, w, err := ParsePath(path); err != nil || n != want.name || w != want.width {
			t.Errorf("%s: %v %d %v", path, n, w, err)
		}
	}
	for _, bad := range []string{"", "tile/", "tile/0/0", "tile/6/000", "tile/-1/000", "tile/0/000.p/256", "tile/0/000.p/0", "tile/0/000.p/05", "tile/0/1000", "tile/0/x000/001", "tile/00/001", "tile/data/000", "tile/0/../000", "tile/8/0/000"} {
		if n, w, err := ParsePath(bad); !errors.Is(err, ErrPath) {
			t.Errorf("%q is read as %v with %d", bad, n, w)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 1<<34).Draw(t, "size")
		for _, n := range Edge(size) {
			if w := n.WidthIn(size); w < 1 || w > Width || (Name{n.Level, n.Number + 1}).WidthIn(size) != 0 || n.Number > 0 && (Name{n.Level, n.Number - 1}).WidthIn(size) != Width {
				t.Fatalf("tile %v of a log of %d lines has %d hashes", n, size, w)
			}
		}
	})
}

// TestACopyOfALogIsSound: of any length, and not when any hash of it is another or missing.
func TestACopyOfALogIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := grow(make([]int, rapid.IntRange(1, 700).Draw(t, "lines"))...)
		root, _ := g.tree.Root()
		c := Checkpoint{Size: g.tree.Size(), Root: root}
		if err := Sound(c, g.tile); err != nil {
			t.Fatal(err)
		}
		var names []Name
		for n := range g.tiles {
			names = append(names, n)
		}
		name := names[rapid.IntRange(0, len(names)-1).Draw(t, "tile")]
		bad := g.tiles[name]
		bad.Hashes = append([]Hash(nil), bad.Hashes...)
		if at := rapid.IntRange(-1, len(bad.Hashes)-1).Draw(t, "hash"); at < 0 {
			bad.Hashes = bad.Hashes[1:]
		} else {
			bad.Hashes[at][0] ^= 1
		}
		if err := Sound(c, func(n Name) (Tile, error) {
			if n == name {
				return bad, nil
			}
			return g.tiles[n], nil
		}); !errors.Is(err, ErrTiles) {
			t.Fatalf("tile %v was changed: %v", name, err)
		}
	})
}
