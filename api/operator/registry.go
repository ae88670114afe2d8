package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/id"
	"tolom/money"
	"tolom/store"
	"tolom/wire"
)

type newParticipant struct{ Body NewParticipant }

type newMerchant struct{ Body NewMerchant }

type newTariff struct {
	Named
	Body NewTariff
}

func participantOut(p store.Participant) Participant {
	return Participant{ID: string(p.ID), Name: p.Name, BIC: p.BIC, CreatedAt: wire.At(p.CreatedAt)}
}

func (k *Desk) mountParticipants(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/participants", ID: "create-participant", Status: http.StatusCreated,
		Summary: "Register a participant", Body: `{"name": "Demo bank", "bic": "DEMOKG22"}`,
	}, k.createParticipant)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/participants", ID: "list-participants", Summary: "List participants",
	}, func(ctx context.Context, in *Page) (*answer[List[Participant]], error) {
		return listed(ctx, k.Registry.Desk().Participants(), "", *in, participantOut, func(p store.Participant) id.ID { return p.ID })
	})
}

func (k *Desk) createParticipant(ctx context.Context, in *newParticipant) (*answer[Participant], error) {
	p, err := k.Registry.AddParticipant(ctx, store.Participant{Name: in.Body.Name, BIC: in.Body.BIC})
	return shown(p, err, participantOut)
}

func (k *Desk) mountMerchants(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/merchants", ID: "create-merchant", Status: http.StatusCreated, Summary: "Register a merchant",
		Body: `{"participant_id": "par_01kar9eca0c4r5s6t7v8w9xyzm", "name": "Demo shop", "mcc": "5411", "tariff": {"rate": 100, "interchange_rate": 40}}`,
	}, k.createMerchant)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/merchants", ID: "list-merchants", Summary: "List merchants",
	}, func(ctx context.Context, in *Page) (*answer[List[Merchant]], error) {
		return listed(ctx, k.Registry.Desk().Merchants(), "", *in, merchantOut, func(m store.Merchant) id.ID { return m.ID })
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/merchants/{id}/suspend", ID: "suspend-merchant", Summary: "Stop a merchant from being paid",
		Text:  "Payments that wait for their execute fail at it. Refunds go on.",
		Shows: gate.Shown{"suspended": true},
	}, k.suspendMerchant(true))
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/merchants/{id}/resume", ID: "resume-merchant", Summary: "Let a merchant be paid again",
	}, k.suspendMerchant(false))
	gate.Add(d, gate.Route{
		Method: http.MethodPut, Path: "/operator/v1/merchants/{id}/tariff", ID: "set-tariff", Summary: "Set a merchant's tariff",
		Text: "For payments created from now on. The body is the whole tariff: every field is needed.",
		Body: `{"rate": 90, "fixed": 0, "min": 100, "max": 0, "interchange_rate": 40, "refunds_fee": true}`,
	}, k.setTariff)
}

func (k *Desk) createMerchant(ctx context.Context, in *newMerchant) (*answer[Merchant], error) {
	participant, err := k.participant(ctx, in.Body.ParticipantID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	m, err := k.Registry.AddMerchant(ctx, store.Merchant{Participant: participant, Name: b.Name, NameLatin: b.NameLatin, MCC: b.MCC, TaxID: b.TaxID,
		BankAccount: b.BankAccount, Tariff: tariffIn(b.Tariff), RefundOverdraft: money.Amount(b.RefundOverdraft)})
	return shown(m, err, merchantOut)
}

func (k *Desk) suspendMerchant(suspended bool) func(context.Context, *Named) (*answer[Merchant], error) {
	return func(ctx context.Context, in *Named) (*answer[Merchant], error) {
		i, err := identify(id.Merchant, in.ID)
		if err != nil {
			return nil, err
		}
		m, err := k.Registry.SuspendMerchant(ctx, i, suspended)
		return shown(m, err, merchantOut)
	}
}

func (k *Desk) setTariff(ctx context.Context, in *newTariff) (*answer[Merchant], error) {
	i, err := identify(id.Merchant, in.ID)
	if err != nil {
		return nil, err
	}
	whole, err := in.Body.whole()
	if err != nil {
		return nil, err
	}
	m, err := k.Registry.SetTariff(ctx, i, tariffIn(whole))
	return shown(m, err, merchantOut)
}
