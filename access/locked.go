package access

import (
	"context"

	"tolom/id"
	"tolom/payment"
	"tolom/proposal"
	"tolom/store"
)

// Locked gives a desk whose secrets are encrypted before they are written and decrypted after they are read: the
// platform's private keys, and what webhooks are signed with. Nobody behind it knows of the vault.
func (v *Vault) Locked(desk store.Desk) store.Desk {
	if v == nil {
		return desk
	}
	return lockedDesk{desk, v}
}

type lockedDesk struct {
	store.Desk
	vault *Vault
}

// PlatformKeys gives the platform's keys, readable.
func (d lockedDesk) PlatformKeys() store.Shelf[store.PlatformKey] {
	return lockedShelf[store.PlatformKey]{d.Desk.PlatformKeys(), d.platformKey(d.vault.Seal), d.platformKey(d.vault.Open)}
}

// Destinations gives where files go, with our keys readable.
func (d lockedDesk) Destinations() store.Shelf[store.Destination] {
	return lockedShelf[store.Destination]{d.Desk.Destinations(), d.destination(d.vault.Seal), d.destination(d.vault.Open)}
}

func (d lockedDesk) destination(do passage) func(store.Destination) (store.Destination, error) {
	return func(x store.Destination) (_ store.Destination, err error) {
		if x.PrivateKey != "" {
			x.PrivateKey, err = do(x.PrivateKey, string(x.ID)+" destination")
		}
		return x, err
	}
}

// Endpoints gives the webhook endpoints with their secrets, readable.
func (d lockedDesk) Endpoints() store.Shelf[store.Endpoint] {
	return lockedShelf[store.Endpoint]{d.Desk.Endpoints(), d.endpoint(d.vault.Seal), d.endpoint(d.vault.Open)}
}

// MoveProposal lets a mover write secrets encrypted too: its desk is part of the commit, and has a vault like this one.
func (d lockedDesk) MoveProposal(ctx context.Context, do store.ProposalMover) error {
	return d.Desk.MoveProposal(ctx, d.locking(do))
}

// MoveProposalWithLimits does the same where limits are set.
func (d lockedDesk) MoveProposalWithLimits(ctx context.Context, l payment.Limits, do store.ProposalMover) error {
	return d.Desk.MoveProposalWithLimits(ctx, l, d.locking(do))
}

// Alone lets do write secrets encrypted too.
func (d lockedDesk) Alone(ctx context.Context, whose []id.ID, do func(context.Context, store.Desk) error) error {
	return d.Desk.Alone(ctx, whose, func(ctx context.Context, inner store.Desk) error { return do(ctx, d.vault.Locked(inner)) })
}

func (d lockedDesk) locking(do store.ProposalMover) store.ProposalMover {
	return func(ctx context.Context, inner store.Desk) (proposal.Proposal, proposal.Event, error) {
		return do(ctx, d.vault.Locked(inner))
	}
}

// passage takes a text into the vault or out of it.
type passage func(text, place string) (string, error)

func (d lockedDesk) platformKey(do passage) func(store.PlatformKey) (store.PlatformKey, error) {
	return func(k store.PlatformKey) (_ store.PlatformKey, err error) {
		k.Private, err = do(k.Private, string(k.ID)+" private")
		return k, err
	}
}

func (d lockedDesk) endpoint(do passage) func(store.Endpoint) (store.Endpoint, error) {
	return func(e store.Endpoint) (_ store.Endpoint, err error) {
		if e.Secrets, err = each(e.Secrets, string(e.ID)+" secret", do); err != nil {
			return e, err
		}
		e.Keys, err = each(e.Keys, string(e.ID)+" key", do)
		return e, err
	}
}

// lockedShelf encrypts on the way in and decrypts on the way out.
type lockedShelf[T any] struct {
	shelf   store.Shelf[T]
	in, out func(T) (T, error)
}

// Put encrypts a record and writes it.
func (s lockedShelf[T]) Put(ctx context.Context, record T) error {
	sealed, err := s.in(record)
	if err != nil {
		return err
	}
	return s.shelf.Put(ctx, sealed)
}

// Get reads a record and decrypts it.
func (s lockedShelf[T]) Get(ctx context.Context, name id.ID) (T, error) {
	record, err := s.shelf.Get(ctx, name)
	if err != nil {
		return record, err
	}
	return s.out(record)
}

// List reads records and decrypts them.
func (s lockedShelf[T]) List(ctx context.Context, owner, after id.ID, limit int) ([]T, error) {
	records, err := s.shelf.List(ctx, owner, after, limit)
	for i := 0; err == nil && i < len(records); i++ {
		records[i], err = s.out(records[i])
	}
	return records, err
}
