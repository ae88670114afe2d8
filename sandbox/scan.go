package sandbox

import (
	"context"
	"io"
	"strings"

	"tolom/money"
	"tolom/qrimage"
	"tolom/wire"
)

// Scan asks the platform what a link or payload is about and keeps the offer. amount is what the payer has typed
// already, 0 if nothing. Refused: ErrPayer, or a *client.Problem of the platform.
func (b *Bank) Scan(ctx context.Context, payer, text string, amount money.Amount) (Purchase, error) {
	account, err := b.Account(payer)
	if err != nil {
		return Purchase{}, err
	}
	text = strings.TrimSpace(text)
	ask := wire.Check{Amount: int64(amount), Payer: &wire.CheckPayer{Kind: account.kind()}}
	ask.Link, ask.Payload = linkOrPayload(text)
	ctx, cancel := context.WithTimeout(ctx, b.CallTime)
	defer cancel()
	offer, err := b.PSP.Check(ctx, ask)
	if err != nil {
		return Purchase{}, err
	}
	name, err := b.newID()
	if err != nil {
		return Purchase{}, err
	}
	e := entry{Event: purchaseOffered, Purchase: name, Of: payer, Text: text, Offer: &offer, Amount: amount}
	if err := b.note(e); err != nil {
		return Purchase{}, err
	}
	return b.Purchase(name)
}

// ScanPicture reads a QR code from a picture (PNG, JPEG, GIF or WebP) and scans it. Refused also with the errors of
// qrimage.Read.
func (b *Bank) ScanPicture(ctx context.Context, payer string, picture io.Reader) (Purchase, error) {
	text, err := qrimage.Read(picture)
	if err != nil {
		return Purchase{}, err
	}
	return b.Scan(ctx, payer, text, 0)
}

// linkOrPayload tells a bare payload, which begins with its tag 00, from a link. The platform judges both.
func linkOrPayload(text string) (link, payload string) {
	if strings.HasPrefix(text, "0002") {
		return "", text
	}
	return text, ""
}

func (a Account) kind() string {
	if a.Company {
		return "company"
	}
	return "person"
}

// masked is the payer's name as the platform may know it: "D*** p*** 1".
func (a Account) masked() string {
	words := strings.Fields(a.Name)
	for i, word := range words {
		if letters := []rune(word); len(letters) > 1 {
			words[i] = string(letters[:1]) + "***"
		}
	}
	return strings.Join(words, " ")
}
