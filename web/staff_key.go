package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
	"tolom/web/view"
)

// keyPages are where a merchant's people make, replace and end the keys of its programs, and end those of tills.
func (p *pages) keyPages() []staffPage {
	return []staffPage{
		{"GET", "/keys", access.HandleKeys, "nav_keys", p.keys},
		{"POST", "/keys", access.HandleKeys, "", p.makeKey},
		{"GET", "/keys/{key}", access.HandleKeys, "", p.key},
		{"POST", "/keys/{key}/roll", access.HandleKeys, "", p.rollKey},
		{"POST", "/keys/{key}/end", access.HandleKeys, "", p.endKey},
	}
}

// mostKeyPlaces is how many stores, and how many tills, a form lists.
const mostKeyPlaces = 500

// keyBoard is what the pages of keys are drawn from.
type keyBoard struct {
	v      *visit
	s      staff
	places []store.Place
	tills  []store.Till
	all    []flow.OwnKey
	app    bool
}

func (p *pages) keyBoard(v *visit, s staff) (b keyBoard, err error) {
	b.v, b.s = v, s
	r, ctx := p.Platform.Registry(), v.r.Context()
	if b.all, err = r.OwnKeys(ctx, s.Person, s.Merchant.ID); err != nil {
		return b, err
	}
	if b.places, b.tills, err = r.Places(ctx, s.Merchant.ID, mostKeyPlaces); err != nil {
		return b, err
	}
	b.app, err = r.HasApp(ctx, s.Person)
	return b, err
}

func (p *pages) keys(v *visit, s staff) error { return p.showKeys(v, s, view.Wrong{}, http.StatusOK) }

func (p *pages) showKeys(v *visit, s staff, wrong view.Wrong, status int) error {
	b, err := p.keyBoard(v, s)
	if err != nil {
		return err
	}
	page := view.Keys{Frame: s.frameAt(v, s.at("/keys"), v.text.Say("nav_keys")), Form: b.form(wrong)}
	for _, k := range b.all {
		row := b.row(k)
		switch {
		case !access.Works(k.Key, v.now()):
			page.Ended = append(page.Ended, row)
		case flow.Paired(k.Key):
			page.Tills = append(page.Tills, row)
		default:
			page.Programs = append(page.Programs, row)
		}
	}
	page.Ended = page.Ended[:min(len(page.Ended), pageRows)]
	return v.show(status, view.KeysPage(page))
}

// row is a key in a list: what it is for, until when, and when it was last used.
func (b keyBoard) row(k flow.OwnKey) view.KeyRow {
	about := b.where(k.Key) + " · " + b.used(k)
	if !flow.Paired(k.Key) {
		about = b.scopes(k.Scopes) + " · " + about
	}
	if k.ReplacedBy != "" && access.Works(k.Key, b.v.now()) {
		about += " · " + b.v.text.Say("key_until", "When", b.v.text.Moment(k.ExpiresAt))
	}
	tone, status := b.state(k.Key)
	return view.KeyRow{Name: b.name(k.Key), About: about, Path: b.s.at("/keys/" + k.ID.Token()), Tone: tone, Status: status}
}

func (b keyBoard) name(k store.Key) string {
	name := k.Name
	if flow.Paired(k) {
		name = b.v.text.Say("key_paired", "Till", b.till(k.Till))
	}
	if name == "" {
		name = b.v.text.Say("key_nameless")
	}
	return name + " …" + k.Hint
}

func (b keyBoard) till(till id.ID) string {
	for _, t := range b.tills {
		if t.ID == till {
			return t.Name
		}
	}
	return string(till)
}

// where says what a key reaches.
func (b keyBoard) where(k store.Key) string {
	if k.Till != "" {
		return b.till(k.Till)
	}
	for _, s := range b.places {
		if s.ID == k.Store {
			return s.Name
		}
	}
	if k.Store != "" {
		return string(k.Store)
	}
	return b.v.text.Say("key_everywhere")
}

func (b keyBoard) scopes(text string) string {
	var names []string
	for _, s := range access.ParseScopes(text).List() {
		names = append(names, b.v.text.Say("scope_"+s))
	}
	return strings.Join(names, ", ")
}

func (b keyBoard) used(k flow.OwnKey) string {
	if k.Used.IsZero() {
		return b.v.text.Say("key_unused")
	}
	return b.v.text.Say("key_used", "When", b.v.text.When(k.Used, b.v.now()))
}

