package archive_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tolom/archive"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// eraseAll goes through everything that is older than an hour ahead.
func eraseAll(t *testing.T, s store.Eraser) (rows int) {
	t.Helper()
	for _, what := range store.Personals {
		for {
			n, err := s.Erase(t.Context(), what, system.Clock.Now().Add(time.Hour), 3)
			must(t, err)
			if n == 0 {
				break
			}
			rows += n
		}
	}
	return rows
}

// After its time nothing of a payer is anywhere in the database: neither the masked name nor
// the PSP's key nor what the merchant wrote. Books, log, claims and receipts are as before.
func TestWhatIsPersonalIsErasedAndNothingElse(t *testing.T) {
	for _, p := range append(places, place{"memory", nil}) {
		t.Run(p.name, func(t *testing.T) {
			var s store.Store = store.NewMemory(system.Clock)
			if p.dsn != nil {
				s = open(t, p.dsn(t)).Store
			}
			c := newTown(t, s, system)
			c.live(7)
			sticker, _, err := c.p.CreateRequest(t.Context(), c.shop, flow.Idempotency{Key: "s", Fingerprint: "s"}, wire.NewPaymentRequest{Kind: "static", Description: "Касса Payer A"})
			must(t, err)
			pay, err := c.pay(t.Context())
			must(t, err)
			c.sealed()
			receipt, err := c.p.Receipt(t.Context(), string(pay))
			must(t, err)
			signed, err := seal.SignReceipt(flow.SignedReceipt(receipt), sealKey)
			must(t, err)
			d := store.Delivery{ID: world.NewID(system, id.Delivery, 1), Endpoint: world.NewID(system, id.Endpoint, 1), Merchant: c.shop.ID, Status: store.DeliveryDelivered,
				Request: "POST /hook Payer A", Reply: "thanks, Payer A", CreatedAt: system.Clock.Now()}
			must(t, s.PutDelivery(t.Context(), d))
			before := sound(t, s)

			if n := eraseAll(t, s); n < 8+8+3+1 {
				t.Fatalf("%d rows were gone through", n)
			}
			after := sound(t, s)
			if after.Payments != before.Payments || after.Entries != before.Entries || after.Facts != before.Facts {
				t.Errorf("before %+v, after %+v", before, after)
			}
			if got, err := s.Payment(t.Context(), pay); err != nil || got.Payer != (payment.Payer{NameMasked: payment.Erased, Kind: "person"}) || got.Amount != 70_000 {
				t.Errorf("the payment is %+v, %v", got, err)
			}
			verdict, shown, err := c.p.CheckReceipt(t.Context(), signed, []seal.PublicKey{sealKey.Public()})
			if err != nil || verdict != flow.ReceiptReal || shown.Payment.Payer.NameMasked != payment.Erased {
				t.Errorf("the receipt of then is %s, %v", verdict, err)
			}
			if got, err := s.Request(t.Context(), sticker.ID); err != nil || got.Description != "Касса Payer A" || got.Payload == "" {
				t.Errorf("a sticker that is in use was erased: %+v, %v", got, err)
			}
			_, _, err = c.p.CancelRequest(t.Context(), c.shop, flow.Idempotency{Key: "c", Fingerprint: "c"}, string(sticker.ID))
			must(t, err)
			if eraseAll(t, s) == 0 || eraseAll(t, s) != 0 {
				t.Error("the sticker that has ended is not erased once")
			}
			sound(t, s)
			if p.dsn != nil {
				nothingOf(t, s.(store.Copier), "Payer A", "P*** A", "key evt_", "DEMOKG22")
			}
		})
	}
}

// nothingOf looks for words in everything that a database keeps.
func nothingOf(t *testing.T, s store.Copier, words ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "all")
	_, err := archive.Backup(t.Context(), s, file, system.Clock.Now())
	must(t, err)
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	all, err := io.ReadAll(z)
	must(t, err)
	for _, word := range words {
		if at := strings.Index(string(all), word); at >= 0 {
			t.Errorf("%q is still there: …%s…", word, all[max(0, at-200):min(len(all), at+60)])
		}
	}
}
