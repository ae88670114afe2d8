package wire

// Check is the body of POST /psp/v1/check: link or payload, and the amount when
// the payer has entered one.
type Check struct {
	Link    string      `json:"link,omitempty"`
	Payload string      `json:"payload,omitempty"`
	Amount  int64       `json:"amount,omitempty" minimum:"1"`
	Payer   *CheckPayer `json:"payer,omitempty"`
}

// CheckPayer says who would pay.
type CheckPayer struct {
	Kind string `json:"kind,omitempty" enum:"person,company"`
}

// Checked is the answer: what is paid, to whom, and whether the amount may change.
type Checked struct {
	RequestID      string          `json:"request_id"`
	Merchant       CheckedMerchant `json:"merchant"`
	Amount         int64           `json:"amount" doc:"0: the payer enters it"`
	AmountEditable bool            `json:"amount_editable"`
	MinAmount      int64           `json:"min_amount"`
	MaxAmount      int64           `json:"max_amount"`
	Fee            int64           `json:"fee" doc:"What the payer pays on top of the amount; 0: the merchant bears the fee, or the amount is not known yet"`
	FeeTerms       *FeeTerms       `json:"fee_terms,omitempty" doc:"How fee follows from the amount; absent when the merchant bears the fee"`
	Currency       string          `json:"currency"`
	Type           string          `json:"type" doc:"Type of the operation, C2B"`
	TypeCode       int             `json:"type_code" doc:"20 for C2B, 50 for B2B"`
	Kind           string          `json:"kind" enum:"dynamic,static"`
	Description    string          `json:"description"`
	Extra          []Extra         `json:"extra" doc:"Fields to show to the payer"`
	ExpiresAt      Time            `json:"expires_at"`
}

// FeeTerms say what the payer pays on top of an amount: rate × amount ÷ 10000, rounded
// down to a whole tyiyn, plus fixed, at least min, at most max (0: no bound) and at most the amount.
type FeeTerms struct {
	Rate  int64 `json:"rate" doc:"Hundredths of a percent"`
	Fixed int64 `json:"fixed" doc:"Tyiyn"`
	Min   int64 `json:"min" doc:"Tyiyn"`
	Max   int64 `json:"max" doc:"Tyiyn; 0: none"`
}

// CheckedMerchant is who is paid.
type CheckedMerchant struct {
	Name  string `json:"name"`
	Store string `json:"store"`
	MCC   string `json:"mcc"`
}

// NewPSPPayment is the body of POST /psp/v1/payments.
type NewPSPPayment struct {
	PSPPaymentID string `json:"psp_payment_id"`
	Link         string `json:"link,omitempty"`
	Payload      string `json:"payload,omitempty"`
	Amount       int64  `json:"amount"`
	Currency     string `json:"currency,omitempty"`
	Payer        Payer  `json:"payer" required:"false"`
	ReceiptID    string `json:"receipt_id,omitempty" doc:"At most 20 characters"`
	Fee          *int64 `json:"fee,omitempty" minimum:"0" doc:"What your payer agreed to pay on top; another fee now is refused with fee_changed. Absent: any"`
}

// Payer is what the PSP tells of its customer.
type Payer struct {
	Key        string `json:"key,omitempty" doc:"Your stable opaque name for the payer; at most 64 characters"`
	NameMasked string `json:"name_masked,omitempty"`
	Kind       string `json:"kind,omitempty" enum:"person,company"`
	BIC        string `json:"bic,omitempty"`
}

// PSPPayment is a payment as its PSP sees it.
type PSPPayment struct {
	ID           *string `json:"id" doc:"null for an id that was canceled before any create"`
	PSPPaymentID string  `json:"psp_payment_id"`
	RequestID    string  `json:"request_id,omitempty"`
	Status       string  `json:"status" enum:"created,in_process,error,canceled,success"`
	StatusCode   int     `json:"status_code" enum:"10,20,30,40,50"`
	Amount       int64   `json:"amount,omitempty"`
	Currency     string  `json:"currency,omitempty"`
	Fee          int64   `json:"fee" doc:"What the payer pays on top: debit amount + fee"`
	Merchant     string  `json:"merchant,omitempty"`
	Reason       string  `json:"reason,omitempty"`
	ReceiptID    string  `json:"receipt_id,omitempty"`
	Receipt      string  `json:"receipt,omitempty" doc:"The page of the receipt, after success"`
	CreatedAt    Time    `json:"created_at"`
	ExpiresAt    Time    `json:"expires_at"`
	EndedAt      Time    `json:"ended_at"`
}

// CancelByPSPID is the body of POST /psp/v1/cancel.
type CancelByPSPID struct {
	PSPPaymentID string `json:"psp_payment_id"`
}

// StatusQuery is the body of POST /psp/v1/payments/status; at most 1,000 ids.
type StatusQuery struct {
	IDs []string `json:"ids" doc:"Ids of payments, ours (pay_…) or yours (psp_payment_id)"`
}

// StatusAnswer gives the payments that are known and the ids that are not.
// "Not found" is not final: only a canceled answer is.
type StatusAnswer struct {
	Data     []PSPPayment `json:"data"`
	NotFound []string     `json:"not_found"`
}

// PSPRefund is a refund that the PSP is to give back to its payer.
type PSPRefund struct {
	ID           string `json:"id"`
	PaymentID    string `json:"payment_id"`
	PSPPaymentID string `json:"psp_payment_id"`
	Amount       int64  `json:"amount"`
	Fee          int64  `json:"fee" doc:"Of what the payer paid on top, to give back too: credit amount + fee"`
	Currency     string `json:"currency"`
	Status       string `json:"status" enum:"requested,success,rejected"`
	Reason       string `json:"reason"`
	PSPRefundID  string `json:"psp_refund_id"`
	Code         string `json:"code"`
	CreatedAt    Time   `json:"created_at"`
	EndedAt      Time   `json:"ended_at"`
}

// RefundAck is the body of POST /psp/v1/refunds/{id}/ack.
type RefundAck struct {
	Outcome     string `json:"outcome" doc:"credited (or success): the payer has the money; rejected (or error): it cannot be given"`
	Code        string `json:"code,omitempty" doc:"Why it cannot; at most 64 characters"`
	PSPRefundID string `json:"psp_refund_id,omitempty" doc:"At most 50 characters"`
}