// state says whether a key works, and until when.
func (b keyBoard) state(k store.Key) (view.Tone, string) {
	t := b.v.text
	switch {
	case !k.RevokedAt.IsZero():
		return view.Danger, t.Say("key_revoked", "When", t.Day(k.RevokedAt))
	case !access.Works(k, b.v.now()):
		return view.Calm, t.Say("key_expired", "When", t.Day(k.ExpiresAt))
	case k.ReplacedBy != "":
		return view.Warn, t.Say("key_replaced")
	case !k.ExpiresAt.IsZero():
		return view.Good, t.Say("key_until", "When", t.Day(k.ExpiresAt))
	}
	return view.Good, t.Say("key_works")
}

// lives are for how many days a key can be made; 0 is without an end.
var lives = []int{0, 30, 90, 365}

// form is the form that makes a key, filled with what was typed.
func (b keyBoard) form(wrong view.Wrong) view.KeyForm {
	typed, t := b.v.r.PostForm, b.v.text
	f := view.KeyForm{Action: b.s.at("/keys"), Wrong: wrong, Name: typed.Get("name"), Networks: typed.Get("networks"), TOTP: b.app}
	for _, name := range b.s.Grants(b.s.Merchant.ID).List() {
		f.Scopes = append(f.Scopes, view.RoleChoice{Role: name, Name: t.Say("scope_" + name), About: t.Say("about_scope_" + name), Chosen: slices.Contains(typed["scope"], name)})
	}
	add := func(value, name string) {
		f.Where = append(f.Where, view.Option{Value: value, Name: name, Chosen: typed.Get("where") == value})
	}
	add("", t.Say("key_everywhere"))
	for _, s := range b.places {
		add(string(s.ID), s.Name)
	}
	for _, x := range b.tills {
		add(string(x.ID), x.Name)
	}
	for _, days := range lives {
		o := view.Option{Value: strconv.Itoa(days), Name: t.Say("key_ends_never"), Chosen: typed.Get("ends") == strconv.Itoa(days)}
		if days > 0 {
			o.Name = t.Say("key_ends_days", "Count", days)
		}
		f.Ends = append(f.Ends, o)
	}
	return f
}

// maker is the person with the proof of a form.
func (p *pages) maker(v *visit, s staff) *flow.KeyByPerson {
	return &flow.KeyByPerson{Who: s.Person, Merchant: s.Merchant.ID, Proof: proofOf(v), Caller: p.callerOf(v)}
}

func (p *pages) makeKey(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	form := v.r.PostForm
	k := store.Key{Name: strings.TrimSpace(form.Get("name")), Scopes: strings.Join(form["scope"], " "), Networks: strings.Join(strings.FieldsFunc(form.Get("networks"), between), " ")}
	if where := id.ID(form.Get("where")); where.Kind() == id.Store {
		k.Store = where
	} else {
		k.Till = where
	}
	refuse := func(err error) error {
		wrong, ok := keyWrong(v, err, "make")
		if !ok {
			return err
		}
		return p.showKeys(v, s, wrong, statuses[fault.From(err).Kind()])
	}
	days, err := strconv.Atoi(form.Get("ends"))
	if err != nil || !slices.Contains(lives, days) {
		return refuse(fault.New(fault.InvalidRequest).On("expires_at"))
	}
	if days > 0 {
		k.ExpiresAt = v.now().AddDate(0, 0, days)
	}
	if k.Scopes == "" {
		return refuse(fault.New(fault.InvalidRequest).On("scopes"))
	}
	made, secret, err := p.Platform.Registry().MakeOwnKey(v.r.Context(), p.maker(v, s), k)
	if err != nil {
		return refuse(err)
	}
	return p.showSecret(v, s, made, secret, v.text.Say("key_made"), "")
}

// between says what stands between networks as people write them.
func between(c rune) bool {
	return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
}

// showSecret shows the secret of a key, this once.
func (p *pages) showSecret(v *visit, s staff, k store.Key, secret, title, about string) error {
	b, err := p.keyBoard(v, s)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, view.KeyMadePage(view.KeyMade{Frame: s.frameAt(v, s.at("/keys"), title, "pos.js"), Back: s.at("/keys"), Title: title, About: about, Secret: secret,
		Fields: b.fields(flow.OwnKey{Key: k, Maker: s.Login})}))
}

