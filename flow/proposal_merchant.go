package flow

import (
	"context"
	"strconv"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/store"
)

// The actions on what merchants and PSPs pay, may and are. Their names are kept with each proposal.
const (
	ActSetLimits       = "limits.set"
	ActSuspendMerchant = "merchant.suspend"
	ActResumeMerchant  = "merchant.resume"
	ActSuspendPSP      = "psp.suspend"
	ActResumePSP       = "psp.resume"
	ActSetBankAccount  = "merchant.bank_account"
	ActSetOverdraft    = "merchant.refund_overdraft"
)

// LimitsBody is the body of limits.set, tyiyn; 0 is no limit.
type LimitsBody struct {
	Owner    id.ID        `json:"owner"`
	Least    money.Amount `json:"min_amount"`
	Most     money.Amount `json:"max_amount"`
	Daily    money.Amount `json:"daily"`
	NetDebit money.Amount `json:"net_debit"`
}

// NoBody is the body of actions whose target says it all.
type NoBody struct{}

// BankAccountBody is the body of merchant.bank_account.
type BankAccountBody struct {
	BankAccount string `json:"bank_account"`
}

// OverdraftBody is the body of merchant.refund_overdraft, tyiyn.
type OverdraftBody struct {
	RefundOverdraft money.Amount `json:"refund_overdraft"`
}

func (s *Proposals) registerOwn() {
	Register(s, Kind[LimitsBody]{Name: ActSetLimits, Plan: planLimits, limits: limitsOfBody})
	Register(s, Kind[NoBody]{Name: ActSuspendMerchant, Plan: planSuspended(merchantSuspended, true), Write: suspendMerchant(true)})
	Register(s, Kind[NoBody]{Name: ActResumeMerchant, Plan: planSuspended(merchantSuspended, false), Write: suspendMerchant(false)})
	Register(s, Kind[NoBody]{Name: ActSuspendPSP, Plan: planSuspended(pspSuspended, true), Write: suspendPSP(true)})
	Register(s, Kind[NoBody]{Name: ActResumePSP, Plan: planSuspended(pspSuspended, false), Write: suspendPSP(false)})
	Register(s, Kind[BankAccountBody]{Name: ActSetBankAccount, Plan: planBankAccount, Write: writeBankAccount})
	Register(s, Kind[OverdraftBody]{Name: ActSetOverdraft, Plan: planOverdraft, Write: writeOverdraft})
	s.registerParties()
	s.registerTariffs()
	s.registerKeys()
	s.registerSigners()
	s.registerPeople()
}

// amountLine is a line about an amount in tyiyn.
func amountLine(name string, before, after money.Amount) proposal.Line {
	return proposal.Line{Name: name, Before: strconv.FormatInt(int64(before), 10), After: strconv.FormatInt(int64(after), 10), As: proposal.Amount}
}

// rateLine is a line about a rate in hundredths of a percent.
func rateLine(name string, before, after int64) proposal.Line {
	return proposal.Line{Name: name, Before: strconv.FormatInt(before, 10), After: strconv.FormatInt(after, 10), As: proposal.Rate}
}

func truthLine(name string, before, after bool) proposal.Line {
	return proposal.Line{Name: name, Before: strconv.FormatBool(before), After: strconv.FormatBool(after), As: proposal.Truth}
}

// countLine is a line about a number of things.
func countLine(name string, before, after int) proposal.Line {
	return proposal.Line{Name: name, Before: strconv.Itoa(before), After: strconv.Itoa(after)}
}

// newLine is a line about something new.
func newLine(name, after string) proposal.Line { return proposal.Line{Name: name, After: after} }

func limitsOfBody(b LimitsBody) payment.Limits {
	return payment.Limits{Owner: b.Owner, Least: b.Least, Most: b.Most, Daily: b.Daily, NetDebit: b.NetDebit}
}

func planLimits(ctx context.Context, r *Registry, target id.ID, body *LimitsBody) ([]proposal.Line, error) {
	body.Owner = target
	if err := first(r.exists(ctx, target), checkLimits(limitsOfBody(*body))); err != nil {
		return nil, err
	}
	old, err := r.desk.Limits(ctx, target)
	if err != nil {
		return nil, missing(err)
	}
	lines := []proposal.Line{amountLine("daily", old.Daily, body.Daily)}
	if target.Kind() == id.Merchant {
		return append(lines, amountLine("min_amount", old.Least, body.Least), amountLine("max_amount", old.Most, body.Most)), nil
	}
	if target.Kind() == id.PSP {
		lines = append(lines, amountLine("max_amount", old.Most, body.Most))
	}
	return append(lines, amountLine("net_debit", old.NetDebit, body.NetDebit)), nil
}

func merchantSuspended(ctx context.Context, r *Registry, target id.ID) (bool, error) {
	m, err := r.desk.Merchants().Get(ctx, target)
	return m.Suspended, missing(err)
}

func pspSuspended(ctx context.Context, r *Registry, target id.ID) (bool, error) {
	p, err := r.desk.PSPs().Get(ctx, target)
	return p.Suspended, missing(err)
}

func planSuspended(look func(context.Context, *Registry, id.ID) (bool, error), to bool) func(context.Context, *Registry, id.ID, *NoBody) ([]proposal.Line, error) {
	return func(ctx context.Context, r *Registry, target id.ID, _ *NoBody) ([]proposal.Line, error) {
		is, err := look(ctx, r, target)
		return []proposal.Line{truthLine("suspended", is, to)}, err
	}
}

type writeNothingMore = func(context.Context, *Registry, proposal.Proposal, NoBody) (string, error)

func suspendMerchant(to bool) writeNothingMore {
	return func(ctx context.Context, r *Registry, p proposal.Proposal, _ NoBody) (string, error) {
		_, err := r.SuspendMerchant(ctx, p.Target, to)
		return "", err
	}
}

func suspendPSP(to bool) writeNothingMore {
	return func(ctx context.Context, r *Registry, p proposal.Proposal, _ NoBody) (string, error) {
		_, err := r.SuspendPSP(ctx, p.Target, to)
		return "", err
	}
}

func planBankAccount(ctx context.Context, r *Registry, target id.ID, b *BankAccountBody) ([]proposal.Line, error) {
	if err := short("bank_account", b.BankAccount, 34); err != nil {
		return nil, err
	}
	m, err := r.desk.Merchants().Get(ctx, target)
	return []proposal.Line{{Name: "bank_account", Before: m.BankAccount, After: b.BankAccount}}, missing(err)
}

func writeBankAccount(ctx context.Context, r *Registry, p proposal.Proposal, b BankAccountBody) (string, error) {
	_, err := r.changeMerchant(ctx, p.Target, func(m *store.Merchant) { m.BankAccount = b.BankAccount })
	return "", err
}

func planOverdraft(ctx context.Context, r *Registry, target id.ID, b *OverdraftBody) ([]proposal.Line, error) {
	if b.RefundOverdraft < 0 || b.RefundOverdraft > money.Max {
		return nil, fault.New(fault.AmountInvalid).On("refund_overdraft").Because("refund_overdraft is a whole number of tyiyn, 0 to 9007199254740991")
	}
	m, err := r.desk.Merchants().Get(ctx, target)
	return []proposal.Line{amountLine("refund_overdraft", m.RefundOverdraft, b.RefundOverdraft)}, missing(err)
}

func writeOverdraft(ctx context.Context, r *Registry, p proposal.Proposal, b OverdraftBody) (string, error) {
	_, err := r.changeMerchant(ctx, p.Target, func(m *store.Merchant) { m.RefundOverdraft = b.RefundOverdraft })
	return "", err
}
