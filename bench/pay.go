package bench

import (
	"context"
	"fmt"

	"tolom/flow"
	"tolom/payment"
	"tolom/wire"
)

// Direct pays through the use cases, without HTTP: create and execute of a
// static code, each on the next of the nodes. Run keeps the names of different
// runs on one database apart.
type Direct struct {
	Nodes []*flow.Platform
	Field Field
	Run   string
}

// Pay makes one payment.
func (d Direct) Pay(ctx context.Context, _ int, n int64) error {
	name := fmt.Sprintf("%s-%d", d.Run, n)
	node := func(call int64) *flow.Platform { return d.Nodes[(n+call)%int64(len(d.Nodes))] }
	pay, _, err := node(0).CreatePayment(ctx, d.Field.PSP, wire.NewPSPPayment{
		PSPPaymentID: name, Payload: d.Field.shop(n).Payload, Amount: amount(n), Currency: "KGS",
		Payer: wire.Payer{Key: name, NameMasked: "P*** 1", Kind: "person"},
	}, name)
	if err != nil {
		return err
	}
	pay, err = node(1).Execute(ctx, d.Field.PSP, string(pay.ID))
	if err == nil && pay.Status != payment.Succeeded {
		err = fmt.Errorf("payment %s ended as %s", pay.ID, pay.Status)
	}
	return err
}

// amount varies, so that fees round in every way.
func amount(n int64) int64 { return 100 + n*37%250_000 }
