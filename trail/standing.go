package trail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"tolom/seal"
)

// Proof shows that a line stands in the log: the line as far as it is shown, the hashes that lead from it to the root, and
// the signed checkpoint of that root. It needs nothing else but the platform's public keys.
type Proof struct {
	Line       Shown
	Hashes     []Hash
	Checkpoint string // as it was signed
}

// Why a proof is not accepted.
var (
	ErrProof    = errors.New("trail: this is no proof: give the whole text, from its first line to the signatures of its checkpoint")
	ErrNotInLog = errors.New("trail: the hashes do not lead from the line to the checkpoint: the line or the hashes were changed, or they are of another line or log")
	ErrUnsealed = errors.New("trail: the checkpoint does not cover the line yet")
)

const proofHead = "c2sp.org/tlog-proof@v1"

// Text writes the proof as proofs of transparency logs are written (c2sp.org/tlog-proof): the line is its extra data.
func (p Proof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHead, base64.StdEncoding.EncodeToString(p.Line.Bytes()), p.Line.Position-1)
	for _, h := range p.Hashes {
		b.WriteString(h.String() + "\n")
	}
	return b.String() + "\n" + p.Checkpoint
}

// ReadProof reads what Text writes, and nothing else. ErrProof; whether the proof proves anything, Check says.
func ReadProof(text string) (p Proof, err error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	rows := strings.Split(head, "\n")
	if !found || len(rows) < 3 || rows[0] != proofHead {
		return p, ErrProof
	}
	line, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(rows[1], "extra "))
	if err == nil {
		p.Line, err = ReadShown(line)
	}
	if err != nil || rows[2] != "index "+strconv.FormatInt(p.Line.Position-1, 10) {
		return Proof{}, ErrProof
	}
	for _, row := range rows[3:] {
		h, err := tlog.ParseHash(row)
		if err != nil {
			return Proof{}, ErrProof
		}
		p.Hashes = append(p.Hashes, h)
	}
	if p.Checkpoint = checkpoint; p.Text() != text {
		return Proof{}, ErrProof
	}
	return p, nil
}

// Prove makes the proof of a line out of the tiles of the log, at a checkpoint that covers it. ErrUnsealed; ErrNotInLog when
// the log has another line there.
func Prove(line Shown, checkpoint string, size int64, root Hash, tile func(Name) (Tile, error)) (Proof, error) {
	if line.Position > size {
		return Proof{}, ErrUnsealed
	}
	hashes, err := ProveLine(size, line.Position, tile)
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Line: line, Hashes: hashes, Checkpoint: checkpoint}
	return p, p.leads(Checkpoint{Size: size, Root: root})
}

func (p Proof) leads(to Checkpoint) error {
	if tlog.CheckRecord(p.Hashes, to.Size, to.Root, p.Line.Position-1, p.Line.Hash()) != nil {
		return ErrNotInLog
	}
	return nil
}

// Check says whether the line stands in the log: it opens the checkpoint with one of the keys and follows the hashes.
// ErrCheckpoint, ErrSigner, ErrUnsealed, ErrNotInLog.
func (p Proof) Check(keys []seal.PublicKey) (Checkpoint, error) {
	c, err := Open(p.Checkpoint, keys)
	switch {
	case err != nil:
		return Checkpoint{}, err
	case p.Line.Position > c.Size:
		return Checkpoint{}, fmt.Errorf("%w: it covers %d lines, and the line is number %d", ErrUnsealed, c.Size, p.Line.Position)
	}
	return c, p.leads(c)
}

// Why a log does not go on from an older checkpoint.
var (
	ErrOtherLog = errors.New("trail: the two checkpoints are of different logs")
	ErrShorter  = errors.New("trail: the log became shorter: lines were taken away that a checkpoint was signed for")
	ErrForked   = errors.New("trail: the log was forked: it does not begin with the lines that the older checkpoint was signed for")
)

// Follows says whether the log of the newer checkpoint only adds to that of the older: nil when it does. Both were opened by
// the caller. tile reads the hashes of the newer log; who lies about them is found out.
func Follows(newer, older Checkpoint, tile func(Name) (Tile, error)) error {
	switch {
	case newer.Origin != older.Origin:
		return fmt.Errorf("%w: %s and %s", ErrOtherLog, newer.Origin, older.Origin)
	case newer.Size < older.Size:
		return fmt.Errorf("%w: checkpoint %d covers %d lines, checkpoint %d covered %d", ErrShorter, newer.Number, newer.Size, older.Number, older.Size)
	case newer.Size == older.Size && newer.Root == older.Root:
		return nil
	case newer.Size == older.Size:
		return fmt.Errorf("%w: checkpoints %d and %d cover %d lines each, which are not the same", ErrForked, older.Number, newer.Number, newer.Size)
	}
	proof, err := ProveGrowth(newer.Size, older.Size, tile)
	if err != nil {
		return err
	}
	if CheckGrowth(proof, newer, older) != nil {
		return fmt.Errorf("%w: checkpoint %d over %d lines, or the hashes that were given for checkpoint %d over %d lines are not its own", ErrForked, older.Number, older.Size, newer.Number, newer.Size)
	}
	return nil
}

// Sound says whether tiles are those of the log of a checkpoint: nil when the hashes of the lines make those of all tiles
// above them, and the root. It keeps the edge only.
func Sound(c Checkpoint, tile func(Name) (Tile, error)) error {
	tree := New()
	for number := range (c.Size + Width - 1) / Width {
		leaves, err := tile(Name{0, number})
		if err != nil {
			return err
		}
		if len(leaves.Hashes) != leaves.Name().WidthIn(c.Size) {
			return fmt.Errorf("%w: tile %d of level 0", ErrTiles, number)
		}
		for _, h := range leaves.Hashes {
			tree.Append(h)
		}
		if err := agree(tree.Changed(), tile); err != nil {
			return err
		}
	}
	if root, err := tree.Root(); err != nil || root != c.Root {
		return fmt.Errorf("%w: they do not lead to the root of checkpoint %d", ErrTiles, c.Number)
	}
	return nil
}

// agree compares computed tiles above the lines with those that are given, which may be longer.
func agree(computed []Tile, tile func(Name) (Tile, error)) error {
	for _, made := range computed {
		if made.Level == 0 || len(made.Hashes) == 0 {
			continue
		}
		given, err := tile(made.Name())
		if err != nil {
			return err
		}
		if len(given.Hashes) < len(made.Hashes) || !slices.Equal(given.Hashes[:len(made.Hashes)], made.Hashes) {
			return fmt.Errorf("%w: tile %d of level %d", ErrTiles, made.Number, made.Level)
		}
	}
	return nil
}
