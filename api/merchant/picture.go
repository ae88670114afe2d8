package merchant

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tolom/access"
	"tolom/api/gate"
	"tolom/fault"
	"tolom/payment"
	"tolom/qrimage"
)

type pictureQuery struct {
	Named
	Size  int    `query:"size" minimum:"64" maximum:"2000" doc:"Width in pixels with the margin; default 400. A sticker is always A6"`
	Level string `query:"level" enum:"L,M,Q,H" doc:"Error correction. Default: M; of a sticker the highest that fits"`
	Label string `query:"label" maxLength:"200" doc:"Text under the code; the title of an SVG; on a sticker in place of the till's name"`
	Holds string `query:"holds" enum:"link,payload" default:"link" doc:"What the code says: the link, which any phone's camera opens, or the bare payload, which makes a smaller code"`
	Known string `header:"If-None-Match" doc:"ETag of the picture you have"`
}

// picture is the answer: a file that never changes, or 304.
type picture struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	ETag        string `header:"ETag"`
	Cache       string `header:"Cache-Control" hidden:"true"`
	Body        []byte
}

// painter draws one format.
type painter struct {
	name, contentType, summary string
	draw                       func(ctx context.Context, r payment.Request, in *pictureQuery) ([]byte, error)
}

func (s *Shop) mountPictures(d *gate.Door) {
	for _, p := range []painter{
		{"png", "image/png", "Get the QR code as PNG", s.drawPNG},
		{"svg", "image/svg+xml", "Get the QR code as SVG", s.drawSVG},
		{"pdf", "application/pdf", "Get the QR code as a sticker to print, PDF", s.drawPDF},
	} {
		gate.Add(d, gate.Route{
			Method: http.MethodGet, Path: "/v1/payment-requests/{id}/qr." + p.name, ID: "get-qr-" + p.name, Scope: access.Read, Summary: p.summary,
			Text:    "The picture of a payment request never changes; it comes with an ETag.",
			Query:   "size=600",
			Answers: map[string]*huma.MediaType{p.contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}, s.paint(p))
		d.API.OpenAPI().Paths["/v1/payment-requests/{id}/qr."+p.name].Get.Responses["304"] = &huma.Response{Description: "The picture that you have is the picture"}
	}
}

func (s *Shop) paint(p painter) func(context.Context, *pictureQuery) (*picture, error) {
	return func(ctx context.Context, in *pictureQuery) (*picture, error) {
		r, err := s.Platform.Request(ctx, who(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		bytes, err := p.draw(ctx, r, in)
		if err != nil {
			return nil, undrawable(err)
		}
		sum := sha256.Sum256(bytes)
		out := &picture{Status: http.StatusOK, ContentType: p.contentType, ETag: `"` + hex.EncodeToString(sum[:12]) + `"`, Cache: "private, max-age=86400", Body: bytes}
		if holds(in.Known, out.ETag) {
			out.Status, out.Body = http.StatusNotModified, nil
		}
		return out, nil
	}
}

// holds looks for an ETag in an If-None-Match header.
func holds(header, etag string) bool {
	for known := range strings.SplitSeq(header, ",") {
		known = strings.TrimPrefix(strings.TrimSpace(known), "W/")
		if known == etag || known == "*" {
			return true
		}
	}
	return false
}

func options(in *pictureQuery) qrimage.Options {
	return qrimage.Options{Size: in.Size, Level: qrimage.Level(in.Level), Label: in.Label}
}

// text is what the code says.
func (s *Shop) text(r payment.Request, in *pictureQuery) string {
	if in.Holds == "payload" {
		return r.Payload
	}
	return s.site().LinkOf(r.Payload)
}

func (s *Shop) drawPNG(_ context.Context, r payment.Request, in *pictureQuery) ([]byte, error) {
	return qrimage.PNG(s.text(r, in), options(in))
}

func (s *Shop) drawSVG(_ context.Context, r payment.Request, in *pictureQuery) ([]byte, error) {
	return qrimage.SVG(s.text(r, in), options(in))
}

func (s *Shop) drawPDF(ctx context.Context, r payment.Request, in *pictureQuery) ([]byte, error) {
	registry, sticker := s.Platform.Registry(), qrimage.Sticker{Level: qrimage.Level(in.Level)}
	m, err := registry.Merchant(ctx, r.Merchant)
	if err != nil {
		return nil, err
	}
	sticker.Merchant = m.Name
	if r.Store != "" {
		place, err := registry.Store(ctx, r.Store)
		if err != nil {
			return nil, err
		}
		sticker.Store = place.Name
	}
	if r.Till != "" {
		till, err := registry.Till(ctx, r.Till)
		if err != nil {
			return nil, err
		}
		sticker.Till = till.Name
	}
	if in.Label != "" {
		sticker.Till = in.Label
	}
	if r.Amount > 0 {
		sticker.Amount = r.Amount.String() + " сом"
	}
	return qrimage.PDF(s.text(r, in), sticker)
}

// undrawable names the query parameter that the painter cannot follow.
func undrawable(err error) error {
	for cause, param := range map[error]string{
		qrimage.ErrSize: "size", qrimage.ErrLevel: "level", qrimage.ErrLabel: "label", qrimage.ErrText: "label", qrimage.ErrTooLong: "level",
	} {
		if errors.Is(err, cause) {
			return fault.Wrap(fault.InvalidRequest, err).On(param).Because(strings.TrimPrefix(err.Error(), "qrimage: "))
		}
	}
	return err
}
