package wire

import (
	"maps"
	"slices"
)

// AppendJSON appends the request as encoding/json writes it, <, > and & unescaped.
func (r *PaymentRequest) AppendJSON(dst []byte) []byte {
	w := writer{dst: append(dst, '{')}
	w.text("id", r.ID)
	w.text("kind", r.Kind)
	w.text("status", r.Status)
	w.number("amount", r.Amount)
	w.text("currency", r.Currency)
	w.truth("amount_editable", r.AmountEditable)
	w.text("description", r.Description)
	w.text("order_id", r.OrderID)
	w.text("store_id", r.StoreID)
	w.text("till_id", r.TillID)
	w.extras(r.Extra)
	w.text("success_url", r.SuccessURL)
	w.texts("metadata", r.Metadata)
	w.text("payload", r.Payload)
	w.text("link", r.Link)
	w.text("page", r.Page)
	w.number("paid_amount", r.PaidAmount)
	w.number("payments_count", r.PaymentsCount)
	w.time("created_at", r.CreatedAt)
	w.time("expires_at", r.ExpiresAt)
	w.time("scanned_at", r.ScannedAt)
	w.time("ended_at", r.EndedAt)
	w.close('}')
	return w.dst
}

// AppendJSON appends the answer to a check as encoding/json writes it, <, > and &
// unescaped.
func (c *Checked) AppendJSON(dst []byte) []byte {
	w := writer{dst: append(dst, '{')}
	w.text("request_id", c.RequestID)
	w.open("merchant", '{')
	w.text("name", c.Merchant.Name)
	w.text("store", c.Merchant.Store)
	w.text("mcc", c.Merchant.MCC)
	w.close('}')
	w.number("amount", c.Amount)
	w.truth("amount_editable", c.AmountEditable)
	w.number("min_amount", c.MinAmount)
	w.number("max_amount", c.MaxAmount)
	w.number("fee", c.Fee)
	if t := c.FeeTerms; t != nil {
		w.open("fee_terms", '{')
		w.number("rate", t.Rate)
		w.number("fixed", t.Fixed)
		w.number("min", t.Min)
		w.number("max", t.Max)
		w.close('}')
	}
	w.text("currency", c.Currency)
	w.text("type", c.Type)
	w.number("type_code", int64(c.TypeCode))
	w.text("kind", c.Kind)
	w.text("description", c.Description)
	w.extras(c.Extra)
	w.time("expires_at", c.ExpiresAt)
	w.close('}')
	return w.dst
}

// AppendJSON appends the payment as encoding/json writes it, <, > and & unescaped.
func (p *PSPPayment) AppendJSON(dst []byte) []byte {
	w := writer{dst: append(dst, '{')}
	if p.ID == nil {
		w.member("id")
		w.dst = append(w.dst, "null"...)
	} else {
		w.text("id", *p.ID)
	}
	w.text("psp_payment_id", p.PSPPaymentID)
	w.textOr("request_id", p.RequestID)
	w.text("status", p.Status)
	w.number("status_code", int64(p.StatusCode))
	w.numberOr("amount", p.Amount)
	w.textOr("currency", p.Currency)
	w.number("fee", p.Fee)
	w.textOr("merchant", p.Merchant)
	w.textOr("reason", p.Reason)
	w.textOr("receipt_id", p.ReceiptID)
	w.textOr("receipt", p.Receipt)
	w.time("created_at", p.CreatedAt)
	w.time("expires_at", p.ExpiresAt)
	w.time("ended_at", p.EndedAt)
	w.close('}')
	return w.dst
}

// AppendMarshal appends the payment as json.Marshal writes it, <, > and & escaped:
// digests of creates are taken of that, and are kept for ever.
func (in *NewPSPPayment) AppendMarshal(dst []byte) []byte {
	w := writer{dst: append(dst, '{'), html: true}
	w.text("psp_payment_id", in.PSPPaymentID)
	w.textOr("link", in.Link)
	w.textOr("payload", in.Payload)
	w.number("amount", in.Amount)
	w.textOr("currency", in.Currency)
	w.open("payer", '{')
	w.textOr("key", in.Payer.Key)
	w.textOr("name_masked", in.Payer.NameMasked)
	w.textOr("kind", in.Payer.Kind)
	w.textOr("bic", in.Payer.BIC)
	w.close('}')
	w.textOr("receipt_id", in.ReceiptID)
	if in.Fee != nil {
		w.number("fee", *in.Fee)
	}
	w.close('}')
	return w.dst
}

// extras appends a list of extra fields; nil is null.
func (w *writer) extras(list []Extra) {
	w.member("extra")
	if len(list) == 0 && list != nil {
		w.dst = append(w.dst, '[', ']')
		return
	}
	w.dst = append(w.dst, w.escaped(list)...) // Few requests have any.
}

// texts appends a map by its sorted keys; nil is null.
func (w *writer) texts(name string, m map[string]string) {
	if m == nil {
		w.member(name)
		w.dst = append(w.dst, "null"...)
		return
	}
	w.open(name, '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.quoted(key)
		w.dst = append(w.dst, ':')
		w.quoted(m[key])
	}
	w.close('}')
}
