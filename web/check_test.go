package web_test

import (
	"bytes"
	"context"
	"html"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tolom/flow"
	"tolom/qrimage"
	"tolom/seal"
	"tolom/store"
	"tolom/trail"
	"tolom/wire"
)

// receiptText gives the signed text that a receipt's page shows.
var receiptText = regexp.MustCompile(`data-receipt-text>([^<]+)<`)

func (s *shop) signedText(token string) string {
	s.t.Helper()
	found := receiptText.FindStringSubmatch(s.browser("ru").get("/r/" + token).text)
	if found == nil {
		s.t.Fatal("the receipt's page shows no signed text")
	}
	return html.UnescapeString(found[1])
}

func TestAReceiptCarriesASignatureThatAnybodyCanCheck(t *testing.T) {
	s := open(t)
	r := s.asks(wire.NewPaymentRequest{Amount: 5000})
	paid := s.pays(r, 5000)
	text := s.signedText(paid.ID.Token())
	got, err := seal.ReadReceipt(text, []seal.PublicKey{signingKey.Public()})
	want := seal.Receipt{Payment: string(paid.ID), Amount: 5000, Currency: "KGS", PaidAt: paid.EndedAt, Merchant: "Кафе «Ала-Тоо»", Store: "Чүй проспекти"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	waiting := s.creates(s.asks(wire.NewPaymentRequest{Amount: 100}), 100)
	if page := s.browser("ru").get("/r/" + waiting.ID.Token()); strings.Contains(page.text, "TR1.") {
		t.Error("a payment that did not succeed has a signed receipt")
	}
}

// TestACashierChecksAReceipt in each form in which it is shown, and sees what has become of the money.
func TestACashierChecksAReceipt(t *testing.T) {
	s := open(t)
	paid := s.pays(s.asks(wire.NewPaymentRequest{Amount: 500000}), 500000)
	s.pays(s.asks(wire.NewPaymentRequest{Amount: 500000}), 500000) // so that there is enough to give back
	token := paid.ID.Token()
	text := s.signedText(token)
	c := s.cashier("en")
	c.get("/pos/receipts").says(t, "Check a receipt")
	for _, shown := range []string{text, base + "/r/" + token + "#" + text, base + "/r/" + token, string(paid.ID)} {
		page := c.post("/pos/receipts", "text", shown)
		page.says(t, "Real: the money was paid", "Nothing was given back", "Кафе «Ала-Тоо»", "24 November 2026")
	}
	s.cashier("ky").post("/pos/receipts", "text", text).says(t, "Чыныгы: акча төлөнгөн")
	s.cashier("ru").post("/pos/receipts", "text", text).says(t, "Настоящая: деньги уплачены")
	back := func(amount int64, reference string) {
		t.Helper()
		_, _, err := s.platform.CreateRefund(context.Background(), s.merchant, flow.Idempotency{Key: reference, Fingerprint: reference}, string(paid.ID), wire.NewRefund{Amount: amount, RefundRef: reference})
		if err != nil {
			t.Fatal(err)
		}
	}
	back(100000, "one")
	c.post("/pos/receipts", "text", text).says(t, "Real, but a part was given back", "Given back: ")
	back(400000, "two")
	c.post("/pos/receipts", "text", text).says(t, "Careful: the money was given back")
}

// TestACashierSeesWhetherAReceiptStandsInTheLog: not yet, then where, and what to do when the log holds another thing.
func TestACashierSeesWhetherAReceiptStandsInTheLog(t *testing.T) {
	s := open(t)
	paid := s.pays(s.asks(wire.NewPaymentRequest{Amount: 5000}), 5000)
	text := s.signedText(paid.ID.Token())
	if page := s.browser("en").get("/r/" + paid.ID.Token()); !strings.Contains(page.text, `href="/log/proof/`+string(paid.ID)+`"`) {
		t.Error("the receipt's page does not lead to the proof")
	}
	c := s.cashier("en")
	c.post("/pos/receipts", "text", text).says(t, "Real: the money was paid", "Not in the sealed log yet")
	s.seal(func(l trail.Line) trail.Hash { return l.Hash() })
	c.post("/pos/receipts", "text", text).says(t, "Real: the money was paid", "Stands in the sealed log, line ")
	s.cashier("ky").post("/pos/receipts", "text", text).says(t, "Мөөр басылган журналда, ")
	s.seal(func(l trail.Line) trail.Hash { l.Fact.Amount = 1; return l.Hash() })
	c.post("/pos/receipts", "text", text).says(t, "Careful: the log of the platform does not hold this payment")
	if !strings.Contains(s.log.String(), "a payment does not stand in the log") {
		t.Error("the operator is not told")
	}
	s.seal(trail.Line.WholeHash)
	if page := c.post("/pos/receipts", "text", text); strings.Contains(page.text, "sealed log") {
		t.Error("of a payment that was sealed in the form of before, something is said")
	}
}

// seal signs a checkpoint over all that happened, with each line hashed in some way.
func (s *shop) seal(hash func(trail.Line) trail.Hash) {
	s.t.Helper()
	ctx := s.t.Context()
	must(s.memory.Sequence(ctx, 1000))(s.t)
	tree := trail.New()
	for _, i := range must(s.memory.Tail(ctx, 0, 1000))(s.t) {
		tree.Append(hash(i.Line()))
	}
	last, _ := s.memory.Checkpoint(ctx, 0) // None is number 0.
	c := trail.Checkpoint{Origin: "elcart.kg/facts", Number: last.Number + 1, Size: tree.Size(), Root: must(tree.Root())(s.t), At: s.clock.Now()}
	text := must(trail.Sign(c, signingKey))(s.t)
	if err := s.memory.Extend(ctx, store.Checkpoint{Number: c.Number, Size: c.Size, Text: text, At: c.At}, tree.Changed()); err != nil {
		s.t.Fatal(err)
	}
}

// TestThreatReceiptShownToACashier: what somebody made up, altered, or never paid is not called real.
func TestThreatReceiptShownToACashier(t *testing.T) {
	s := open(t)
	paid := s.pays(s.asks(wire.NewPaymentRequest{Amount: 500000}), 500000)
	waiting := s.creates(s.asks(wire.NewPaymentRequest{Amount: 700}), 700)
	paidOne := seal.Receipt{Payment: string(paid.ID), Amount: 500000, Currency: "KGS", PaidAt: paid.EndedAt, Merchant: "Кафе «Ала-Тоо»"}
	signed := func(key byte, change func(*seal.Receipt)) string {
		r := paidOne
		change(&r)
		text, err := seal.SignReceipt(r, seal.NewPrivateKey([32]byte{key}))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	c := s.cashier("en")
	for name, k := range map[string]struct{ shown, says string }{
		"a larger amount under another's key":  {signed(9, func(r *seal.Receipt) { r.Amount = 9_000_000 }), "the receipt was altered"},
		"another time under another's key":     {signed(9, func(r *seal.Receipt) { r.PaidAt = r.PaidAt.AddDate(0, 0, 1) }), "the receipt was altered"},
		"another currency under another's key": {signed(9, func(r *seal.Receipt) { r.Currency = "USD" }), "the receipt was altered"},
		"a payment that is not there":          {signed(11, func(r *seal.Receipt) { r.Payment = "pay_00000000000000000000000000" }), "there is no such payment"},
		"a payment that did not succeed":       {base + "/r/" + waiting.ID.Token(), "this payment has not succeeded"},
		"a letter changed":                     {strings.Replace(signed(11, func(*seal.Receipt) {}), "TR1.W", "TR1.V", 1), "not a receipt of ours"},
		"a signature cut off":                  {signed(11, func(*seal.Receipt) {})[:150] + ".AAAA", "not a receipt of ours"},
		"another shop's page":                  {"https://bank.example/receipt?id=1", "not a receipt of ours"},
		"a script":                             {"<script>alert(1)</script>", "not a receipt of ours"},
	} {
		page := c.post("/pos/receipts", "text", k.shown)
		page.says(t, k.says)
		if strings.Contains(page.text, "Real") || strings.Contains(page.text, "9 000") || strings.Contains(page.text, "<script>alert") {
			t.Errorf("%s: the page says\n%s", name, page.text)
		}
	}
	// The name that is shown is the registered one, whatever was signed or not signed.
	page := c.post("/pos/receipts", "text", signed(9, func(r *seal.Receipt) { r.Merchant = "Somebody Else" }))
	page.says(t, "Кафе «Ала-Тоо»")
	if strings.Contains(page.text, "Somebody Else") {
		t.Error("a name from the text is shown")
	}
}

// TestAReceiptIsReadFromAPhotograph as the page of the payer shows it.
func TestAReceiptIsReadFromAPhotograph(t *testing.T) {
	s := open(t)
	paid := s.pays(s.asks(wire.NewPaymentRequest{Amount: 5000}), 5000)
	png, err := qrimage.PNG(base+"/r/"+paid.ID.Token()+"#"+s.signedText(paid.ID.Token()), qrimage.Options{Size: 700})
	if err != nil {
		t.Fatal(err)
	}
	c := s.cashier("en")
	c.photo(png).says(t, "Real: the money was paid")
	c.photo([]byte("no picture")).says(t, "No code was found in the picture")
	if page := c.post("/pos/receipts"); page.StatusCode != 303 {
		t.Errorf("nothing shown: status %d", page.StatusCode)
	}
	if page := s.browser("en").post("/pos/receipts", "text", string(paid.ID)); strings.Contains(page.text, "Real") {
		t.Error("a stranger checks receipts")
	}
}

func (b *browser) photo(picture []byte) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("photo", "photo.png")
	if err == nil {
		_, err = file.Write(picture)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/pos/receipts", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}
