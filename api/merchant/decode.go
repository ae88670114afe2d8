package merchant

import (
	"context"
	"net/http"

	"tolom/access"
	"tolom/api/gate"
	"tolom/wire"
)

type decodeInput struct{ Body wire.Decode }

func (s *Shop) mountDecode(d *gate.Door) {
	gate.Add(d, gate.Route{
		Method: http.MethodPost, Path: "/v1/decode", ID: "decode", Scope: access.Read, Summary: "Read a QR code's text",
		Text: "Says what a payload or link holds, of ours, of other providers and of other countries (EMVCo), where it departs from the regulation, and whether it could be paid here. " +
			"A text that cannot be read is an answer too: valid is false, with the reason and the place. It changes nothing, so the idempotency key only marks the call.",
		Body: `{"payload": "00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO SHOP63048dae"}`,
	}, s.decode)
}

func (s *Shop) decode(ctx context.Context, in *decodeInput) (*answer[wire.Decoded], error) {
	d, err := s.Platform.Decode(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Decoded]{d}, nil
}
