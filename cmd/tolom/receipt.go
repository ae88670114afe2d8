package main

import (
	"fmt"
	"strings"

	"tolom/money"
	"tolom/seal"
)

// receiptCmd works on receipts without a platform or database.
type receiptCmd struct {
	Verify receiptVerifyCmd `cmd:"" help:"Say whether a receipt was signed by the platform; offline."`
}

// receiptVerifyCmd checks one receipt.
type receiptVerifyCmd struct {
	Receipt string   `arg:"" help:"The signed text that begins with TR1., a link that ends with it, a file that holds either, or - for standard input."`
	Key     []string `required:"" type:"existingfile" help:"Public keys of the platform: JWKS, as under /.well-known/jwks.json, or PEM. May be given again."`
}

// Help is shown by tolom receipt verify --help.
func (receiptVerifyCmd) Help() string {
	return "A signature shows that the payment was made as the receipt says. Whether the money was given back since, only the platform knows: open the link, or ask at a point of sale."
}

// Run prints what was signed, and fails when it was not.
func (c *receiptVerifyCmd) Run(std *stdio) error {
	keys, err := readPublic(c.Key)
	if err != nil {
		return err
	}
	text := c.Receipt
	if !strings.Contains(text, "TR1.") {
		if text, err = readText(c.Receipt, std); err != nil {
			return err
		}
	}
	r, err := seal.ReadReceipt(text, keys)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "real: signed by the platform\npayment   %s\namount    %s %s\npaid at   %s\nmerchant  %q\nstore     %q\n",
		r.Payment, money.Amount(r.Amount).Plain(), r.Currency, r.PaidAt.Format("2006-01-02T15:04:05.000Z"), r.Merchant, r.Store)
	return err
}
