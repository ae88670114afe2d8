package wire

// NewPaymentRequest is the body of POST /v1/payment-requests.
type NewPaymentRequest struct {
	Kind           string            `json:"kind,omitempty" enum:"dynamic,static" doc:"dynamic (default): one payment; static: many"`
	Amount         int64             `json:"amount,omitempty" doc:"Tyiyn. Needed for dynamic requests; 0 or absent on a static one: the payer enters it"`
	Currency       string            `json:"currency,omitempty" doc:"KGS (default)"`
	AmountEditable *bool             `json:"amount_editable,omitempty" doc:"The payer may change the amount; of a dynamic request only raise it. Default: only when there is no amount"`
	Description    string            `json:"description,omitempty" doc:"What is paid, shown to the payer; at most 140 characters"`
	OrderID        string            `json:"order_id,omitempty" doc:"Your own name for the order, used once; at most 64 characters"`
	ExpiresIn      int64             `json:"expires_in,omitempty" minimum:"1" doc:"Seconds until the request expires, 1 to 31536000. Default: 900 for dynamic, never for static"`
	StoreID        string            `json:"store_id,omitempty"`
	TillID         string            `json:"till_id,omitempty"`
	Extra          []Extra           `json:"extra,omitempty" doc:"Up to five fields shown to the payer"`
	SuccessURL     string            `json:"success_url,omitempty" doc:"Address, https or http, that the payer's browser goes to after paying"`
	Metadata       map[string]string `json:"metadata,omitempty" doc:"Up to 20 texts of your own, given back as they are"`
}

// Extra is one further field of the payload, tags 35 to 39.
type Extra struct {
	Key     string `json:"key"`
	Label   string `json:"label"`
	Value   string `json:"value"`
	Title   string `json:"title,omitempty"`
	Visible *bool  `json:"visible,omitempty" doc:"Shown to the payer; default true"`
}

// PaymentRequest is a request as its merchant sees it.
type PaymentRequest struct {
	ID             string            `json:"id"`
	Kind           string            `json:"kind" enum:"dynamic,static"`
	Status         string            `json:"status" enum:"active,paused,paid,expired,canceled"`
	Amount         int64             `json:"amount"`
	Currency       string            `json:"currency"`
	AmountEditable bool              `json:"amount_editable"`
	Description    string            `json:"description"`
	OrderID        string            `json:"order_id"`
	StoreID        string            `json:"store_id"`
	TillID         string            `json:"till_id"`
	Extra          []Extra           `json:"extra"`
	SuccessURL     string            `json:"success_url"`
	Metadata       map[string]string `json:"metadata"`
	Payload        string            `json:"payload" doc:"The text of the QR code"`
	Link           string            `json:"link" doc:"The payload as a link that opens a bank app"`
	Page           string            `json:"page" doc:"The page of this request, to show to the payer"`
	PaidAmount     int64             `json:"paid_amount"`
	PaymentsCount  int64             `json:"payments_count"`
	CreatedAt      Time              `json:"created_at"`
	ExpiresAt      Time              `json:"expires_at"`
	ScannedAt      Time              `json:"scanned_at"`
	EndedAt        Time              `json:"ended_at"`
}

// Payment is a payment as its merchant sees it. The payer is shown only as the
// PSP masked it.
type Payment struct {
	ID             string `json:"id"`
	RequestID      string `json:"payment_request_id"`
	Status         string `json:"status" enum:"created,in_process,error,canceled,success"`
	StatusCode     int    `json:"status_code" enum:"10,20,30,40,50"`
	Amount         int64  `json:"amount"`
	Currency       string `json:"currency"`
	Fee            int64  `json:"fee" doc:"Borne by you"`
	PayerFee       int64  `json:"payer_fee" doc:"Borne by the payer, on top of the amount"`
	Net            int64  `json:"net" doc:"amount − fee: what the merchant's account is credited"`
	RefundedAmount int64  `json:"refunded_amount" doc:"Given back, and on its way back"`
	StoreID        string `json:"store_id"`
	TillID         string `json:"till_id"`
	PSPID          string `json:"psp_id"`
	PayerName      string `json:"payer_name" doc:"As masked by the payer's bank"`
	Reason         string `json:"reason" doc:"Why it was canceled or failed"`
	Receipt        string `json:"receipt" doc:"The page of the receipt; empty before success"`
	CreatedAt      Time   `json:"created_at"`
	EndedAt        Time   `json:"ended_at"`
}

