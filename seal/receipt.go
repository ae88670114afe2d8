package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Receipt is what the platform says of a payment that succeeded, signed, for whoever wants to check it without asking.
// It never changes: a later refund is another thing, and only the platform knows of it.
type Receipt struct {
	Payment  string // the operator's transaction id
	Amount   int64  // tyiyn
	Currency string
	PaidAt   time.Time // milliseconds count
	Merchant string    // its registered name
	Store    string    // where it was paid; may be empty
}

// Why a receipt is not accepted.
var (
	ErrReceipt       = errors.New("this is no signed receipt: give the text that begins with TR1. or the address that ends with it")
	ErrReceiptKey    = errors.New("the receipt names a key that is not among the given public keys")
	ErrReceiptForged = errors.New("the receipt was changed, or the platform never signed it")
)

// receiptMark begins the text of a receipt, receiptSays what is signed of it: the key signs other things too, and none
// can be taken for another.
const (
	receiptMark = "TR1."
	receiptSays = "tolom receipt 1\n"
)

// receiptRow is a receipt as a list, which is shorter than an object: a picture has to hold it.
type receiptRow struct {
	Key      string // how the key's id begins
	Payment  string
	Amount   int64
	Currency string
	PaidAt   int64 // milliseconds since 1970
	Merchant string
	Store    string
}

func (r *receiptRow) parts() []any {
	return []any{&r.Key, &r.Payment, &r.Amount, &r.Currency, &r.PaidAt, &r.Merchant, &r.Store}
}

// write gives the list. Letters stand as they are.
func (r *receiptRow) write() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(r.parts())
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// read reads the list; only what write writes is one, so that no receipt has two texts.
func (r *receiptRow) read(b []byte) error {
	parts := r.parts()
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) != len(r.parts()) {
		return ErrReceipt
	}
	if again, err := r.write(); err != nil || !bytes.Equal(again, b) {
		return ErrReceipt
	}
	return nil
}

// shortKey is how much of a key's id a receipt carries. It finds the key, it proves nothing.
func shortKey(k PublicKey) string { return k.ID()[:8] }

// SignReceipt writes a receipt as one word of letters that an address and a picture can carry. The same receipt has
// the same text under the same key.
func SignReceipt(r Receipt, key PrivateKey) (string, error) {
	row := receiptRow{shortKey(key.Public()), r.Payment, r.Amount, r.Currency, r.PaidAt.UnixMilli(), r.Merchant, r.Store}
	said, err := row.write()
	if err != nil {
		return "", err
	}
	signature, err := key.Sign(append([]byte(receiptSays), said...))
	return receiptMark + jwkText.EncodeToString(said) + "." + jwkText.EncodeToString(signature), err
}

// ReadReceipt finds the signed text in what somebody scanned or pasted, and checks it. ErrReceipt, ErrReceiptKey,
// ErrReceiptForged; with the last two the receipt is what the text claims.
func ReadReceipt(text string, keys []PublicKey) (Receipt, error) {
	said, signature, err := cutReceipt(text)
	if err != nil {
		return Receipt{}, err
	}
	var row receiptRow
	if err := row.read(said); err != nil {
		return Receipt{}, err
	}
	out := Receipt{row.Payment, row.Amount, row.Currency, time.UnixMilli(row.PaidAt).UTC(), row.Merchant, row.Store}
	err = ErrReceiptKey
	for _, k := range keys {
		if shortKey(k) != row.Key {
			continue
		}
		if k.Verify(append([]byte(receiptSays), said...), signature) {
			return out, nil
		}
		err = ErrReceiptForged
	}
	return out, err
}

// cutReceipt takes the text apart. What stands before it, such as the address of the receipt's page, says nothing.
func cutReceipt(text string) (said, signature []byte, err error) {
	text = strings.TrimSpace(text)
	at := strings.LastIndex(text, receiptMark)
	if at < 0 || at > 0 && text[at-1] != '#' {
		return nil, nil, ErrReceipt
	}
	first, second, ok := strings.Cut(text[at+len(receiptMark):], ".")
	said, errSaid := jwkText.DecodeString(first)
	signature, errSignature := jwkText.DecodeString(second)
	if !ok || errSaid != nil || errSignature != nil || strings.ContainsAny(first+second, "\r\n") {
		return nil, nil, ErrReceipt
	}
	return said, signature, nil
}
