package api

import (
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"tolom/seal"
)

// The three APIs, and how callers of each say who they are.
const (
	tagMerchant = "Merchant API"
	tagPSP      = "PSP API"
	tagOperator = "Operator API"

	merchantKey   = "merchantKey"
	pspSignature  = "pspSignature"
	pspKey        = "pspKey"
	operatorLogin = "operatorLogin"
	operatorToken = "operatorToken"
)

// document begins the OpenAPI document; the doors add their operations.
func document(base string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:   "Tölöm",
			Version: "1.0.0",
			Description: "Payments by QR code and link. Amounts are whole tyiyn (150000 is 1 500.00 som), times RFC 3339 in UTC with milliseconds. " +
				"Errors are problems (RFC 9457) with a stable code. A key may call so often: RateLimit-Policy and RateLimit say how often and what is left, rate_limited (429) and Retry-After when it was too often. The same in words, with examples, is at /docs.",
		},
		Servers: []*huma.Server{{URL: base}},
		Tags: []*huma.Tag{
			{Name: tagMerchant, Description: "For a shop's programs. Every POST needs an Idempotency-Key."},
			{Name: tagPSP, Description: "For the servers of banks and wallets whose customers pay. Payments are named by psp_payment_id, which makes every call safe to repeat."},
			{Name: tagOperator, Description: "For staff of the processing centre: who there is, and who may do what."},
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				merchantKey:   {Type: "http", Scheme: "bearer", BearerFormat: "sk_…", Description: "A merchant's key. Keep it on your server."},
				pspSignature:  {Type: "apiKey", In: "header", Name: seal.HeaderSignature, Description: signatureText},
				pspKey:        {Type: "http", Scheme: "bearer", BearerFormat: "psk_…", Description: "A PSP's key, for the sandbox and the demo. The live platform takes signed requests alone."},
				operatorLogin: {Type: "http", Scheme: "basic", Description: "Login and password of staff, for the sandbox and the demo. The live platform takes tokens of sessions alone."},
				operatorToken: {Type: "http", Scheme: "bearer", BearerFormat: "opt_…", Description: "The token that POST /operator/v1/session gives for login, password and code."},
			},
		},
		Paths: map[string]*huma.PathItem{},
	}
}

// signatureText says in short what docs/psp-signing.md says at length.
const signatureText = "A signature of the request (RFC 9421, HTTP Message Signatures) by a registered Ed25519 or ECDSA P-256 key of the PSP. " +
	"Signature-Input names exactly the components \"@method\", \"@target-uri\" and, where there is a body, \"content-digest\" (sha-256, RFC 9530), " +
	"with the parameters created (within 5 minutes), nonce (16 to 64 characters, new each time), keyid (the id of the key) and tag=\"tolom-psp\". " +
	"The answer is signed too, over its status and digest and the request's method, address and signature; the keys are at " + KeysPath + ". " +
	"Whoever has registered client certificates connects with one of them."

// bounds are the limits of fields that requests carry, as flow holds them to; the document repeats them for readers
// and generators of clients.
var bounds = map[string]map[string]huma.Schema{
	"NewPaymentRequest": {
		"amount": {Minimum: f(0), Maximum: f(9_999_999_999_999)}, "currency": {Enum: []any{"KGS"}},
		"description": {MaxLength: n(140)}, "order_id": {MaxLength: n(64)}, "expires_in": {Minimum: f(1), Maximum: f(31_536_000)},
		"extra": {MaxItems: n(5)}, "metadata": {MaxProperties: n(20)}, "success_url": {MaxLength: n(500), Format: "uri"},
	},
	"NewRefund":     {"amount": {Minimum: f(1), Maximum: f(9_999_999_999_999)}, "reason": {MaxLength: n(140)}, "refund_ref": {MaxLength: n(64)}},
	"Check":         {"amount": {Minimum: f(1), Maximum: f(9_999_999_999_999)}},
	"NewPSPPayment": {"amount": {Minimum: f(1), Maximum: f(9_999_999_999_999)}, "currency": {Enum: []any{"KGS"}}, "psp_payment_id": {Pattern: pspPaymentID}, "receipt_id": {MaxLength: n(20)}},
	"Payer":         {"key": {MaxLength: n(64)}},
	"CancelByPSPID": {"psp_payment_id": {Pattern: pspPaymentID}},
	"StatusQuery":   {"ids": {MinItems: n(1), MaxItems: n(1000)}},
	"RefundAck":     {"outcome": {Enum: []any{"credited", "success", "rejected", "error"}}, "code": {MaxLength: n(64)}, "psp_refund_id": {MaxLength: n(50)}},
}

const pspPaymentID = "^[A-Za-z0-9._-]{1,50}$"

func f(v float64) *float64 { return &v }

func n(v int) *int { return &v }

// bound writes the bounds into the schemas. A field that is gone is an error, so that the table stays true.
func bound(doc *huma.OpenAPI) error {
	for schema, fields := range bounds {
		for field, limits := range fields {
			s := doc.Components.Schemas.Map()[schema].Properties[field]
			if s == nil {
				return fmt.Errorf("api: the bounds name %s.%s, which is not there", schema, field)
			}
			s.Minimum, s.Maximum, s.Pattern = limits.Minimum, limits.Maximum, limits.Pattern
			s.MaxLength, s.MinItems, s.MaxItems, s.MaxProperties = limits.MaxLength, limits.MinItems, limits.MaxItems, limits.MaxProperties
			if limits.Format != "" {
				s.Format = limits.Format
			}
			if limits.Enum != nil {
				s.Enum = limits.Enum
			}
		}
	}
	return nil
}
