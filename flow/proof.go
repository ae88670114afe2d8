package flow

import (
	"context"
	"errors"

	"tolom/fault"
	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/trail"
)

// Proof shows that the success of a payment stands in the log of facts, to whoever knows the payment's token or whole id. It
// tells what a receipt tells, and neither fee nor payer. log has the hashes of that log.
//
// Refused: not_found for a payment that is not there or did not succeed, and while its success is not sealed, which takes some
// seconds; then the error holds [trail.ErrUnsealed].
func (p *Platform) Proof(ctx context.Context, log store.Trail, token string) (trail.Proof, error) {
	item, err := p.success(ctx, token)
	if err != nil {
		return trail.Proof{}, err
	}
	newest, err := log.Checkpoint(ctx, 0)
	if errors.Is(err, store.ErrNotFound) || err == nil && newest.Size < item.Position {
		return trail.Proof{}, unsealed()
	}
	if err != nil {
		return trail.Proof{}, fault.Wrap(fault.OutOfService, err)
	}
	c, err := trail.Unverified(newest.Text)
	if err != nil {
		return trail.Proof{}, err
	}
	tiles := func(n trail.Name) (trail.Tile, error) { return store.OneTile(ctx, log, n) }
	proof, err := trail.Prove(item.Line().Shown(), newest.Text, c.Size, c.Root, tiles)
	if errors.Is(err, trail.ErrNotInLog) {
		return trail.Proof{}, notShown(item, tiles)
	}
	return proof, err
}

// success finds the fact that a payment succeeded.
func (p *Platform) success(ctx context.Context, token string) (store.FeedItem, error) {
	name, err := parse(id.Payment, token)
	if err != nil {
		return store.FeedItem{}, err
	}
	pay, err := p.read.Payment(ctx, name)
	switch {
	case err != nil:
		return store.FeedItem{}, missing(err)
	case pay.Status != payment.Succeeded:
		return store.FeedItem{}, fault.New(fault.NotFound).Because("the payment did not succeed, so there is no success to prove")
	}
	item, err := p.read.SuccessOf(ctx, pay)
	if errors.Is(err, store.ErrNotFound) {
		return item, unsealed()
	}
	return item, missing(err)
}

func unsealed() error {
	return fault.Wrap(fault.NotFound, trail.ErrUnsealed).Because("the payment is not sealed yet: a checkpoint is signed every few seconds, ask again in ten")
}

// notShown says why a line that is there cannot be proven: it was sealed when lines were hashed in one piece, with the
// merchant's fee in it, or the log does not hold it.
func notShown(item store.FeedItem, tile func(trail.Name) (trail.Tile, error)) error {
	line := item.Line()
	at := (line.Position - 1) % trail.Width
	leaves, err := tile(trail.Name{Number: (line.Position - 1) / trail.Width})
	if err == nil && int64(len(leaves.Hashes)) > at && leaves.Hashes[at] == line.WholeHash() {
		return fault.New(fault.NotFound).Because("the payment was sealed before lines of the log could be shown in part; `tolom audit verify` covers it")
	}
	return fault.Wrap(fault.InternalError, errors.Join(errors.New("flow: the log does not hold the success of a payment; `tolom audit verify` says more"), err))
}
