// Package web serves the pages: the page of a payment request, the landing page
// of any link, receipts, and the point of sale. Pages are drawn by the server and
// work without scripts; scripts only make them livelier (passkeys, which are the browser's own script interface, aside).
//
// People of the centre and of merchants have /console and /dashboard/{merchant}. To add a page there, write its handler
// and an entry of its address, right and navigation (staffPage says how); the frame asks who is signed in, holds the
// person to the right, and finds the merchant.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/web/asset"
	"tolom/world"
)

// Config is what the pages are made of. All fields but Ring, Trail, DemoKey, Apps and Phone are needed.
type Config struct {
	// Ring signs receipts; nil signs none.
	Ring *access.Ring
	// Trail has the log in which payments stand; nil shows nothing of it.
	Trail    store.Trail
	Platform *flow.Platform
	Gate     *access.Gate
	// Proposals is four eyes; nil does at once whatever operators ask for.
	Proposals *flow.Proposals
	// Recon has the differences from PSPs, Statements the bank statements of merchants.
	Recon      *flow.Reconciler
	Statements *flow.Statements
	Reports    *flow.Reports // what was ordered to be written down
	// Days has business days and payouts, Files what was written down of them; nil shows no files.
	Days  *flow.BusinessDays
	Files *flow.Files
	// Subscribe gives a channel that says "something happened to this request",
	// and a function that ends it. A hint too many does no harm.
	Subscribe func(request id.ID) (hints <-chan struct{}, stop func())
	Proxies   access.Proxies // the balancers before the platform
	DemoKey   string         // key of a till that anybody may open by a button; "" outside the demo
	Apps      []App          // offered on the landing page, in this order
	Phone     string         // address of the simulated phone; "" outside the demo
	DemoStaff []DemoPerson   // shown at the door of people, with their passwords; none outside the demo
	Health    []HealthCheck  // parts of the platform that the console says of whether they are well
	// Pause holds an answer for a while, a timer when nil.
	Pause func(context.Context, time.Duration)
	World world.World
	Log   *slog.Logger
}

// App is a bank app that a link can be opened in. Exactly one of Scheme and Page
// is set: Scheme is the app's own, "elqr-demo", and Page the address of a web app
// to which the link is added in percent-encoding, "https://bank.example/pay?link=".
type App struct{ Name, Scheme, Page string }

// DemoPerson is somebody as whom anybody may sign in to the demo.
type DemoPerson struct{ Role, Login, Password string }

// HealthCheck asks a part of the platform whether it is well. Name is a word that the pages have a message for.
type HealthCheck struct {
	Name string
	Ask  func(context.Context) error
}

// pages is the door. Its methods are the handlers, a file each.
type pages struct {
	Config
	secure   bool             // cookies only travel over https
	passkeys *access.Passkeys // nil where the address allows none
}

// New makes the handler of all pages. It expects to be mounted on "/" and answers
// whatever it does not know with its own 404 page.
func New(c Config) http.Handler {
	p := &pages{Config: c, secure: strings.HasPrefix(c.Platform.Site().Base, "https://")}
	var err error
	if p.passkeys, err = access.NewPasskeys(c.Platform.Site().Base); err != nil {
		c.Log.Warn("nobody can sign in with a passkey", "error", err)
	}
	if p.Proposals == nil {
		p.Proposals = flow.NewProposals(c.Platform, false)
	}
	mux := http.NewServeMux()
	p.payerRoutes(mux)
	p.tillRoutes(mux)
	p.staffRoutes(mux)
	mux.Handle("GET "+asset.Prefix, asset.Serve(p.page(p.missing)))
	mux.HandleFunc("GET /favicon.ico", icon)
	mux.Handle("/", p.page(func(v *visit) error { return p.unserved(mux, v) }))
	return p.outer(mux)
}

func (p *pages) payerRoutes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", p.page(p.home))
	mux.Handle("GET /open", p.page(p.open))
	mux.Handle("GET /p/{token}", p.public(p.checkout))
	mux.Handle("GET /p/{token}/stream", p.public(p.checkoutStream))
	mux.Handle("GET /p/{token}/qr.png", p.public(p.picture(drawPNG, "image/png")))
	mux.Handle("GET /p/{token}/qr.svg", p.public(p.picture(drawSVG, "image/svg+xml")))
	mux.Handle("GET /p/{token}/qr.pdf", p.public(p.picture(p.drawPDF, "application/pdf")))
	mux.Handle("GET /r/{token}", p.public(p.receipt))
}

func (p *pages) tillRoutes(mux *http.ServeMux) {
	mux.Handle("GET /pos", p.page(p.entry))
	mux.Handle("POST /pos/enter", p.page(p.enter))
	mux.Handle("POST /pos/demo", p.page(p.enterDemo))
	mux.Handle("POST /pos/leave", p.page(p.leave))
	mux.Handle("POST /pos/sales", p.page(p.signedIn(access.Request, p.newSale)))
	mux.Handle("GET /pos/sales/{token}", p.page(p.signedIn(access.Read, p.sale)))
	mux.Handle("GET /pos/sales/{token}/stream", p.page(p.signedIn(access.Read, p.saleStream)))
	mux.Handle("POST /pos/sales/{token}/cancel", p.page(p.signedIn(access.Request, p.cancelSale)))
	mux.Handle("GET /pos/payments", p.page(p.signedIn(access.Read, p.payments)))
	mux.Handle("GET /pos/payments/{token}", p.page(p.signedIn(access.Read, p.payment)))
	mux.Handle("POST /pos/payments/{token}/refunds", p.page(p.signedIn(access.Refund, p.newRefund)))
	mux.Handle("GET "+receiptsPath, p.page(p.signedIn(access.Read, p.checkForm)))
	mux.Handle("POST "+receiptsPath, p.page(p.signedIn(access.Read, p.check)))
	mux.Handle("GET /pos/statement", p.page(p.signedIn(access.Report, p.statement)))
	mux.Handle("GET /pos/sticker", p.page(p.signedIn(access.Read, p.sticker)))
	mux.Handle("POST /pos/sticker", p.page(p.signedIn(access.Request, p.newSticker)))
}

// icon answers browsers that ask for the icon by its old name.
func icon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, asset.Path("icon.svg"), http.StatusFound)
}
