package trail

import (
	"cmp"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Height is how many levels of the tree one tile spans, Width how many hashes it holds when it is full.
const (
	Height = 8
	Width  = 1 << Height
)

// Tile is a piece of the tree: neighbouring hashes of one level. The hash at level L is that of Width^L lines, level 0
// is the lines'. Tiles that are full never change.
type Tile struct {
	Level  int
	Number int64
	Hashes []Hash // 1 to Width
}

// Name says which tile it is.
type Name struct {
	Level  int
	Number int64
}

// Compare orders names by level, then by number.
func (n Name) Compare(o Name) int {
	return cmp.Or(cmp.Compare(n.Level, o.Level), cmp.Compare(n.Number, o.Number))
}

// Name gives the tile's name.
func (t Tile) Name() Name { return Name{t.Level, t.Number} }

// Edge names the last tile of each level of a tree with so many lines.
func Edge(size int64) (out []Name) {
	for level := 0; size > 0; level, size = level+1, size>>Height {
		out = append(out, Name{level, (size - 1) >> Height})
	}
	return out
}

// Tiles is how many tiles a tree with so many lines has.
func Tiles(size int64) (n int64) {
	for _, last := range Edge(size) {
		n += last.Number + 1
	}
	return n
}

// Tree grows line by line. It remembers the edge only: what further lines and the root need.
type Tree struct {
	size    int64
	edge    []Tile
	changed map[Name]Tile // full ones since Changed was called
}

// ErrTiles says that tiles are not the edge of the tree.
var ErrTiles = errors.New("trail: the stored hashes are not those of a log of this length")

// Resume gives the tree of so many lines from its edge, in any order.
func Resume(size int64, edge []Tile) (*Tree, error) {
	t := New()
	t.size = size
	for _, name := range Edge(size) {
		want := int((size>>(Height*name.Level)-1)%Width) + 1
		tile, ok := find(edge, name)
		if !ok || len(tile.Hashes) != want {
			return nil, fmt.Errorf("%w: tile %d of level %d", ErrTiles, name.Number, name.Level)
		}
		t.edge = append(t.edge, Tile{name.Level, name.Number, append([]Hash(nil), tile.Hashes...)})
	}
	return t, nil
}

func find(tiles []Tile, name Name) (Tile, bool) {
	for _, t := range tiles {
		if t.Name() == name {
			return t, true
		}
	}
	return Tile{}, false
}

// New gives the tree without lines.
func New() *Tree { return &Tree{changed: map[Name]Tile{}} }

// Size is how many lines the tree has.
func (t *Tree) Size() int64 { return t.size }

// Append adds a line by its hash.
func (t *Tree) Append(leaf Hash) {
	t.size++
	t.add(0, leaf)
}

// add puts a hash at the end of a level, and when that fills a tile, the tile's own hash above it.
func (t *Tree) add(level int, h Hash) {
	if level == len(t.edge) {
		t.edge = append(t.edge, Tile{Level: level})
	}
	last := &t.edge[level]
	if len(last.Hashes) == Width {
		*last = Tile{Level: level, Number: last.Number + 1}
	}
	if last.Hashes = append(last.Hashes, h); len(last.Hashes) == Width {
		t.changed[last.Name()] = *last
		t.add(level+1, whole(last.Hashes))
	}
}

// whole is the hash of a subtree without gaps; its width is a power of two.
func whole(hashes []Hash) Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(whole(hashes[:half]), whole(hashes[half:]))
}

// Changed gives the tiles that filled since it was called last, and the edge.
func (t *Tree) Changed() (out []Tile) {
	for _, tile := range t.changed {
		out = append(out, tile)
	}
	for _, tile := range t.edge {
		if _, told := t.changed[tile.Name()]; !told {
			out = append(out, Tile{tile.Level, tile.Number, append([]Hash(nil), tile.Hashes...)})
		}
	}
	clear(t.changed)
	return out
}

// Root is the hash of all lines.
func (t *Tree) Root() (Hash, error) {
	return tlog.TreeHash(t.size, reader(func(name Name) (Tile, error) {
		if name.Level < len(t.edge) && t.edge[name.Level].Number == name.Number {
			return t.edge[name.Level], nil
		}
		return Tile{}, ErrTiles
	}))
}

// reader reads single hashes of the tree out of tiles.
func reader(tile func(Name) (Tile, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) (out []Hash, err error) {
		for _, index := range indexes {
			at := tlog.TileForIndex(Height, index)
			t, err := tile(Name{at.L, at.N})
			if err != nil {
				return nil, err
			}
			h, err := tlog.HashFromTile(at, Pack(t.Hashes), index)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrTiles, err)
			}
			out = append(out, h)
		}
		return out, nil
	})
}

// Pack writes hashes one after another, as they are kept.
func Pack(hashes []Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// Unpack reads hashes as Pack writes them; none when the bytes are no whole number of hashes.
func Unpack(b []byte) (out []Hash) {
	if len(b)%tlog.HashSize != 0 {
		return nil
	}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		out = append(out, Hash(b[:tlog.HashSize]))
	}
	return out
}
