package storybook

import (
	"time"

	"github.com/a-h/templ"

	"tolom/web/locale"
	"tolom/web/view"
)

func peopleScreens() []Screen {
	return []Screen{
		{"sign-in", signIn("")}, {"sign-in-refused", signIn("error_sign_in")}, {"code", code(true, "")}, {"code-refused", code(true, "error_code")}, {"code-recovery", code(false, "")},
		{"join", join("")}, {"join-refused", join("password")}, {"choice", choice}, {"account", account(false)}, {"account-bare", account(true)}, {"totp", totp}, {"recovery", recovery},
		{"passkey-remove", passkeyRemove}, {"people", people}, {"events", events(true)}, {"events-none", events(false)},
		{"dashboard", dashboard(true)}, {"dashboard-empty", dashboard(false)}, {"dashboard-statement", dashboardStatement}, {"reports", reports(true)}, {"reports-none", reports(false)},
	}
}

func signIn(wrong string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.SignIn{Frame: frame(t, t.Say("sign_in"), "/sign-in", "passkey.js"), Demo: []view.Field{{Label: t.Say("role_owner"), Value: "owner · demo-owner-password"}, {Label: t.Say("role_accountant"), Value: "accountant · demo-accountant-password"}}}
		if wrong != "" {
			p.Login, p.Error = "owner", t.Say(wrong)
		}
		return view.SignInPage(p)
	}
}

func code(totp bool, wrong string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Code{Frame: frame(t, t.Say("second_factor"), "/sign-in"), TOTP: totp, Passkeys: true}
		if wrong != "" {
			p.Error = t.Say(wrong)
		}
		return view.CodePage(p)
	}
}

func join(wrong string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Join{Frame: frame(t, t.Say("join_title"), "/join/x"), Where: wordsIn(t).merchant, Roles: t.Say("role_accountant")}
		if wrong == "" {
			p.Me = "owner"
		} else {
			p.Login, p.Name, p.Error, p.Field = "accountant", "Accountant A", t.Say("password_rule"), wrong
		}
		return view.JoinPage(p)
	}
}

func choice(t locale.Text) templ.Component {
	f := merchantFrame(t, t.Say("choose_merchant"))
	f.Staff.Where = "Tölöm"
	return view.ChoicePage(view.Choice{Frame: f, Stops: []view.Stop{{Path: "/console", Name: t.Say("console")}, {Path: "/dashboard/x", Name: wordsIn(t).merchant}}})
}

func sessions(t locale.Text) []view.SessionRow {
	return []view.SessionRow{{Agent: "Firefox 150, Linux", About: "203.0.113.7 · " + t.Moment(now), This: true}, {Agent: "Chrome 150, Android", About: "203.0.113.8 · " + t.Moment(now), End: "#end"}}
}

func account(bare bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		f := merchantFrame(t, t.Say("account"))
		p := view.Account{Frame: f, Login: "owner", Name: "Owner A", Roles: wordsIn(t).merchant + ": " + t.Say("role_owner"), Sessions: sessions(t)}
		if bare {
			f.Staff.Stops = nil
			p.Unproven = true
			return view.AccountPage(p)
		}
		p.TOTP, p.Recovery, p.Form, p.Error = true, 7, "password", t.Say("error_proof")
		p.Passkeys = []view.PasskeyRow{{Name: "Phone", Since: now, Remove: "#remove"}}
		p.Events = eventList(t)
		return view.AccountPage(p)
	}
}

func eventList(t locale.Text) []view.EventRow {
	return []view.EventRow{{At: now, What: t.Say("password_change"), About: "owner · 203.0.113.7"}, {At: now.Add(-time.Hour), What: t.Say("sign_in"), About: "owner · 203.0.113.7"}}
}

func totp(t locale.Text) templ.Component {
	return view.TOTPPage(view.TOTPSetup{Frame: merchantFrame(t, t.Say("totp_title")), QR: picture, Seed: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Ticket: "x", Replaces: true, Error: t.Say("error_proof")})
}

func recovery(t locale.Text) templ.Component {
	p := view.RecoveryCodes{Frame: merchantFrame(t, t.Say("recovery_title")), Next: "/account"}
	for range 10 {
		p.Codes = append(p.Codes, "k3vx-9pqm-27rt-wz4h")
	}
	return view.RecoveryPage(p)
}

