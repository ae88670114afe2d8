package wire

// The bodies of the calls that every payment makes can be read plainly. ReadPlain
// says whether it could; if not, what it has filled in means nothing.

// ReadPlain reads the body of POST /v1/payment-requests, when it has no extra
// fields and no metadata.
func (in *NewPaymentRequest) ReadPlain(raw []byte) bool {
	p := plainly(raw)
	p.members(func(name string) uint {
		switch name {
		case "kind":
			in.Kind = p.quoted()
			return 1
		case "amount":
			in.Amount = p.integer()
			return 2
		case "currency":
			in.Currency = p.quoted()
			return 4
		case "amount_editable":
			in.AmountEditable = p.truth()
			return 8
		case "description":
			in.Description = p.quoted()
			return 16
		case "order_id":
			in.OrderID = p.quoted()
			return 32
		case "expires_in":
			in.ExpiresIn = p.integer()
			return 64
		case "store_id":
			in.StoreID = p.quoted()
			return 128
		case "till_id":
			in.TillID = p.quoted()
			return 256
		case "success_url":
			in.SuccessURL = p.quoted()
			return 512
		}
		return 0
	})
	return p.done()
}

// ReadPlain reads the body of POST /psp/v1/check.
func (in *Check) ReadPlain(raw []byte) bool {
	p := plainly(raw)
	p.members(func(name string) uint {
		switch name {
		case "link":
			in.Link = p.quoted()
			return 1
		case "payload":
			in.Payload = p.quoted()
			return 2
		case "amount":
			in.Amount = p.integer()
			return 4
		case "payer":
			in.Payer = &CheckPayer{}
			p.members(func(name string) uint {
				in.Payer.Kind = p.quoted()
				return one(name == "kind")
			})
			return 8
		}
		return 0
	})
	return p.done()
}

func one(known bool) uint {
	if known {
		return 1
	}
	return 0
}

// ReadPlain reads the body of POST /psp/v1/payments.
func (in *NewPSPPayment) ReadPlain(raw []byte) bool {
	p := plainly(raw)
	p.members(func(name string) uint {
		switch name {
		case "psp_payment_id":
			in.PSPPaymentID = p.quoted()
			return 1
		case "link":
			in.Link = p.quoted()
			return 2
		case "payload":
			in.Payload = p.quoted()
			return 4
		case "amount":
			in.Amount = p.integer()
			return 8
		case "currency":
			in.Currency = p.quoted()
			return 16
		case "payer":
			in.Payer.readPlain(&p)
			return 32
		case "receipt_id":
			in.ReceiptID = p.quoted()
			return 64
		case "fee":
			fee := p.integer()
			in.Fee = &fee
			return 128
		}
		return 0
	})
	return p.done()
}

func (in *Payer) readPlain(p *plain) {
	p.members(func(name string) uint {
		switch name {
		case "key":
			in.Key = p.quoted()
			return 1
		case "name_masked":
			in.NameMasked = p.quoted()
			return 2
		case "kind":
			in.Kind = p.quoted()
			return 4
		case "bic":
			in.BIC = p.quoted()
			return 8
		}
		return 0
	})
}
