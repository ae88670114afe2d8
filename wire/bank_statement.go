package wire

// BankStatement is a statement of a merchant's bank account, compared with payouts.
type BankStatement struct {
	ID        string `json:"id"`
	Format    string `json:"format" enum:"csv,camt.053"`
	Account   string `json:"account"`
	FirstDay  string `json:"first_day" doc:"Of the credits; empty without credits"`
	LastDay   string `json:"last_day"`
	Credits   int64  `json:"credits_count"`
	Matched   int64  `json:"matched_count"`
	CreatedAt Time   `json:"created_at"`
	// Lines and Missing are of one statement only.
	Lines   []BankCredit `json:"lines,omitempty" doc:"The credits in the order of the file, the first thousand"`
	Missing []Payout     `json:"missing_payouts,omitempty" doc:"Payouts of these days that no statement of yours shows"`
}

// BankCredit is money that came into the account, and the payout that it is.
type BankCredit struct {
	Number    int64   `json:"number"`
	Row       int     `json:"row" doc:"In the file; of camt.053 the number of the credit"`
	Date      string  `json:"date"`
	Amount    int64   `json:"amount"`
	Reference string  `json:"reference"`
	Match     string  `json:"match" enum:"reference,amount_and_date,earlier,no_payout,ambiguous,other_amount,taken" doc:"How it was matched, or why not"`
	PayoutID  string  `json:"payout_id,omitempty"`
	Payout    *Payout `json:"payout,omitempty"`
}

// PayoutPart is something that a payout is made of.
type PayoutPart struct {
	Type      string `json:"type" doc:"payment.succeeded, or what a refund moved"`
	At        Time   `json:"at"`
	PaymentID string `json:"payment_id,omitempty"`
	RefundID  string `json:"refund_id,omitempty"`
	OrderID   string `json:"order_id,omitempty"`
	StoreID   string `json:"store_id,omitempty"`
	Amount    int64  `json:"amount"`
	Fee       int64  `json:"fee"`
	Change    int64  `json:"change" doc:"What it changed of your balance"`
}
