package sim

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tolom/access"
	"tolom/client"
	"tolom/id"
	"tolom/money"
	"tolom/seal"
	"tolom/settlement"
	"tolom/store"
	"tolom/world"
)

// office is where the staff of the centre sits: one person who wants things done, and
// another without whom they are not.
type office struct {
	w         *World
	asks      *clerk
	approves  *clerk
	asked     int // what the first has sent; the second looks when it is more than it has seen
	looked    int
	submitted time.Duration // when a day was last to be submitted again
}

// clerk is a person of the staff with a session.
type clerk struct {
	person id.ID
	name   string
	api    *client.Operator
}

// newOffice brings the staff. They have signed in; how, is tested elsewhere.
func (w *World) newOffice(ctx context.Context) (*office, error) {
	o := &office{w: w, asks: &clerk{name: "Operator"}, approves: &clerk{name: "Approver"}}
	for _, x := range []struct {
		*clerk
		role access.Role
	}{{o.asks, access.RoleOperator}, {o.approves, access.RoleApprover}} {
		x.person = world.NewID(w.nodes[0].world, id.Person, 0)
		now := w.clock.Now()
		if err := w.store.Persons().Put(ctx, store.Person{ID: x.person, Login: x.name, Name: x.name, CreatedAt: now, ChangedAt: now}); err != nil {
			return nil, err
		}
		m := store.Membership{ID: world.NewID(w.nodes[0].world, id.Membership, x.person.Bucket()), Person: x.person, Owner: store.Centre, Roles: string(x.role), CreatedAt: now}
		if err := w.store.Memberships().Put(ctx, m); err != nil {
			return nil, err
		}
		if err := o.signIn(ctx, x.clerk); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// signIn gives a clerk a new session.
func (o *office) signIn(ctx context.Context, c *clerk) error {
	w := o.w
	var random [32]byte
	for i := range random {
		random[i] = byte(w.random.Uint32())
	}
	token, now := seal.NewKey(seal.ProgramToken, random), w.clock.Now()
	entropy := world.Seeded(w.random.Uint64())
	c.api = client.New(base, token, client.WithHTTP(&http.Client{Transport: w.offices}), client.WithWorld(world.World{Clock: w.clock, Entropy: entropy}),
		client.WithSleep(func(_ context.Context, wait time.Duration) error { w.sleep(wait); return nil })).Operator()
	return w.store.StaffSessions().Put(ctx, store.StaffSession{
		ID: world.NewID(w.nodes[0].world, id.Session, c.person.Bucket()), Person: c.person, Hash: seal.HashKey(token), Kind: store.ProgramSession, Factor: access.ByTOTP,
		CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour),
	})
}

// ask sends what the operator wants. That its answer is lost is a matter of every day: the approver lists what waits.
func (o *office) ask(method, path string, body any) {
	_, err := o.asks.api.Ask(anywhere, method, path, body)
	o.asked++
	o.heard(o.asks, err)
}

// heard signs a clerk in again whose session has rested too long.
func (o *office) heard(c *clerk, err error) {
	if codeOf(err) == "unauthorized" {
		o.w.quietly(func() {
			if err := o.signIn(anywhere, c); err != nil {
				o.w.violated("a world can be set up", c.name, "%v", err)
			}
		})
		o.w.sleep(time.Second)
	}
}

// operate is the day of the operator.
func (o *office) operate() {
	for {
		o.w.sleep(o.w.idly(2*time.Second) + o.w.within(2*time.Second))
		if o.w.db.calm {
			o.windUp()
		}
		o.submit()
	}
}

// approve is the day of the approver, who says no now and then.
func (o *office) approve() {
	for {
		o.w.sleep(o.w.idly(1500*time.Millisecond) + o.w.within(2*time.Second))
		if o.looked == o.asked && !o.w.chance(.05) {
			continue
		}
		seen := o.asked
		page, err := o.approves.api.Proposals(anywhere, "proposed", "", 20)
		if o.heard(o.approves, err); err != nil {
			continue
		}
		o.looked = seen
		for _, p := range page.Data {
			if o.w.oddly(.08) {
				_, err = o.approves.api.Reject(anywhere, p.ID, "no")
			} else {
				_, err = o.approves.api.Approve(anywhere, p.ID, p.Digest)
			}
			if o.heard(o.approves, err); err != nil && codeOf(err) == "" {
				o.looked-- // look again
			}
		}
	}
}

// errand is something that the operator does about each so many sales.
func (o *office) errand() {
	w := o.w
	switch n := w.random.IntN(10); {
	case n < 4:
		w.begin(0, nil, o.endDay)
	case n < 7:
		w.begin(0, nil, o.setCap)
	case n < 9 && w.datable():
		w.begin(0, nil, func() {
			o.setTariff(w.shops[w.random.IntN(len(w.shops))], w.clock.Now().Add(10*time.Second+w.within(20*time.Second)))
		})
	default:
		w.begin(0, nil, o.correct)
	}
}

// endDay ends the day that goes on, before its time.
func (o *office) endDay() {
	date := o.w.dayThatGoesOn()
	if date == "" {
		return
	}
	o.w.count("day ended by the operator")
	o.ask(http.MethodPost, "/operator/v1/days/"+date+"/close", struct{}{})
}

// dayThatGoesOn is its date, or "" while nothing has happened.
func (w *World) dayThatGoesOn() (date string) {
	w.quietly(func() { date, _, _ = w.nodes[0].days.Going(anywhere) })
	return date
}

// setCap changes the cap of a bank, or of its participant, or takes it away.
func (o *office) setCap() {
	w := o.w
	b := w.someBank()
	kind, owner := "psps", b.psp
	if w.chance(.3) {
		kind, owner = "participants", b.participant
	}
	most := money.Amount(0)
	if w.chance(.7) {
		most = money.Amount(w.target) * money.Amount(20_00+w.random.Int64N(60_00))
	}
	w.count("cap changed")
	o.ask(http.MethodPut, "/operator/v1/"+kind+"/"+string(owner)+"/limits", map[string]int64{"net_debit": int64(most)})
}

// datable says that all clocks can be trusted, so that a version of a tariff may begin soon.
func (w *World) datable() bool { return w.profile.NodeJump == 0 && w.profile.DBJump == 0 }

// setTariff puts a version of a shop's tariff that begins at a moment. Payers bear the fee in some.
func (o *office) setTariff(s *shop, from time.Time) {
	w := o.w
	rate := w.random.Int64N(200)
	w.count("tariff put")
	o.ask(http.MethodPost, "/operator/v1/tariffs", map[string]any{
		"merchant_id": s.merchant, "valid_from": from.Format(time.RFC3339Nano),
		"tariff": map[string]any{
			"rate": rate, "interchange_rate": rate / 3, "fixed": w.random.Int64N(2) * 100, "refunds_fee": w.chance(.5),
			"payer_bears": w.chance(.4), "refund_charge": w.random.Int64N(2) * 50,
		},
	})
}

// correct moves a difference between the books into suspense.
func (o *office) correct() {
	w := o.w
	var found []store.ReconCase
	w.quietly(func() {
		found, _ = w.store.Cases(anywhere, store.CaseFilter{Status: store.CaseOpen, Open: true, Limit: 5})
	})
	for _, c := range found {
		if c.Class == "mismatched" && c.Shift != 0 && c.Fixed == 0 {
			w.count("correction asked for")
			o.ask(http.MethodPost, "/operator/v1/cases/"+string(c.ID)+"/fix", map[string]any{"amount": c.Shift, "reason": "booked by one side alone"})
			return
		}
	}
}

// submit has days submitted again that the central bank has sent back. What was asked for a moment ago is waited for.
func (o *office) submit() {
	w, refused := o.w, settlement.Day{}
	w.quietly(func() {
		days, _ := w.store.Days(anywhere, "", 40)
		for _, d := range days {
			if d.Status == settlement.Returned && w.now > o.submitted+5*time.Second {
				refused = d
			}
		}
	})
	if refused.Date != "" {
		o.submitted = w.now
		w.count("day submitted again")
		o.ask(http.MethodPost, "/operator/v1/days/"+refused.Date+"/submit", struct{}{})
	}
}

// windUp ends the last day, once everything in it has come to its end.
func (o *office) windUp() {
	w := o.w
	if w.witness.live > 0 || w.witness.facts != w.witness.numbered(anywhere) {
		return
	}
	if w.lastDay == "" {
		w.lastDay = w.dayThatGoesOn()
	}
	if w.dayOf(w.lastDay).Date == "" && w.lastDay != "" {
		o.ask(http.MethodPost, "/operator/v1/days/"+w.lastDay+"/close", struct{}{})
	}
}

// dayOf reads a day; the zero one while it was not cut.
func (w *World) dayOf(date string) (d settlement.Day) {
	w.quietly(func() {
		var err error
		if d, err = w.store.Day(anywhere, date); err != nil && !errors.Is(err, store.ErrNotFound) {
			w.violated("the books can be read", date, "%v", err)
		}
	})
	return d
}

// quietly has the world look at something without taking time.
func (w *World) quietly(look func()) {
	task := w.task
	w.task = nil
	defer func() { w.task = task }()
	look()
}
