package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/qrimage"
	"tolom/seal"
	"tolom/trail"
	"tolom/web/view"
)

// signed adds to the page of a payment that succeeded what others can check without asking: the signed text, and a
// code that leads here and carries it.
func (p *pages) signed(ctx context.Context, r *view.Receipt, got flow.PublicReceipt) error {
	if p.Ring == nil || got.Payment.Status != payment.Succeeded {
		return nil
	}
	keys, err := p.Ring.Keys(ctx)
	if err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	if r.Signed, err = seal.SignReceipt(flow.SignedReceipt(got), keys.Signing); err != nil {
		return err
	}
	link := p.Platform.Site().Base + "/r/" + got.Payment.ID.Token() + "#" + r.Signed
	if p.Trail != nil {
		r.Proof = "/log/proof/" + string(got.Payment.ID)
	}
	svg, err := qrimage.SVG(link, qrimage.Options{Label: r.Say("receipt_code")})
	r.QR = string(svg)
	return err
}

// receiptsPath is where a cashier checks what a payer shows.
const receiptsPath = "/pos/receipts"

// checkForm is the page before anything was shown.
func (p *pages) checkForm(v *visit, c cashier) error {
	return v.show(http.StatusOK, view.CheckPage(p.checkPage(v, c)))
}

func (p *pages) checkPage(v *visit, c cashier) view.Check {
	return view.Check{Frame: c.frame(v, receiptsPath, view.AtPayments, v.text.Say("receipt_check")), Action: receiptsPath}
}

// check judges the receipt in a picture or in a text, whichever the form holds.
func (p *pages) check(v *visit, c cashier) error {
	page := p.checkPage(v, c)
	text, err := p.shown(v)
	switch {
	case errors.Is(err, errNoCode):
		page.Error = v.text.Say("receipt_no_code")
		return v.show(http.StatusOK, view.CheckPage(page))
	case err != nil:
		return err
	case text == "":
		return v.then(receiptsPath)
	}
	var keys []seal.PublicKey
	if p.Ring != nil {
		got, err := p.Ring.Keys(v.r.Context())
		if err != nil {
			return fault.Wrap(fault.OutOfService, err)
		}
		keys = got.Published
	}
	verdict, got, err := p.Platform.CheckReceipt(v.r.Context(), text, keys)
	if err != nil {
		return err
	}
	page.Verdict = string(verdict)
	if got.Payment.ID != "" {
		p.known(v, c, &page, got)
	}
	if verdict == flow.ReceiptReal && p.Trail != nil && len(keys) > 0 {
		if page.Log, page.LogTone, err = p.stands(v, got.Payment.ID, keys); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, view.CheckPage(page))
}

// known shows what the platform knows of the payment, whatever the receipt says.
func (p *pages) known(v *visit, c cashier, page *view.Check, got flow.PublicReceipt) {
	r := receiptOf(v.text, got)
	r.Text = v.text
	page.Receipt = &r
	page.Refunded = got.Payment.Refunded + got.Payment.Refunding
	if page.Elsewhere = got.Payment.Merchant != c.ID; !page.Elsewhere {
		page.Link = paymentPath(got.Payment.ID)
	}
}

// stands says in words whether a payment stands in the sealed log. A cashier who is told that it does not should ask before
// goods go out: the platform's own records contradict each other.
func (p *pages) stands(v *visit, pay id.ID, keys []seal.PublicKey) (string, view.Tone, error) {
	proof, err := p.Platform.Proof(v.r.Context(), p.Trail, string(pay))
	switch {
	case errors.Is(err, trail.ErrUnsealed):
		return v.text.Say("check_unsealed"), view.Good, nil
	case fault.Has(err, fault.NotFound): // It was sealed in the form of before, which is not shown.
		return "", view.Good, nil
	case fault.Has(err, fault.OutOfService):
		return "", view.Good, err
	case err == nil:
		var sealed trail.Checkpoint
		if sealed, err = proof.Check(keys); err == nil {
			return v.text.Say("check_sealed", "Line", strconv.FormatInt(proof.Line.Position, 10), "Moment", v.text.Moment(sealed.At)), view.Good, nil
		}
	}
	p.Log.Error("a payment does not stand in the log", "payment", pay, "error", err)
	return v.text.Say("check_not_in_log"), view.Danger, nil
}

// errNoCode says that a picture shows no code that can be read.
var errNoCode = errors.New("web: there is no code in the picture")

// mostPictures is how many pictures are read at a time: a large one takes hundreds of megabytes for a moment.
const mostPictures = 2

var pictures = make(chan struct{}, mostPictures)

// shown gives the text that was scanned or pasted; "" when there is none.
func (p *pages) shown(v *visit) (string, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, qrimage.MaxPictureBytes+formLimit)
	if err := v.r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", badForm(err)
	}
	if v.r.MultipartForm != nil {
		defer v.r.MultipartForm.RemoveAll()
	}
	file, head, err := v.r.FormFile("photo")
	if err != nil || head.Size == 0 {
		text := strings.TrimSpace(v.r.PostFormValue("text"))
		if len(text) > formLimit {
			return "", badForm(errors.New("web: the text is too long"))
		}
		return text, nil
	}
	defer file.Close()
	select {
	case pictures <- struct{}{}:
		defer func() { <-pictures }()
	case <-v.r.Context().Done():
		return "", v.r.Context().Err()
	}
	text, err := qrimage.Read(file)
	if err != nil {
		return "", errors.Join(errNoCode, err)
	}
	return text, nil
}