// NewRefund is the body of POST /v1/payments/{id}/refunds.
type NewRefund struct {
	Amount    int64  `json:"amount,omitempty" minimum:"1" doc:"Tyiyn; absent: all that is left"`
	Reason    string `json:"reason,omitempty" doc:"At most 140 characters"`
	RefundRef string `json:"refund_ref,omitempty" doc:"Your own name for the refund, unique per payment for ever; at most 64 characters"`
}

// Refund is a refund as its merchant sees it.
type Refund struct {
	ID          string `json:"id"`
	PaymentID   string `json:"payment_id"`
	RequestID   string `json:"payment_request_id"`
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"`
	Status      string `json:"status" enum:"requested,success,rejected"`
	Reason      string `json:"reason"`
	RefundRef   string `json:"refund_ref"`
	FeeReturned int64  `json:"fee_returned" doc:"Of the fee that you bore"`
	PayerFee    int64  `json:"payer_fee_returned" doc:"Given back to the payer of what was paid on top"`
	Charge      int64  `json:"refund_fee" doc:"What the refund costs you; 0 for a rejected one"`
	Code        string `json:"code" doc:"Why the payer's bank could not give it back"`
	CreatedAt   Time   `json:"created_at"`
	EndedAt     Time   `json:"ended_at"`
}

// Event is one fact of the merchant's feed, as lists, streams and webhooks tell it.
type Event struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	CreatedAt Time      `json:"created_at"`
	Sequence  int64     `json:"sequence" doc:"Counts this merchant's events from 1 without gaps"`
	Acked     bool      `json:"acked"`
	Data      EventData `json:"data"`
}

// EventData holds the object the event is about, as it was then: exactly one field is set.
type EventData struct {
	Object any `json:"object" doc:"A payment request, payment, refund or payout, by the event's type"`
}

// Balance is what the platform owes the merchant.
type Balance struct {
	Payable  int64  `json:"payable" doc:"Credited and not paid out yet, tyiyn; negative when refunds went further"`
	Currency string `json:"currency"`
	AsOf     Time   `json:"as_of"`
}

// Decode is the body of POST /v1/decode: one of the two.
type Decode struct {
	Payload string `json:"payload,omitempty"`
	Link    string `json:"link,omitempty"`
}

// Decoded is what a payload says.
type Decoded struct {
	Valid    bool    `json:"valid"`
	Dialect  string  `json:"dialect,omitempty" enum:"elqr,emvco"`
	Fields   any     `json:"fields,omitempty" doc:"By tag; templates are objects"`
	Amount   int64   `json:"amount,omitempty"`
	Checksum string  `json:"checksum,omitempty" enum:"sha256,crc16"`
	Error    string  `json:"error,omitempty" doc:"Why it cannot be read"`
	At       *int    `json:"at,omitempty" doc:"The character where reading failed, counted from 0"`
	Message  string  `json:"message,omitempty"`
	Verdict  Verdict `json:"verdict"`
}

// Verdict says what paying the payload would come to.
type Verdict struct {
	Payable  bool     `json:"payable"`
	Code     string   `json:"code,omitempty" doc:"The code a check would refuse it with"`
	Notes    []string `json:"notes" doc:"Where it departs from the regulation"`
	Provider string   `json:"provider,omitempty"`
}

// Statement is a merchant's account for a time, equal to the ledger.
type Statement struct {
	MerchantID string          `json:"merchant_id"`
	Merchant   string          `json:"merchant"`
	From       Time            `json:"from"`
	To         Time            `json:"to"`
	Currency   string          `json:"currency"`
	Opening    int64           `json:"opening_balance"`
	Totals     StatementTotals `json:"totals"`
	Closing    int64           `json:"closing_balance" doc:"opening + payments − fees − refunds + refunds_rejected + fees_returned − refund_fees − payouts + payouts_returned"`
	Lines      []StatementLine `json:"lines"`
}