// fields are what there is to know of a key.
func (b keyBoard) fields(k flow.OwnKey) (out []view.Field) {
	t := b.v.text
	add := func(label, value string) {
		if value != "" {
			out = append(out, view.Field{Label: label, Value: value})
		}
	}
	add(t.Say("key_name"), b.name(k.Key))
	add(t.Say("key_scopes"), b.scopes(k.Scopes))
	add(t.Say("key_where"), b.where(k.Key))
	networks := strings.Join(strings.Fields(k.Networks), ", ")
	if networks == "" {
		networks = t.Say("key_anywhere")
	}
	add(t.Say("key_networks"), networks)
	add(t.Say("key_since"), t.Moment(k.CreatedAt))
	add(t.Say("key_maker"), k.Maker)
	if !k.ExpiresAt.IsZero() {
		add(t.Say("key_ends"), t.Moment(k.ExpiresAt))
	}
	add(t.Say("key_last"), b.used(k))
	return out
}

func (p *pages) key(v *visit, s staff) error { return p.showKey(v, s, view.Wrong{}, http.StatusOK) }

// overlaps are for how many hours an old key can go on working.
var overlaps = []int{24, 1, 7 * 24, 30 * 24, 0}

func (p *pages) showKey(v *visit, s staff, wrong view.Wrong, status int) error {
	name, err := named(v, "key", id.Key)
	if err != nil {
		return err
	}
	b, err := p.keyBoard(v, s)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(b.all, func(k flow.OwnKey) bool { return k.ID == name })
	if at < 0 {
		return fault.New(fault.NotFound)
	}
	k, here := b.all[at], s.at("/keys/"+name.Token())
	page := view.KeyDetail{Frame: s.frameAt(v, here, b.name(k.Key), "pos.js"), Back: s.at("/keys"), Title: b.name(k.Key), Fields: b.fields(k), Wrong: wrong, TOTP: b.app,
		Sure: v.text.Say("key_end_sure", "Name", b.name(k.Key))}
	page.Tone, page.Status = b.state(k.Key)
	if access.Works(k.Key, v.now()) {
		page.End = here + "/end"
		if k.ReplacedBy == "" && !flow.Paired(k.Key) && access.ParseScopes(k.Scopes)&^s.Grants(s.Merchant.ID) == 0 {
			page.Roll = here + "/roll"
		}
	}
	for _, hours := range overlaps {
		o := view.Option{Value: strconv.Itoa(hours), Chosen: v.r.PostForm.Get("overlap") == strconv.Itoa(hours)}
		switch {
		case hours == 0:
			o.Name = v.text.Say("overlap_none")
		case hours < 48:
			o.Name = v.text.Say("overlap_hours", "Count", hours)
		default:
			o.Name = v.text.Say("key_ends_days", "Count", hours/24)
		}
		page.Overlaps = append(page.Overlaps, o)
	}
	return v.show(status, view.KeyPage(page))
}

func (p *pages) rollKey(v *visit, s staff) error {
	name, err := named(v, "key", id.Key)
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	hours, err := strconv.Atoi(v.r.PostForm.Get("overlap"))
	if err != nil || !slices.Contains(overlaps, hours) {
		return fault.New(fault.InvalidRequest).On("overlap")
	}
	made, secret, err := p.Platform.Registry().RollOwnKey(v.r.Context(), p.maker(v, s), name, time.Duration(hours)*time.Hour)
	if err != nil {
		wrong, ok := keyWrong(v, err, "roll")
		if !ok {
			return err
		}
		return p.showKey(v, s, wrong, statuses[fault.From(err).Kind()])
	}
	about := v.text.Say("key_rolled_now")
	if hours > 0 {
		about = v.text.Say("key_rolled_until", "When", v.text.Moment(v.now().Add(time.Duration(hours)*time.Hour)))
	}
	return p.showSecret(v, s, made, secret, v.text.Say("key_rolled"), about)
}

func (p *pages) endKey(v *visit, s staff) error {
	name, err := named(v, "key", id.Key)
	if err != nil {
		return err
	}
	if _, err := p.Platform.Registry().EndOwnKey(v.r.Context(), p.maker(v, s), name); err != nil {
		return err
	}
	return v.then(s.at("/keys"))
}

// keyWrong puts a refusal of a form of keys into words, at the field that it is of.
func keyWrong(v *visit, err error, form string) (view.Wrong, bool) {
	f := fault.From(err)
	if f.Code == fault.Forbidden && f.Param != "" {
		return view.Wrong{Text: v.text.Say("error_key_more"), Field: f.Param}, true
	}
	text, _, ok := v.sentence(err, map[string]string{"name": "error_name", "scopes": "error_key_scopes", "networks": "error_key_networks", "expires_at": "error_key_ends",
		"password": "error_proof", "code": "error_second", "": "error_key_state"})
	field := f.Param
	if field == "password" || field == "code" {
		field = form + "-" + field
	}
	return view.Wrong{Text: text, Field: field}, ok
}
