package archive

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"tolom/books"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/seal"
	"tolom/trail"
)

// Month is what an archive of a month says, once it is read to its end.
type Month struct {
	Month, Digest, Previous string
	From, To                int64 // positions (From, To]
	Facts, Entries          int64
	Payments, Refunds       int64        // that succeeded in the month
	Paid, Refunded          money.Amount // by them, without what was paid on top
	Sealed                  trail.Checkpoint
}

// ReadMonth reads an archive, and checks it against itself: that it is whole, its positions
// without gaps, and each fact's entries what its kind moves. With keys it is checked against
// the log too: its lines, hashed, must be those that a checkpoint signed with one of them
// begins with. ErrDamaged.
func ReadMonth(path string, keys []seal.PublicKey) (Month, error) {
	r := monthReader{want: map[id.ID]ledger.Transfer{}}
	err := openFile(path, func(from io.Reader) (err error) {
		r.Digest, err = read(from, r.line)
		return err
	})
	if err == nil {
		err = r.whole(keys)
	}
	if err != nil {
		return Month{}, fmt.Errorf("%s: %w", path, err)
	}
	return r.Month, nil
}

type monthReader struct {
	Month
	head monthHead
	tree *trail.Tree
	want map[id.ID]ledger.Transfer // entries that are still to come
}

func (r *monthReader) line(line []byte) error {
	if r.tree == nil {
		if err := json.Unmarshal(line, &r.head); err != nil || r.head.Format != monthFormat || r.head.From < 0 || r.head.To < r.head.From {
			return fmt.Errorf("%w: it does not begin as an archive of a month does", ErrDamaged)
		}
		r.Month.Month, r.From, r.To, r.Previous = r.head.Month, r.head.From, r.head.To, r.head.Previous
		var err error
		r.tree, err = trail.Resume(r.From, r.head.Edge)
		return err
	}
	var l monthLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	switch {
	case l.Fact != nil:
		return r.fact(l.Fact)
	case l.Entry != nil:
		want := r.want[l.Entry.Fact]
		if len(want) == 0 || want[0] != l.Entry.Entry {
			return fmt.Errorf("%w: fact %s does not move %d tyiyn from %s to %s", ErrDamaged, l.Entry.Fact, l.Entry.Amount, l.Entry.Debit.Code, l.Entry.Credit.Code)
		}
		r.Entries++
		if r.want[l.Entry.Fact] = want[1:]; len(want) == 1 {
			delete(r.want, l.Entry.Fact)
		}
	}
	return nil
}

func (r *monthReader) fact(f *factLine) error {
	if f.Position != r.From+r.Facts+1 {
		return fmt.Errorf("%w: position %d follows %d", ErrDamaged, f.Position, r.From+r.Facts)
	}
	r.Facts++
	r.tree.Append(f.hash())
	r.tree.Changed() // Only the edge is needed.
	if moves := books.Transfer(f.Fact); len(moves) > 0 {
		r.want[f.Fact.ID] = slices.Clone(moves)
	}
	switch f.Fact.Type {
	case payment.PaymentSucceeded:
		r.Payments++
		r.Paid += f.Fact.Amount
	case payment.RefundDidSucceed:
		r.Refunds++
		r.Refunded += f.Fact.Amount
	}
	return nil
}

// whole judges what is known at the end.
func (r *monthReader) whole(keys []seal.PublicKey) error {
	switch {
	case r.tree == nil || r.Facts != r.To-r.From:
		return fmt.Errorf("%w: it has %d facts for the positions %d to %d", ErrDamaged, r.Facts, r.From+1, r.To)
	case len(r.want) > 0:
		return fmt.Errorf("%w: the entries of %d facts are not there", ErrDamaged, len(r.want))
	case keys == nil:
		return nil
	}
	sealed, err := trail.Open(r.head.Checkpoint, keys)
	if err != nil {
		return err
	}
	root, err := r.tree.Root()
	if err != nil {
		return err
	}
	if err := trail.CheckGrowth(r.head.Proof, sealed, trail.Checkpoint{Size: r.To, Root: root}); err != nil {
		return fmt.Errorf("%w: its facts are not those that were sealed: %w", ErrDamaged, err)
	}
	r.Sealed = sealed
	return nil
}