// StatementTotals sums the lines by kind. All are positive.
type StatementTotals struct {
	Payments        int64 `json:"payments"`
	PaymentsCount   int64 `json:"payments_count"`
	Fees            int64 `json:"fees"`
	Refunds         int64 `json:"refunds"`
	RefundsCount    int64 `json:"refunds_count"`
	RefundsRejected int64 `json:"refunds_rejected"`
	FeesReturned    int64 `json:"fees_returned"`
	RefundFees      int64 `json:"refund_fees" doc:"What refunds cost, less those that were rejected"`
	PayerFees       int64 `json:"payer_fees" doc:"Paid on top by payers; no part of the balance"`
	Payouts         int64 `json:"payouts" doc:"Paid out to your bank"`
	PayoutsReturned int64 `json:"payouts_returned" doc:"Sent back by your bank"`
}

// StatementLine is one movement of the merchant's balance.
type StatementLine struct {
	At        Time   `json:"at"`
	Type      string `json:"type" enum:"payment,refund,refund_rejected,fee_returned,refund_fee,payout,payout_returned"`
	PaymentID string `json:"payment_id"`
	RefundID  string `json:"refund_id"`
	RequestID string `json:"payment_request_id"`
	PayoutID  string `json:"payout_id"`
	TillID    string `json:"till_id"`
	Amount    int64  `json:"amount" doc:"Gross; negative when it leaves the merchant"`
	Fee       int64  `json:"fee"`
	PayerFee  int64  `json:"payer_fee" doc:"Paid on top by the payer"`
	Change    int64  `json:"change" doc:"What it changed of the balance"`
	Balance   int64  `json:"balance" doc:"After this line"`
}

// WebhookEndpoint is an address that events are sent to.
type WebhookEndpoint struct {
	ID     string   `json:"id"`
	URL    string   `json:"url"`
	Types  []string `json:"types" doc:"Empty: all"`
	Secret string   `json:"secret,omitempty" doc:"Shown once, when made or rotated"`

	PublicKeys []string `json:"public_keys" doc:"Check the signatures v1a; newest first, two while the key is being replaced"`

	Disabled  bool   `json:"disabled" doc:"You deleted it, or it answered 410: nothing is sent any more"`
	PausedAt  Time   `json:"paused_at" doc:"Since then nothing is sent, because nothing had arrived for three days; null while it goes on"`
	PausedFor string `json:"paused_for" doc:"What the last attempt met"`
	CreatedAt Time   `json:"created_at"`
}

// NewWebhookEndpoint is the body of POST /v1/webhook-endpoints.
type NewWebhookEndpoint struct {
	URL   string   `json:"url"`
	Types []string `json:"types,omitempty"`
}

// AckThrough is the body of POST /v1/events/ack.
type AckThrough struct {
	Through int64 `json:"through" minimum:"1" doc:"Sequence of the last event that you have worked through"`
}

// AckedThrough is how many events were acknowledged together.
type AckedThrough struct {
	Acked   int  `json:"acked" doc:"How many were not acknowledged before, at most 500"`
	HasMore bool `json:"has_more" doc:"There are more up to that sequence: ask again"`
}

// Recover is the body of POST /v1/webhook-endpoints/{id}/recover.
type Recover struct {
	Since string `json:"since" format:"date-time" doc:"What was begun before is left as it is: RFC 3339"`
}

// Recovered is what will be sent again.
type Recovered struct {
	Deliveries int  `json:"deliveries" doc:"How many are tried again, at most 1000"`
	HasMore    bool `json:"has_more" doc:"There are more: ask again once these have been taken"`
}

// Delivery is one event on its way to an endpoint.
type Delivery struct {
	ID         string `json:"id"`
	EndpointID string `json:"endpoint_id"`
	EventID    string `json:"event_id"`
	EventType  string `json:"event_type"`
	Sequence   int64  `json:"sequence"`
	Status     string `json:"status" enum:"pending,delivered,failed"`
	Attempts   int    `json:"attempts"`
	HTTPStatus int    `json:"http_status"`
	Error      string `json:"error"`

	Request      string `json:"request" doc:"First line and headers of the last attempt; the body was the event"`
	ReplyHeaders string `json:"reply_headers" doc:"First line and headers of the answer, cut after 1,024 bytes"`

	Reply      string `json:"reply" doc:"The first bytes of the answer's body"`
	DurationMS int64  `json:"duration_ms"`
	CreatedAt  Time   `json:"created_at"`
	LastAt     Time   `json:"last_at"`
	NextAt     Time   `json:"next_at"`
}
