package storybook

import (
	"time"

	"github.com/a-h/templ"

	"tolom/money"
	"tolom/web/locale"
	"tolom/web/view"
)

func tillScreens() []Screen {
	all := []Screen{
		{"pos-enter", enter(view.Enter{Demo: true})}, {"pos-enter-refused", enterRefused},
		{"pos-entry", entry}, {"pos-entry-empty", entryEmpty}, {"pos-entry-refused", entryRefused},
	}
	for _, state := range []view.State{view.Waiting, view.Scanned, view.Paid, view.Expired, view.Canceled} {
		all = append(all, Screen{"pos-sale-" + string(state), sale(state)})
	}
	return append(all,
		Screen{"pos-payments", payments}, Screen{"pos-payment", payment}, Screen{"pos-refund-refused", refundRefused},
		Screen{"pos-check", check("", 0)}, Screen{"pos-check-real", check("real", 0)}, Screen{"pos-check-partly", check("real", 240_000)},
		Screen{"pos-check-altered", check("altered", 0)}, Screen{"pos-check-unreadable", check("unreadable", 0)},
		Screen{"pos-sticker", sticker(true)}, Screen{"pos-sticker-none", sticker(false)})
}

func enter(e view.Enter) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		e.Frame = frame(t, t.Say("pos_title"), "/pos")
		return view.EnterPage(e)
	}
}

func enterRefused(t locale.Text) templ.Component {
	return view.EnterPage(view.Enter{Frame: frame(t, t.Say("pos_title"), "/pos"), Error: t.Say("error_key")})
}

func entry(t locale.Text) templ.Component {
	return view.EntryPage(view.Entry{Frame: tillFrame(t, view.AtSale, t.Say("nav_sale")), Key: "k", Recent: rows(t)[:4], Now: now})
}

func entryEmpty(t locale.Text) templ.Component {
	return view.EntryPage(view.Entry{Frame: tillFrame(t, view.AtSale, t.Say("nav_sale")), Key: "k", Now: now})
}

func entryRefused(t locale.Text) templ.Component {
	return view.EntryPage(view.Entry{Frame: tillFrame(t, view.AtSale, t.Say("nav_sale")), Key: "k", Now: now,
		Amount: "12,345", Description: wordsIn(t).about, Error: t.Say("error_amount"), Recent: rows(t)[:2]})
}

func sale(state view.State) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		w := wordsIn(t)
		s := view.Sale{Frame: tillFrame(t, view.AtSale, w.merchant), Merchant: w.merchant, Amount: 125_050, Description: w.about,
			QR: picture, Cancel: "/pos/sales/x/cancel", Live: live(t, state)}
		if state == view.Paid {
			s.Live.Payer = "Payer A***"
		}
		return view.SalePage(s)
	}
}

// rows are the last payments of a till, one in each state.
func rows(t locale.Text) []view.PaymentRow {
	row := func(minutes int, a money.Amount, tone view.Tone, status string) view.PaymentRow {
		return view.PaymentRow{Link: "/pos/payments/x", At: now.Add(-time.Duration(minutes) * time.Minute), Amount: a, Payer: "Payer A***",
			Status: t.Say(status), Tone: tone, Refundable: tone == view.Good}
	}
	all := []view.PaymentRow{
		row(1, 125_050, view.Good, "status_success"), row(7, 34_000, view.Warn, "status_processing"),
		row(19, 1_240_000, view.Good, "status_success"), row(44, 9_900, view.Calm, "status_canceled"),
		row(61, 256_000, view.Danger, "status_failure"), row(60*26, 99_999_999, view.Good, "status_success"),
	}
	all[2].Refunded = 240_000
	return all
}

func payments(t locale.Text) templ.Component {
	return view.PaymentsPage(view.Payments{Frame: tillFrame(t, view.AtPayments, t.Say("nav_payments")), Rows: rows(t), Now: now, Next: "/pos/payments?after=x"})
}

func detail(t locale.Text) view.PaymentDetail {
	w := wordsIn(t)
	return view.PaymentDetail{
		Frame: tillFrame(t, view.AtPayments, t.Say("payment")), Row: rows(t)[2], Now: now, Receipt: "/r/x",
		Details: []view.Field{
			{Label: t.Say("field_date"), Value: t.Moment(now)}, {Label: t.Say("field_description"), Value: w.about},
			{Label: t.Say("field_payer"), Value: "Payer A***"}, {Label: t.Say("field_psp"), Value: "Demo Bank"},
			{Label: t.Say("field_merchant_fee"), Value: t.Money(6_200)}, {Label: t.Say("field_net"), Value: t.Money(1_233_800)},
			{Label: t.Say("field_operation"), Value: "pay_0db4bqzs6qm5yvqm3w6dm5r8c1"},
		},
		Refunds: refunds(t),
		Form:    &view.RefundForm{Action: "/pos/payments/x/refunds", Key: "k", Left: 1_000_000, Amount: "10000,00"},
	}
}

func refunds(t locale.Text) []view.RefundLine {
	return []view.RefundLine{
		{Amount: 200_000, At: now.Add(-9 * time.Minute), Status: t.Say("refund_success"), Tone: view.Good, Reason: wordsIn(t).reason},
		{Amount: 40_000, At: now.Add(-2 * time.Minute), Status: t.Say("refund_requested"), Tone: view.Warn},
	}
}

func payment(t locale.Text) templ.Component { return view.PaymentPage(detail(t)) }

func refundRefused(t locale.Text) templ.Component {
	d := detail(t)
	d.Form.Amount, d.Form.Error = "99999", t.Say("error_amount")
	return view.PaymentPage(d)
}

func sticker(made bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		w := wordsIn(t)
		s := view.Sticker{Frame: tillFrame(t, view.AtSticker, t.Say("sticker_title")), Key: "k"}
		if made {
			s.Merchant, s.Store, s.QR, s.State, s.Page, s.Link, s.PDF = w.merchant, w.store, picture, view.Ready, "/p/x", link, "/p/x/qr.pdf"
		}
		return view.StickerPage(s)
	}
}