func passkeyRemove(t locale.Text) templ.Component {
	return view.PasskeyRemovePage(view.PasskeyRemove{Frame: merchantFrame(t, t.Say("remove")), Heading: t.Say("remove") + ": Phone", Action: "#remove", TOTP: true, Error: t.Say("error_proof")})
}

func people(t locale.Text) templ.Component {
	p := view.People{Frame: merchantFrame(t, t.Say("nav_people")), Invite: "#invite", Link: "https://pay.example/join/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
	for _, role := range []string{"owner", "manager", "cashier"} {
		p.Roles = append(p.Roles, view.RoleChoice{Role: role, Name: t.Say("role_" + role), About: t.Say("about_" + role), Chosen: role == "cashier"})
		p.Members = append(p.Members, view.MemberRow{Name: t.Say("role_"+role) + " A", Login: role, Roles: t.Say("role_" + role), Second: role == "owner", Me: role == "owner", Sessions: sessions(t)[1:]})
	}
	p.Members[2].Change, p.Members[2].End, p.Members[2].Choices = "#change", "#leave", p.Roles
	p.Invitations = []view.InvitationRow{{Roles: t.Say("role_accountant"), About: t.Moment(now.AddDate(0, 0, 3)), Withdraw: "#withdraw"}}
	return view.PeoplePage(p)
}

func events(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Events{Frame: merchantFrame(t, t.Say("nav_events"))}
		if some {
			p.Rows, p.Next = eventList(t), "#older"
		}
		return view.EventsPage(p)
	}
}

func dashboard(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Dashboard{Frame: merchantFrame(t, wordsIn(t).merchant), Merchant: wordsIn(t).merchant, Day: now, Now: now, Payments: true}
		for _, name := range []string{"figure_balance", "figure_paid", "figure_refunded", "figure_fees"} {
			p.Figures = append(p.Figures, view.Figure{Name: t.Say(name), Value: t.Money(0)})
		}
		if some {
			p.Rows = rows(t)
			p.Deaf = []string{t.Say("endpoint_paused", "URL", "https://shop.example/tolom/events", "When", t.When(now.AddDate(0, 0, -1), now))}
			p.Figures[0].Value, p.Figures[1].Value, p.Figures[1].Note = t.Money(-1_204_118_40), t.Money(99_999_999_99), t.Say("figure_count", "N", 18_412)
		}
		return view.DashboardPage(p)
	}
}

func dashboardStatement(t locale.Text) templ.Component {
	return view.DashboardStatementPage(view.Statement{Frame: merchantFrame(t, t.Say("statement_title")), Merchant: wordsIn(t).merchant, Day: now, Last: now, Action: "#day", Opening: 1_500_000, Closing: 1_500_000})
}

func reports(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Reports{Frame: merchantFrame(t, t.Say("nav_reports")), Order: "#order", Plan: "#plan", From: "2026-11-01", To: "2026-11-24", Last: "2026-11-24", Cashier: true, Again: "#again",
			Types: []view.Option{{Value: "statement", Name: t.Say("statement_title")}}, Formats: []view.Option{{Value: "xlsx", Name: "XLSX"}}, Everys: []view.Option{{Value: "month", Name: t.Say("every_month")}},
			Places: []view.Option{{Name: t.Say("reports_everywhere")}, {Value: "st_x", Name: wordsIn(t).store}}}
		if !some {
			p.Error = refused(t)
			return view.ReportsPage(p)
		}
		what := t.Say("statement_title") + " · " + t.Date("2026-11-01") + " — " + t.Date("2026-11-24")
		p.Busy, p.Next = true, "#older"
		p.Rows = []view.ReportRow{{What: what, About: "XLSX · 11:58", Status: t.Say("report_running"), Tone: view.Calm, Done: 41_000, Total: 184_201},
			{What: what, About: "PDF · 11:40", File: "#file", Size: t.Say("bytes_kib", "N", 2_418)}, {What: what, About: "CSV · 11:02", Status: t.Say("report_failed"), Tone: view.Danger}}
		p.Plans = []view.PlanRow{{What: t.Say("statement_title") + " · " + t.Say("every_month"), About: "PDF · " + t.Say("reports_next", "When", t.Moment(now.AddDate(0, 0, 7))), End: "#end"}}
		return view.ReportsPage(p)
	}
}
