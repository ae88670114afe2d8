package docs

import (
	"tolom/api/problem"
	"tolom/fault"
	"tolom/notify"
	"tolom/payment"
)

// refusal is a code of the catalogue as the page shows it.
type refusal struct {
	Code       fault.Code
	Status     int
	National   int
	Retryable  bool
	Ky, Ru, En string
}

// refusals lists the whole catalogue.
func refusals() (out []refusal) {
	for _, c := range fault.Codes() {
		e, _ := fault.Lookup(c)
		out = append(out, refusal{c, problem.Status(c), e.National, e.Retryable, e.Ky, e.Ru, e.En})
	}
	return out
}

// event is a type of event with its meaning.
type event struct {
	Type   payment.FactType
	Object string
	Text   string
}

// meanings says what each fact tells a merchant, and which object it carries.
var meanings = map[payment.FactType]event{
	payment.RequestWasScanned:  {Object: "PaymentRequest", Text: "A payer's app has looked at the code for the first time"},
	payment.RequestWasPaid:     {Object: "PaymentRequest", Text: "A dynamic request has its payment"},
	payment.RequestWasExpired:  {Object: "PaymentRequest", Text: "The time of the request ran out"},
	payment.RequestWasCanceled: {Object: "PaymentRequest", Text: "You took the request back"},
	payment.RequestWasPaused:   {Object: "PaymentRequest", Text: "A static request takes no payments for now"},
	payment.RequestWasResumed:  {Object: "PaymentRequest", Text: "It takes payments again"},
	payment.PaymentSucceeded:   {Object: "Payment", Text: "You were paid; the money is on your balance"},
	payment.PaymentFailed:      {Object: "Payment", Text: "The payment was refused when it was confirmed"},
	payment.PaymentCanceled:    {Object: "Payment", Text: "The payment ended before it was confirmed; reason says why"},
	payment.RefundWasRequested: {Object: "Refund", Text: "The amount has left your balance and is on its way"},
	payment.RefundDidSucceed:   {Object: "Refund", Text: "The payer has the money"},
	payment.RefundWasRejected:  {Object: "Refund", Text: "It cannot be given back; the amount is on your balance again"},
	payment.PayoutWasMade:      {Object: "Payout", Text: "What a business day came to has left your balance and is on its way to your bank account"},
	payment.PayoutWasPaid:      {Object: "Payout", Text: "Your bank has the money"},
	payment.PayoutWasReturned:  {Object: "Payout", Text: "Your bank sent it back; the amount is on your balance again, and reason says why"},
}

// outside are the events that are sent and stand in no feed.
var outside = []event{
	{Type: notify.PausedType, Object: "WebhookEndpoint", Text: "Another of your endpoints took nothing for three days; nothing is sent to it until you resume it. Not in the feed"},
	{Type: notify.DisabledType, Object: "WebhookEndpoint", Text: "Another of your endpoints answered 410; nothing is sent to it any more. Not in the feed"},
	{Type: notify.TestType, Object: "WebhookEndpoint", Text: "You asked for a test. Not in the feed"},
}

func events() (out []event) {
	for _, t := range payment.FactTypes {
		e := meanings[t]
		e.Type = t
		out = append(out, e)
	}
	return append(out, outside...)
}
