package client

import "context"

// PictureOptions say how a QR picture looks; zero fields leave it to the platform.
type PictureOptions struct {
	Format string // "png" (default), "svg" or "pdf"
	Size   int    // pixels of a side
	Level  string // error correction: "L", "M", "Q" or "H"
	Label  string // text under the code
}

// Picture reads the QR picture of a payment request as the bytes of a file.
func (m *Merchant) Picture(ctx context.Context, request string, o PictureOptions) ([]byte, error) {
	if o.Format == "" {
		o.Format = "png"
	}
	what := get(path("/v1/payment-requests/%s/qr.%s", request, o.Format),
		"size", count(o.Size), "level", o.Level, "label", o.Label)
	what.accept = "*/*"
	return m.client.file(ctx, what)
}

// file sends a reading call whose answer is taken as it is.
func (c *Client) file(ctx context.Context, what call) ([]byte, error) {
	return retried(ctx, c, what, func(a answer) ([]byte, error) { return a.body, nil })
}

// settle sends a call whose answer says nothing beyond that it was done.
func (c *Client) settle(ctx context.Context, what call) error {
	_, err := c.file(ctx, what)
	return err
}
