package operator

import (
	"context"
	"net/http"

	"tolom/api/gate"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/store"
	"tolom/tariff"
	"tolom/wire"
)

type newParticipant struct {
	Because
	Body NewParticipant
}

type newMerchant struct {
	Because
	Body NewMerchant
}

type newTariff struct {
	Named
	Because
	Body NewTariff
}

func participantOut(p store.Participant) Participant {
	return Participant{ID: string(p.ID), Name: p.Name, BIC: p.BIC, CreatedAt: wire.At(p.CreatedAt)}
}

func (k *Desk) mountParticipants(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/participants", ID: "create-participant", Status: http.StatusCreated,
		Summary: "Register a participant", Body: `{"name": "Demo bank", "bic": "DEMOKG22"}`, Waits: Waits,
	}, k.createParticipant)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/participants", ID: "list-participants", Summary: "List participants",
	}, func(ctx context.Context, in *Page) (*answer[List[Participant]], error) {
		return listed(ctx, k.Registry.Desk().Participants(), "", *in, participantOut, func(p store.Participant) id.ID { return p.ID })
	})
}

func (k *Desk) createParticipant(ctx context.Context, in *newParticipant) (*answer[Participant], error) {
	p, err := k.take(ctx, flow.ActAddParticipant, flow.ParticipantBody{Name: in.Body.Name, BIC: in.Body.BIC}, in.Reason)
	if err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().Participants(), p, participantOut)
}

func (k *Desk) mountMerchants(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/merchants", ID: "create-merchant", Status: http.StatusCreated, Summary: "Register a merchant",
		Body: `{"participant_id": "par_01kar9eca0c4r5s6t7v8w9xyzm", "name": "Demo shop", "mcc": "5411", "tariff": {"rate": 100, "interchange_rate": 40}}`, Waits: Waits,
	}, k.createMerchant)
	gate.Add(d, gate.Route{
		Method: http.MethodGet, Path: "/operator/v1/merchants", ID: "list-merchants", Summary: "List merchants",
	}, func(ctx context.Context, in *Page) (*answer[List[Merchant]], error) {
		page, err := listed(ctx, k.Registry.Desk().Merchants(), "", *in, func(m store.Merchant) store.Merchant { return m }, func(m store.Merchant) id.ID { return m.ID })
		if err != nil {
			return nil, err
		}
		out := List[Merchant]{Data: []Merchant{}, HasMore: page.Body.HasMore, After: page.Body.After}
		for _, m := range page.Body.Data {
			if m, err = k.Registry.Priced(ctx, m); err != nil {
				return nil, err
			}
			out.Data = append(out.Data, merchantOut(m))
		}
		return &answer[List[Merchant]]{out}, nil
	})
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/merchants/{id}/suspend", ID: "suspend-merchant", Summary: "Stop a merchant from being paid",
		Text:  "Payments that wait for their execute fail at it. Refunds go on.",
		Shows: gate.Shown{"suspended": true}, Waits: Waits,
	}, k.changeMerchant(flow.ActSuspendMerchant))
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/operator/v1/merchants/{id}/resume", ID: "resume-merchant", Summary: "Let a merchant be paid again", Waits: Waits,
	}, k.changeMerchant(flow.ActResumeMerchant))
	gate.Add(d, gate.Route{
		Method: http.MethodPut, Path: "/operator/v1/merchants/{id}/tariff", ID: "set-tariff", Summary: "Set a merchant's tariff",
		Text: "For payments created from now on; a version of it. The body is the whole tariff: every field but payer_bears and refund_charge is needed. " +
			"create-tariff can do more: a later moment, categories, PSPs with rates of their own.",
		Body: `{"rate": 90, "fixed": 0, "min": 100, "max": 0, "interchange_rate": 40, "refunds_fee": true}`, Waits: Waits,
	}, k.setTariff)
	gate.Add(d, gate.Route{
		Method: http.MethodPut, Path: "/operator/v1/merchants/{id}/bank-account", ID: "set-bank-account", Summary: "Change the account that a merchant is paid out to",
		Body: `{"bank_account": "1240020000000001"}`, Waits: Waits,
	}, k.setBankAccount)
	gate.Add(d, gate.Route{
		Method: http.MethodPut, Path: "/operator/v1/merchants/{id}/refund-overdraft", ID: "set-refund-overdraft",
		Summary: "Change how far refunds may take a merchant's balance below zero", Codes: []fault.Code{fault.AmountInvalid},
		Body: `{"refund_overdraft": 500000}`, Waits: Waits,
	}, k.setOverdraft)
}

