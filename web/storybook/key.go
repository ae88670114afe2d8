package storybook

import (
	"github.com/a-h/templ"

	"tolom/web/locale"
	"tolom/web/view"
)

func keyScreens() []Screen {
	return []Screen{{"keys", keys(true)}, {"keys-none", keys(false)}, {"key-made", keyMade}, {"key", key(true)}, {"key-ended", key(false)}}
}

// till is where a paired till stands.
const till = "2"

// keyFrame is of a developer, who sees little else.
func keyFrame(t locale.Text, title string) view.Frame {
	f := merchantFrame(t, title)
	f.Scripts = append(f.Scripts, "pos.js")
	f.Staff.Name, f.Staff.Here, f.Staff.Stops = "Developer A", "/dashboard/x/keys", nil
	for _, name := range []string{"overview", "payments", "keys"} {
		f.Staff.Stops = append(f.Staff.Stops, view.Stop{Path: "/dashboard/x/" + name, Name: t.Say("nav_" + name)})
	}
	return f
}

// keys are a merchant's keys, with a form that was refused; or none.
func keys(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		f := view.KeyForm{Action: "#make", TOTP: true, Where: []view.Option{{Name: t.Say("key_everywhere")}, {Name: till}}, Ends: []view.Option{{Name: t.Say("key_ends_never")}, {Name: t.Say("key_ends_days", "Count", 90)}}}
		for _, s := range []string{"read", "request", "refund", "report"} {
			f.Scopes = append(f.Scopes, view.RoleChoice{Role: s, Name: t.Say("scope_" + s), About: t.Say("about_scope_" + s), Chosen: s == "read"})
		}
		p := view.Keys{Frame: keyFrame(t, t.Say("nav_keys")), Form: f}
		if !some {
			return view.KeysPage(p)
		}
		p.Form.Name, p.Form.Networks, p.Form.Wrong = "Web shop", "192.0.2.0/240", view.Wrong{Text: t.Say("error_key_networks"), Field: "networks"}
		used := t.Say("key_used", "When", t.Hour(now))
		p.Programs = []view.KeyRow{
			{Name: "Web shop …k3fa", About: t.Say("scope_read") + ", " + t.Say("scope_request") + " · " + t.Say("key_everywhere") + " · " + used, Path: "#1", Tone: view.Good, Status: t.Say("key_works")},
			{Name: "Web shop …7q2x", About: t.Say("scope_read") + ", " + t.Say("scope_request") + " · " + t.Say("key_everywhere") + " · " + used + " · " + t.Say("key_until", "When", t.Moment(now)), Path: "#2", Tone: view.Warn, Status: t.Say("key_replaced")},
			{Name: "1C …m5da", About: t.Say("scope_read") + ", " + t.Say("scope_report") + " · " + t.Say("key_everywhere") + " · " + t.Say("key_unused"), Path: "#3", Tone: view.Good, Status: t.Say("key_until", "When", t.Day(now))}}
		p.Tills = []view.KeyRow{{Name: t.Say("key_paired", "Till", till) + " …b7ta", About: till + " · " + used, Path: "#4", Tone: view.Good, Status: t.Say("key_works")}}
		p.Ended = []view.KeyRow{{Name: "Old shop …zz2a", About: t.Say("scope_read") + " · " + t.Say("key_unused"), Path: "#5", Tone: view.Danger, Status: t.Say("key_revoked", "When", t.Day(now))}}
		return view.KeysPage(p)
	}
}

func keyFields(t locale.Text) []view.Field {
	return []view.Field{{Label: t.Say("key_name"), Value: "Web shop …k3fa"}, {Label: t.Say("key_scopes"), Value: t.Say("scope_read") + ", " + t.Say("scope_request")}, {Label: t.Say("key_where"), Value: t.Say("key_everywhere")},
		{Label: t.Say("key_networks"), Value: "192.0.2.0/24, 198.51.100.7/32"}, {Label: t.Say("key_since"), Value: t.Moment(now)}, {Label: t.Say("key_maker"), Value: "owner"}, {Label: t.Say("key_last"), Value: t.Say("key_unused")}}
}

func keyMade(t locale.Text) templ.Component {
	return view.KeyMadePage(view.KeyMade{Frame: keyFrame(t, t.Say("key_rolled")), Back: "#", Title: t.Say("key_rolled"), About: t.Say("key_rolled_until", "When", t.Moment(now)),
		Secret: "sk_sample-of-a-secret-that-opens-nothing-00000000000", Fields: keyFields(t)})
}

// key is a key that works, with a form that was refused; or one that has ended.
func key(works bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.KeyDetail{Frame: keyFrame(t, "Web shop …k3fa"), Back: "#", Title: "Web shop …k3fa", Tone: view.Danger, Status: t.Say("key_revoked", "When", t.Day(now)), Fields: keyFields(t)}
		if works {
			p.Tone, p.Status, p.Roll, p.End, p.Sure, p.TOTP = view.Good, t.Say("key_works"), "#roll", "#end", t.Say("key_end_sure", "Name", "Web shop …k3fa"), true
			p.Overlaps, p.Wrong = []view.Option{{Name: t.Say("overlap_hours", "Count", 24)}, {Name: t.Say("overlap_none")}}, view.Wrong{Text: t.Say("error_second"), Field: "roll-code"}
		}
		return view.KeyPage(p)
	}
}
