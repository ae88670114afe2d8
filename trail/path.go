package trail

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A published log is a folder of files, as transparency logs are published (c2sp.org/tlog-tiles): the newest checkpoint, and
// tiles of hashes under their paths. Whoever has it computes every proof himself. The lines are not in it.

// CheckpointName is the newest checkpoint in a published log.
const CheckpointName = "checkpoint"

// mostLevels is how many levels of tiles the paths of a published log have.
const mostLevels = 6

// ErrPath says that a path is no tile's.
var ErrPath = errors.New("trail: a tile's path is tile/LEVEL/NUMBER, with the number in groups of three digits, and .p/WIDTH where it is not full")

// Path is where a tile with so many hashes stands in a published log.
func Path(n Name, width int) string {
	path := tlog.Tile{H: Height, L: n.Level, N: n.Number, W: width}.Path()
	return "tile/" + strings.TrimPrefix(path, fmt.Sprintf("tile/%d/", Height))
}

// ParsePath reads a path as Path writes it. ErrPath.
func ParsePath(path string) (n Name, width int, err error) {
	rest, found := strings.CutPrefix(path, "tile/")
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", Height, rest))
	if n = (Name{t.L, t.N}); !found || err != nil || t.L < 0 || t.L >= mostLevels || Path(n, t.W) != path {
		return Name{}, 0, ErrPath
	}
	return n, t.W, nil
}

// WidthIn is how many hashes a tile has in a log with so many lines; 0 when the log does not have it.
func (n Name) WidthIn(size int64) int {
	return int(min(max(size>>(Height*n.Level)-n.Number*Width, 0), Width))
}

// Cut gives the first hashes of a tile, as it was when it was so wide.
func (t Tile) Cut(width int) (Tile, error) {
	if width < 1 || len(t.Hashes) < width {
		return Tile{}, ErrTiles
	}
	t.Hashes = t.Hashes[:width]
	return t, nil
}