func (k *Desk) createMerchant(ctx context.Context, in *newMerchant) (*answer[Merchant], error) {
	participant, err := k.participant(ctx, in.Body.ParticipantID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	body := flow.MerchantBodyOf(store.Merchant{Participant: participant, Name: b.Name, NameLatin: b.NameLatin, MCC: b.MCC, TaxID: b.TaxID,
		BankAccount: b.BankAccount, Tariff: tariffIn(b.Tariff), RefundOverdraft: money.Amount(b.RefundOverdraft)})
	made, err := k.take(ctx, flow.ActAddMerchant, body, in.Reason)
	if err != nil {
		return nil, err
	}
	return read(ctx, k.Registry.Desk().Merchants(), made, merchantOut)
}

// take has somebody taken on, or proposes it, and gives the id that came of it.
func (k *Desk) take(ctx context.Context, action string, body any, why string) (id.ID, error) {
	p, err := k.Proposals.Ask(ctx, flow.Ask{By: Who(ctx), Action: action, Body: body, Reason: why})
	return id.ID(p.Outcome), Asked(p, err)
}

// changeMerchant has an action done to a merchant that needs no body.
func (k *Desk) changeMerchant(action string) func(context.Context, *about) (*answer[Merchant], error) {
	return func(ctx context.Context, in *about) (*answer[Merchant], error) {
		return k.askMerchant(ctx, action, in.ID, flow.NoBody{}, in.Reason)
	}
}

// askMerchant has an action done to a merchant and shows it as it is then.
func (k *Desk) askMerchant(ctx context.Context, action, name string, body any, why string) (*answer[Merchant], error) {
	i, err := identify(id.Merchant, name)
	if err != nil {
		return nil, err
	}
	if err := k.ask(ctx, action, i, body, why); err != nil {
		return nil, err
	}
	m, err := k.Registry.Merchant(ctx, i)
	if err != nil {
		return nil, err
	}
	m, err = k.Registry.Priced(ctx, m)
	return shown(m, err, merchantOut)
}

type newBankAccount struct {
	Named
	Because
	Body NewBankAccount
}

func (k *Desk) setBankAccount(ctx context.Context, in *newBankAccount) (*answer[Merchant], error) {
	account := in.Body.BankAccount
	if account == nil { // A slip of the hand takes no account away.
		return nil, fault.New(fault.InvalidRequest).On("bank_account").Because("give the account, or an empty text for none")
	}
	return k.askMerchant(ctx, flow.ActSetBankAccount, in.ID, flow.BankAccountBody{BankAccount: *account}, in.Reason)
}

type newOverdraft struct {
	Named
	Because
	Body NewOverdraft
}

func (k *Desk) setOverdraft(ctx context.Context, in *newOverdraft) (*answer[Merchant], error) {
	most := in.Body.RefundOverdraft
	if most == nil {
		return nil, fault.New(fault.InvalidRequest).On("refund_overdraft").Because("give the amount, or 0 for none")
	}
	return k.askMerchant(ctx, flow.ActSetOverdraft, in.ID, flow.OverdraftBody{RefundOverdraft: money.Amount(*most)}, in.Reason)
}

func (k *Desk) setTariff(ctx context.Context, in *newTariff) (*answer[Merchant], error) {
	whole, err := in.Body.whole()
	if err != nil {
		return nil, err
	}
	return k.askMerchant(ctx, flow.ActSetTariff, in.ID, tariff.Version{Tariff: tariffIn(whole)}, in.Reason)
}
