package storybook

import (
	"time"

	"github.com/a-h/templ"

	"tolom/fault"
	"tolom/web/locale"
	"tolom/web/view"
)

func payerScreens() []Screen {
	all := []Screen{{"home", home}, {"open-genuine", openGenuine}}
	for _, verdict := range []view.Verdict{view.Closed, view.Altered, view.Forged, view.Foreign, view.Unreadable} {
		all = append(all, Screen{"open-" + string(verdict), openRefused(verdict)})
	}
	for _, state := range []view.State{view.Ready, view.Waiting, view.Scanned, view.Paid, view.Expired, view.Canceled, view.Paused} {
		all = append(all, Screen{"checkout-" + string(state), checkout(state)})
	}
	return append(all, Screen{"problem-403", problem(403)}, Screen{"problem-404", problem(404)}, Screen{"problem-429", problem(429)}, Screen{"problem-500", problem(500)}, Screen{"problem-503", problem(503)})
}

func home(t locale.Text) templ.Component {
	f := frame(t, t.Say("title_home"), "/").ForPayers()
	f.Early = "open.js"
	return view.HomePage(view.Home{Frame: f, Phone: "/phone"})
}

// Checkout is the sample page of a request in a state.
func Checkout(t locale.Text, state view.State) view.Checkout {
	w := wordsIn(t)
	c := view.Checkout{
		Frame: frame(t, t.Say("title_checkout", "Merchant", w.merchant), "/p/x", "live.js").ForPayers(), Merchant: w.merchant, Store: w.store,
		Amount: 125_050, Description: w.about, Extra: []view.Field{{Label: w.order, Value: "№ 1047"}},
		QR: picture, Link: link, PNG: "/p/x/qr.png",
		Live: live(t, state),
	}
	if state == view.Ready || state == view.Paused {
		c.Amount, c.Description, c.Extra = 0, "", nil
		c.Live.ExpiresAt, c.Live.PaidAt = time.Time{}, now.Add(-4*time.Minute)
	}
	return c
}

func checkout(state view.State) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component { return view.CheckoutPage(Checkout(t, state)) }
}

func live(t locale.Text, state view.State) view.Live {
	l := view.Live{Text: t, State: state, Now: now, ExpiresAt: now.Add(14*time.Minute + 32*time.Second)}
	if state == view.Paid {
		l.Amount, l.PaidAt, l.Receipt, l.Return = 125_050, now, "/r/x", "https://shop.example/thanks"
	}
	return l
}

func openGenuine(t locale.Text) templ.Component {
	w := wordsIn(t)
	return view.OpenPage(view.Open{
		Frame: frame(t, t.Say("title_open"), "/open?link=x").ForPayers(), Verdict: view.Genuine, Merchant: w.merchant, Store: w.store,
		Amount: 125_050, Description: w.about, Page: "/p/x", Link: link,
		Apps: []view.App{{Name: "Demo Bank", Link: "/phone?link=x"}, {Name: "Demo Wallet", Link: "elqr-demo://payqr.kg#" + payload}},
	})
}

func openRefused(verdict view.Verdict) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		o := view.Open{Frame: frame(t, t.Say("title_open"), "/open?link=x").ForPayers(), Verdict: verdict, Link: link}
		if verdict == view.Closed {
			o.Why, o.Page = t.Say("state_expired"), "/p/x"
		}
		return view.OpenPage(o)
	}
}

func problem(status int) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Problem{Frame: frame(t, t.Say("problem_404"), "/nothing").ForPayers(), Status: status,
			Heading: t.Say("problem_404"), Advice: t.Say("problem_404_hint")}
		switch lang := string(t.Lang); status {
		case 403:
			p.Heading, p.Advice = t.Say("problem_403"), t.Say("problem_403_role")
		case 429:
			p.Heading, p.Advice = fault.New(fault.RateLimited).Message(lang), t.Say("problem_429_hint")
		case 500:
			p.Heading, p.Advice, p.RequestID = t.Say("problem_500"), t.Say("problem_500_hint"), "4be1c07fd2a9"
		case 503:
			p.Heading, p.Advice, p.RequestID = fault.New(fault.OutOfService).Message(lang), t.Say("problem_500_hint"), "4be1c07fd2a9"
		}
		p.Title = p.Heading
		return view.ProblemPage(p)
	}
}
