package operator

import (
	"context"
	"errors"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

type newStore struct{ Body NewStore }

type newTill struct{ Body NewTill }

type newPSP struct {
	Because
	Body NewPSP
}

func storeOut(s store.Place) Store {
	return Store{ID: string(s.ID), MerchantID: string(s.Merchant), Name: s.Name, Address: s.Address, CreatedAt: wire.At(s.CreatedAt)}
}

func tillOut(t store.Till) Till {
	return Till{ID: string(t.ID), MerchantID: string(t.Merchant), StoreID: string(t.Store), Name: t.Name, CreatedAt: wire.At(t.CreatedAt)}
}

func pspOut(p store.PSP) PSP {
	return PSP{ID: string(p.ID), ParticipantID: string(p.Participant), Name: p.Name, BIC: p.BIC, Suspended: p.Suspended, CreatedAt: wire.At(p.CreatedAt)}
}

func (k *Desk) mountPlaces(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/stores", ID: "create-store", Status: http.StatusCreated, Summary: "Register a store of a merchant",
		Codes: []fault.Code{fault.NotFound}, Body: `{"merchant_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "name": "Main store", "address": "1 Demo street, Bishkek"}`,
	}, k.createStore)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/stores", ID: "list-stores", Summary: "List stores",
	}, func(ctx context.Context, in *owned) (*answer[List[Store]], error) {
		return listed(ctx, k.Registry.Desk().Stores(), in.Owner, in.Page, storeOut, func(s store.Place) id.ID { return s.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/tills", ID: "create-till", Status: http.StatusCreated, Summary: "Register a till in a store",
		Codes: []fault.Code{fault.NotFound},
		Body:  `{"merchant_id": "mer_01kar9e8a0c4r5s6t7v8w9xyzg", "store_id": "st_01kar9e9a0c4r5s6t7v8w9xyzh", "name": "Till 1"}`,
	}, k.createTill)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/tills", ID: "list-tills", Summary: "List tills",
	}, func(ctx context.Context, in *owned) (*answer[List[Till]], error) {
		return listed(ctx, k.Registry.Desk().Tills(), in.Owner, in.Page, tillOut, func(t store.Till) id.ID { return t.ID })
	})
}

func (k *Desk) createStore(ctx context.Context, in *newStore) (*answer[Store], error) {
	merchant, err := reference(id.Merchant, "merchant_id", in.Body.MerchantID)
	if err != nil {
		return nil, err
	}
	s, err := k.Registry.AddStore(ctx, store.Place{Merchant: merchant, Name: in.Body.Name, Address: in.Body.Address})
	return shown(s, err, storeOut)
}

func (k *Desk) createTill(ctx context.Context, in *newTill) (*answer[Till], error) {
	merchant, err := reference(id.Merchant, "merchant_id", in.Body.MerchantID)
	if err != nil {
		return nil, err
	}
	place, err := reference(id.Store, "store_id", in.Body.StoreID)
	if err != nil {
		return nil, err
	}
	t, err := k.Registry.AddTill(ctx, store.Till{Merchant: merchant, Store: place, Name: in.Body.Name})
	return shown(t, err, tillOut)
}

func (k *Desk) mountPSPs(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psps", ID: "create-psp", Status: http.StatusCreated, Summary: "Register a payment solution",
		Body: `{"participant_id": "par_01kar9eca0c4r5s6t7v8w9xyzm", "name": "Demo wallet", "bic": "DEMOKG22"}`, Waits: Waits,
	}, k.createPSP)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/psps", ID: "list-psps", Summary: "List payment solutions",
	}, func(ctx context.Context, in *Page) (*answer[List[PSP]], error) {
		return listed(ctx, k.Registry.Desk().PSPs(), "", *in, pspOut, func(p store.PSP) id.ID { return p.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psps/{id}/suspend", ID: "suspend-psp", Summary: "Stop a payment solution from starting payments",
		Text:  "Payments that it has begun it may still end.",
		Shows: gate.Shown{"suspended": true},
		Waits: Waits,
	}, k.changePSP(flow.ActSuspendPSP))
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/psps/{id}/resume", ID: "resume-psp", Summary: "Let a payment solution start payments again", Waits: Waits,
	}, k.changePSP(flow.ActResumePSP))
}

func (k *Desk) createPSP(ctx context.Context, in *newPSP) (*answer[PSP], error) {
	participant, err := k.participant(ctx, in.Body.ParticipantID)
	if err != nil {
		return nil, err
	}
	p, err := k.take(ctx, flow.ActAddPSP, flow.PSPBody{Participant: participant, Name: in.Body.Name, BIC: in.Body.BIC}, in.Reason)
	if err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().PSPs(), p, pspOut)
}

// changePSP has an action done to a PSP that needs no body.
func (k *Desk) changePSP(action string) func(context.Context, *about) (*answer[PSP], error) {
	return func(ctx context.Context, in *about) (*answer[PSP], error) {
		i, err := identify(id.PSP, in.ID)
		if err != nil {
			return nil, err
		}
		if err := k.ask(ctx, action, i, flow.NoBody{}, in.Reason); err != nil {
			return nil, err
		}
		p, err := k.Registry.PSP(ctx, i)
		return shown(p, err, pspOut)
	}
}

// participant checks the reference to a participant of a body.
func (k *Desk) participant(ctx context.Context, text string) (id.ID, error) {
	i, err := reference(id.Participant, "participant_id", text)
	if err != nil {
		return "", err
	}
	_, err = k.Registry.Desk().Participants().Get(ctx, i)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", fault.New(fault.InvalidRequest).On("participant_id").Because("there is no such participant")
	case err != nil:
		return "", fault.Wrap(fault.OutOfService, err)
	}
	return i, nil
}
