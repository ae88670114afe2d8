// Package operator is the operator API, /operator/v1: how staff of the processing centre registers participants,
// merchants and PSPs, gives keys, suspends, and sets tariffs and limits. Every rule is decided behind it, in flow.
package operator

import (
	"context"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
)

// Desk is what the operations work with.
type Desk struct {
	Registry *flow.Registry
	Platform *flow.Platform
	// Proposals is four eyes: what touches money, keys and limits goes through it.
	Proposals *flow.Proposals
	// Recon has the comparisons of books.
	Recon *flow.Reconciler
	// Files has the files of closed days.
	Files *flow.Files
	// Days are the business days.
	Days *flow.BusinessDays
	// FileKeys says that the platform's keys come from a file and none are made here.
	FileKeys bool
}

// Mount adds the operations to the door.
func (k *Desk) Mount(d *gate.Door) {
	k.mountParticipants(d)
	k.mountMerchants(d)
	k.mountTariffs(d)
	k.mountPlaces(d)
	k.mountPSPs(d)
	k.mountLimits(d)
	k.mountKeys(d)
	k.mountTillAccess(d)
	k.mountPSPKeys(d)
	k.mountCertificates(d)
	k.mountPlatformKeys(d)
	k.mountProposals(d)
	k.mountDays(d)
	k.mountUnpayable(d)
	k.mountRecon(d)
	k.mountFiles(d)
}

// Named is the input of operations on one object.
type Named struct {
	ID string `path:"id"`
}

type answer[T any] struct{ Body T }

// identify reads the id of a path; text of another shape names nothing.
func identify(k id.Kind, text string) (id.ID, error) {
	i, err := id.Parse(k, text)
	if err != nil {
		return "", fault.New(fault.NotFound)
	}
	return i, nil
}

// reference reads an id of a body, and names the field when it is none.
func reference(k id.Kind, param, text string) (id.ID, error) {
	i, err := id.Parse(k, text)
	if err != nil {
		return "", fault.New(fault.InvalidRequest).On(param).Because(param + " is an id that begins with " + string(k))
	}
	return i, nil
}

// Page is the input of every list.
type Page struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most"`
	After string `query:"after" doc:"The after of the page before"`
}

// owned narrows a list to an owner.
type owned struct {
	Page
	Owner string `query:"merchant_id" doc:"Of one merchant"`
}

// List is a page of a list.
type List[T any] struct {
	Data    []T    `json:"data"`
	HasMore bool   `json:"has_more"`
	After   string `json:"after,omitempty" doc:"Give it back as ?after= for the next page"`
}

// listed reads a page of a shelf. It asks for one record more than it shows.
func listed[R, T any](ctx context.Context, shelf store.Shelf[R], owner string, p Page, render func(R) T, idOf func(R) id.ID) (*answer[List[T]], error) {
	rows, err := shelf.List(ctx, id.ID(owner), id.ID(p.After), p.Limit+1)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	out := List[T]{Data: []T{}, HasMore: len(rows) > p.Limit}
	if out.HasMore {
		rows = rows[:p.Limit]
		out.After = string(idOf(rows[len(rows)-1]))
	}
	for _, r := range rows {
		out.Data = append(out.Data, render(r))
	}
	return &answer[List[T]]{out}, nil
}

// shown answers with a record that was written.
func shown[R, T any](record R, err error, render func(R) T) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{render(record)}, nil
}
