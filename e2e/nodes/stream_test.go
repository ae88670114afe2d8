package nodes

import (
	"context"
	"testing"
	"time"

	"tolom/client"
	"tolom/internal/browsertest"
	"tolom/wire"
)

// soon bounds the wait for a live stream. A second is the promise and the usual
// time is a tenth of that; a busy machine may take longer without being wrong.
const soon = 10 * time.Second

func TestAStreamOnOneNodeSeesAPaymentTakenByAnother(t *testing.T) {
	w := newTown(t, 2)
	shop, bank := w.shop(0, w.nodes[0].URL()), w.pspAt(w.nodes[1])
	request, err := shop.CreateRequest(t.Context(), wire.NewPaymentRequest{Kind: "dynamic", Amount: 500, Description: "tea"})
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	opened, paid := make(chan struct{}), make(chan time.Time, 1)
	go func() {
		for e, err := range shop.Watch(ctx, request.ID, "") {
			switch {
			case err != nil:
				return
			case e.Type == "snapshot":
				close(opened)
			case e.Type == "payment.succeeded":
				paid <- time.Now()
				return
			}
		}
	}()
	wait(t, opened, "the stream opens")
	created, err := bank.Create(t.Context(), wire.NewPSPPayment{
		PSPPaymentID: "one", Payload: request.Payload, Amount: 500, Currency: "KGS", Payer: wire.Payer{Key: "a", NameMasked: "P*** A", Kind: "person"},
	})
	must(t, err)
	_, err = bank.Execute(t.Context(), *created.ID)
	must(t, err)
	executed := time.Now()
	t.Logf("the other node's stream told of the payment %v after its execute was answered", wait(t, paid, "the stream tells of the payment").Sub(executed).Round(time.Millisecond))
}

func wait[T any](t *testing.T, c <-chan T, what string) (out T) {
	t.Helper()
	select {
	case out = <-c:
	case <-time.After(soon):
		t.Fatalf("%v passed and it was not so that %s", soon, what)
	}
	return out
}

// pspAt speaks as the PSP to one node.
func (w *town) pspAt(n *browsertest.Process) *client.PSP {
	return w.people.Bank(n.URL(), w.calls)
}

// objectID gives the id of what an event is about.
func objectID(t *testing.T, e wire.Event) string {
	t.Helper()
	object, err := client.Object[struct {
		ID string `json:"id"`
	}](e)
	must(t, err)
	return object.ID
}
