package trail

import "golang.org/x/mod/sumdb/tlog"

// ProveLine gives the hashes that lead from the line at a position to the root of the tree with so many lines.
func ProveLine(size, position int64, tile func(Name) (Tile, error)) ([]Hash, error) {
	return tlog.ProveRecord(size, position-1, reader(tile))
}

// ProveGrowth gives the hashes that show that the tree of the newer size begins with all lines of the older.
func ProveGrowth(newer, older int64, tile func(Name) (Tile, error)) ([]Hash, error) {
	return tlog.ProveTree(newer, older, reader(tile))
}

// CheckGrowth says whether a proof shows that the newer checkpoint only adds to the older: nil when it does.
func CheckGrowth(proof []Hash, newer, older Checkpoint) error {
	return tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root)
}
