package flow

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tolom/id"
	"tolom/proposal"
	"tolom/tariff"
)

// The actions on tariffs. The target of the first is the owner, of the second the version.
const (
	ActSetTariff      = "tariff.set"
	ActWithdrawTariff = "tariff.withdraw"
)

func (s *Proposals) registerTariffs() {
	Register(s, Kind[tariff.Version]{Name: ActSetTariff, Plan: planTariff, Write: writeTariff})
	Register(s, Kind[NoBody]{Name: ActWithdrawTariff, Plan: planWithdrawTariff, Write: writeEnd((*Registry).WithdrawTariff)})
}

// planTariff compares a version with what holds for its owner at the moment in which it would begin.
func planTariff(ctx context.Context, r *Registry, target id.ID, v *tariff.Version) ([]proposal.Line, error) {
	v.Owner = target
	if _, err := r.checkTariff(ctx, *v); err != nil {
		return nil, err
	}
	now := r.world.Clock.Now().UTC().Truncate(time.Millisecond)
	from := v.ValidFrom
	if from.IsZero() {
		from = now
	}
	if err := ahead(from, now); err != nil {
		return nil, err
	}
	own, err := r.Tariffs(ctx, target)
	if err != nil {
		return nil, err
	}
	old := tariff.Book{Own: own}.At(from)
	begins := proposal.Line{Name: "valid_from", After: timeText(v.ValidFrom), As: proposal.Moment}
	return append(tariffLines(old, *v), filled([]proposal.Line{begins})...), nil
}

func tariffLines(before, after tariff.Version) []proposal.Line {
	old, t := before.Tariff, after.Tariff
	lines := []proposal.Line{
		rateLine("rate", old.Rate, t.Rate), amountLine("fixed", old.Fixed, t.Fixed), amountLine("min", old.Min, t.Min), amountLine("max", old.Max, t.Max),
		rateLine("interchange_rate", old.InterchangeRate, t.InterchangeRate), truthLine("refunds_fee", old.RefundsFee, t.RefundsFee),
		truthLine("payer_bears", old.PayerBears, t.PayerBears), amountLine("refund_charge", old.RefundCharge, t.RefundCharge),
	}
	shares := proposal.Line{Name: "psps", Before: sharesText(before.Shares), After: sharesText(after.Shares)}
	if shares.Before != "" || shares.After != "" {
		lines = append(lines, shares)
	}
	if before.Ends || after.Ends {
		lines = append(lines, truthLine("ends", before.Ends, after.Ends))
	}
	return lines
}

// sharesText writes the rates of PSPs, in hundredths of a percent.
func sharesText(shares []tariff.Share) string {
	var parts []string
	for _, s := range shares {
		parts = append(parts, string(s.PSP)+" "+strconv.FormatInt(s.Rate, 10))
	}
	return strings.Join(parts, ", ")
}

func writeTariff(ctx context.Context, r *Registry, p proposal.Proposal, v tariff.Version) (string, error) {
	v.By = p.ProposedBy.Name
	if p.DecidedBy.Name != "" {
		v.By += ", " + p.DecidedBy.Name
	}
	made, err := r.AddTariff(ctx, v)
	return string(made.ID), err
}

func planWithdrawTariff(ctx context.Context, r *Registry, target id.ID, _ *NoBody) ([]proposal.Line, error) {
	v, err := r.desk.Tariffs().Get(ctx, target)
	if err != nil {
		return nil, missing(err)
	}
	return []proposal.Line{newLine("owner", string(v.Owner)), {Name: "valid_from", Before: timeText(v.ValidFrom), As: proposal.Moment},
		truthLine("withdrawn", !v.WithdrawnAt.IsZero(), true)}, nil
}
