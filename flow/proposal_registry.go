package flow

import (
	"context"

	"tolom/clearing"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/store"
	"tolom/tariff"
)

// The actions that take somebody on. Who is taken on can be paid, or can pay, as the body says.
const (
	ActAddParticipant = "participant.add"
	ActAddMerchant    = "merchant.add"
	ActAddPSP         = "psp.add"
)

// ParticipantBody is the body of participant.add.
type ParticipantBody struct {
	Name string `json:"name"`
	BIC  string `json:"bic"`
}

// PSPBody is the body of psp.add.
type PSPBody struct {
	Participant id.ID  `json:"participant"`
	Name        string `json:"name"`
	BIC         string `json:"bic"`
}

// MerchantBody is the body of merchant.add, with what the merchant pays and where it is paid out to.
type MerchantBody struct {
	Participant     id.ID         `json:"participant"`
	Name            string        `json:"name"`
	NameLatin       string        `json:"name_latin"`
	MCC             string        `json:"mcc"`
	TaxID           string        `json:"tax_id"`
	BankAccount     string        `json:"bank_account"`
	RefundOverdraft int64         `json:"refund_overdraft"`
	Tariff          tariff.Tariff `json:"tariff"`
}

func (s *Proposals) registerParties() {
	Register(s, Kind[ParticipantBody]{Name: ActAddParticipant, Plan: planParticipant, Write: writeParticipant})
	Register(s, Kind[PSPBody]{Name: ActAddPSP, Plan: planPSP, Write: writePSP})
	Register(s, Kind[MerchantBody]{Name: ActAddMerchant, Plan: planMerchant, Write: writeMerchant})
}

// MerchantBodyOf is a new merchant as a body.
func MerchantBodyOf(m store.Merchant) MerchantBody {
	return MerchantBody{m.Participant, m.Name, m.NameLatin, m.MCC, m.TaxID, m.BankAccount, int64(m.RefundOverdraft), m.Tariff}
}

// inParticipant refuses to take somebody on under a participant that is not there.
func (r *Registry) inParticipant(ctx context.Context, name id.ID) error {
	_, err := r.desk.Participants().Get(ctx, name)
	if fault.Has(missing(err), fault.NotFound) {
		return fault.New(fault.InvalidRequest).On("participant_id").Because("there is no such participant")
	}
	return missing(err)
}

// soundBIC refuses when it is proposed what would be refused when it is done.
func soundBIC(bic string) error {
	if bic == "" || clearing.CheckBIC(bic) == nil {
		return nil
	}
	return fault.New(fault.InvalidRequest).On("bic").Because("bic is no bank's code: it has 8 or 11 characters by ISO 9362, such as DEMOKG22, or 6 digits")
}

func planParticipant(_ context.Context, _ *Registry, _ id.ID, b *ParticipantBody) ([]proposal.Line, error) {
	return filled([]proposal.Line{newLine("name", b.Name), newLine("bic", b.BIC)}), first(named("name", b.Name, 100), soundBIC(b.BIC))
}

func writeParticipant(ctx context.Context, r *Registry, _ proposal.Proposal, b ParticipantBody) (string, error) {
	made, err := r.AddParticipant(ctx, store.Participant{Name: b.Name, BIC: b.BIC})
	return string(made.ID), err
}

func planPSP(ctx context.Context, r *Registry, _ id.ID, b *PSPBody) ([]proposal.Line, error) {
	lines := filled([]proposal.Line{newLine("participant", string(b.Participant)), newLine("name", b.Name), newLine("bic", b.BIC)})
	return lines, first(named("name", b.Name, 100), soundBIC(b.BIC), r.inParticipant(ctx, b.Participant))
}

func writePSP(ctx context.Context, r *Registry, _ proposal.Proposal, b PSPBody) (string, error) {
	made, err := r.AddPSP(ctx, store.PSP{Participant: b.Participant, Name: b.Name, BIC: b.BIC})
	return string(made.ID), err
}

func (b MerchantBody) merchant() store.Merchant {
	return store.Merchant{Participant: b.Participant, Name: b.Name, NameLatin: b.NameLatin, MCC: b.MCC, TaxID: b.TaxID, BankAccount: b.BankAccount,
		RefundOverdraft: money.Amount(b.RefundOverdraft), Tariff: b.Tariff}
}

func planMerchant(ctx context.Context, r *Registry, _ id.ID, b *MerchantBody) ([]proposal.Line, error) {
	m, err := r.soundMerchant(b.merchant())
	if err := first(err, r.inParticipant(ctx, b.Participant)); err != nil {
		return nil, err
	}
	b.NameLatin = m.NameLatin
	lines := filled([]proposal.Line{newLine("participant", string(m.Participant)), newLine("name", m.Name), newLine("name_latin", m.NameLatin), newLine("mcc", m.MCC),
		newLine("tax_id", m.TaxID), newLine("bank_account", m.BankAccount)})
	lines = append(lines, amountLine("refund_overdraft", 0, m.RefundOverdraft))
	return append(lines, tariffLines(tariff.Version{}, tariff.Version{Tariff: m.Tariff})...), nil
}

func writeMerchant(ctx context.Context, r *Registry, _ proposal.Proposal, b MerchantBody) (string, error) {
	made, err := r.AddMerchant(ctx, b.merchant())
	return string(made.ID), err
}

// lastCertificate says whether a certificate is the last of its PSP: without any, the PSP may connect without one, so taking
// it away takes a protection away and not only a power.
func lastCertificate(ctx context.Context, r *Registry, target id.ID) (bool, error) {
	c, err := r.desk.Certificates().Get(ctx, target)
	if err != nil || !c.RemovedAt.IsZero() {
		return false, missing(err)
	}
	for after := id.ID(""); ; {
		list, err := r.desk.Certificates().List(ctx, c.PSP, after, 100)
		if err != nil {
			return false, fault.Wrap(fault.OutOfService, err)
		}
		for _, other := range list {
			if after = other.ID; other.ID != c.ID && other.RemovedAt.IsZero() {
				return false, nil
			}
		}
		if len(list) < 100 {
			return true, nil
		}
	}
}
