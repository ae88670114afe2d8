package flow

import (
	"context"
	"errors"

	"tolom/elqr"
	"tolom/fault"
	"tolom/wire"
)

// Decode says what a link or payload holds and whether it could be paid here.
func (p *Platform) Decode(ctx context.Context, in wire.Decode) (wire.Decoded, error) {
	text, err := codeOf(in.Link, in.Payload)
	if err != nil {
		return wire.Decoded{}, err
	}
	d := elqr.Describe(text)
	out := wire.Decoded{Valid: d.Valid, Dialect: string(d.Dialect), Amount: d.Amount, Checksum: string(d.Checksum), Error: d.Error, At: d.At, Message: d.Message, Verdict: wire.Verdict{Notes: []string{}}}
	if len(d.Fields) > 0 {
		out.Fields = d.Fields
	}
	out.Verdict.Code, err = p.verdict(ctx, text)
	out.Verdict.Payable = out.Verdict.Code == ""
	if code, bad := elqr.Read(text); bad == nil {
		out.Verdict.Provider, _ = code.Sub("32", "00")
		for _, problem := range code.Problems() {
			out.Verdict.Notes = append(out.Verdict.Notes, problem.Tag+": "+problem.Message)
		}
	}
	return out, err
}

// verdict gives the code that a check would refuse the text with, "" for none.
func (p *Platform) verdict(ctx context.Context, text string) (string, error) {
	pub, err := p.Landing(ctx, text)
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal) && refusal.Kind() >= fault.Unavailable:
		return "", err
	case err != nil:
		return string(fault.From(err).Code), nil
	case pub.Merchant.Suspended:
		return string(fault.MerchantSuspended), nil
	}
	if closed := pub.Request.Open(); closed != nil {
		return string(closed.Code), nil
	}
	return "", nil
}
