package psp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"tolom/api/gate"
	"tolom/engine"
	"tolom/fault"
	"tolom/wire"
)

type checkInput struct{ Body wire.Check }

type createInput struct{ Body wire.NewPSPPayment }

// created is a payment with 201 when it is new and 200 when it was there.
type created struct {
	Status int
	Body   wire.PSPPayment
}

// How the calls that begin a payment are served without the framework.
var (
	directCheck = gate.Direct[checkInput, answer[wire.Checked]]{
		Read: func(raw []byte, in *checkInput) bool { return in.Body.ReadPlain(raw) },
		Write: func(out *answer[wire.Checked], _ http.Header, dst []byte) (int, []byte) {
			return http.StatusOK, out.Body.AppendJSON(dst)
		},
	}
	directCreate = gate.Direct[createInput, created]{
		Read: func(raw []byte, in *createInput) bool { return in.Body.ReadPlain(raw) },
		Write: func(out *created, _ http.Header, dst []byte) (int, []byte) {
			return out.Status, out.Body.AppendJSON(dst)
		},
	}
)

// unpayable are the refusals of a code that cannot be paid, by what it says or by the state of what it names.
var unpayable = []fault.Code{
	fault.PayloadInvalid, fault.PayloadAltered, fault.ForeignProvider, fault.NotFound, fault.MerchantSuspended,
	fault.RequestExpired, fault.RequestCanceled, fault.RequestPaused, fault.AlreadyPaid,
	fault.AmountInvalid, fault.AmountRequired, fault.AmountTooSmall, fault.AmountTooLarge, fault.AmountMismatch, fault.Forbidden, fault.OutcomeUnknown,
}

func (c *Counter) mountStart(d *gate.Door) {
	gate.AddDirect(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/check", ID: "check", Summary: "See what a scanned code asks for",
		Room: func() bool { return c.Platform.Room(engine.Ask) },
		Text: "Show your customer the merchant, the amount, the extra fields, and whether the amount may change. " +
			"Where the payer bears the merchant's fee, fee is to be paid on top of amount; fee_terms say how it follows from another amount. " +
			"A code whose text differs in any field from the one we issued is refused, although its checksum is right.",
		Codes: unpayable,
		Body:  `{"link": "https://pay.payqr.kg/#00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO%20SHOP63048dae", "payer": {"kind": "person"}}`,
	}, directCheck, c.check)
	gate.AddDirect(d, gate.Route{
		Method: http.MethodPost, Path: "/psp/v1/payments", ID: "create-payment", Status: http.StatusCreated, Summary: "Begin a payment",
		Room: func() bool { return c.Platform.Room(engine.Open) },
		Text: "Hold your customer's money first. The same psp_payment_id with the same fields answers 200 with the payment as it is now, so repeat this call freely. " +
			"Send the fee that your customer agreed to, and another one by then is refused with fee_changed; debit amount + fee of the answer. " +
			"The payment waits 60 seconds for its execute, or until the request ends. A newer payment of one request by the same payer.key takes the place of an older one.",
		Codes: append([]fault.Code{fault.CurrencyUnknown, fault.FeeChanged, fault.RequestBusy, fault.PSPPaymentReused, fault.PSPPaymentCanceled, fault.LimitMerchantDaily,
			fault.LimitPSPDaily, fault.LimitParticipantDaily, fault.LimitPSPPosition, fault.LimitParticipantPosition}, unpayable...),
		Body: `{"psp_payment_id": "demo-000017", "payload": "00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO SHOP63048dae", ` +
			`"amount": 150000, "currency": "KGS", "payer": {"key": "customer-41", "name_masked": "Payer A.", "kind": "person", "bic": "DEMOKG22"}, "receipt_id": "R-17"}`,
	}, directCreate, c.create)
	repeatedAnswer(d.API.OpenAPI())
}

// repeatedAnswer describes the second status of a create, which the framework does not know of.
func repeatedAnswer(doc *huma.OpenAPI) {
	answers := doc.Paths["/psp/v1/payments"].Post.Responses
	answers["200"] = &huma.Response{Description: "The payment was there already; this is how it stands now", Content: answers["201"].Content}
}

func (c *Counter) check(ctx context.Context, in *checkInput) (*answer[wire.Checked], error) {
	out, err := c.Platform.Check(ctx, who(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return &answer[wire.Checked]{out}, nil
}

func (c *Counter) create(ctx context.Context, in *createInput) (*created, error) {
	p, repeated, err := c.Platform.CreatePayment(ctx, who(ctx), in.Body, fingerprint(&in.Body))
	shown, err := c.outcome(ctx, p, err)
	if err != nil {
		return nil, err
	}
	out := &created{http.StatusCreated, shown.Body}
	if repeated {
		out.Status = http.StatusOK
	}
	return out, nil
}

// fingerprint digests what a create says, not how it is written: a PSP that repeats it may order and space its JSON
// otherwise.
func fingerprint(in *wire.NewPSPPayment) string {
	var room [512]byte
	sum := sha256.Sum256(in.AppendMarshal(room[:0]))
	return hex.EncodeToString(sum[:])
}
