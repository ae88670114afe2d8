package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/seal"
	"tolom/store"
	"tolom/tariff"
	"tolom/world"
)

// World is one seeded run: a platform with its surroundings from their first day
// until everything has come to rest.
type World struct {
	scheduler
	profile Profile
	record  *record
	clock   *dial // the true time, which banks, shops and receivers have
	dbClock *dial
	store   store.Store
	db      database

	nodes     []*node
	banks     []*bank
	shops     []*shop
	receivers map[string]*receiver // by host
	shopLink  *link
	psps      *link
	hooks     *link
	offices   *link
	post      *post
	office    *office

	pace     int // how much longer those wait who only look whether there is something to do; 0 is 1
	mishaps  []mishap
	witness  *witness
	opens    time.Duration    // how long after noon the world begins
	nights   int              // that come while there are still sales to be made
	dark     bool             // it is night: nobody sells anything
	lastDay  string           // the business day that the staff ends last
	calmAt   time.Duration    // when the faults stopped
	compare  time.Duration    // between two comparisons of books by banks; 0: they do not
	misreads bool             // a bank counts a payment wrong
	misread  map[id.ID]string // which
	started  int              // payments that payers began, or would have
	target   int
	every    time.Duration // between two sales, about

	counts     map[string]int64
	violations []Violation
}

// Violation is something that must never happen.
type Violation struct {
	Rule  string
	About string // an id
	What  string
	At    time.Duration // virtual, since the world began
	Seed  uint64        // of the run
	World int           // in the run
}

// String says it in one line.
func (v Violation) String() string {
	return fmt.Sprintf("seed %d, world %d, at %v: %s: %s (broken: %s)", v.Seed, v.World, v.At, v.About, v.What, v.Rule)
}

const (
	bankCount = 3
	shopCount = 6
)

// newWorld sets a world up with a cast whose last world has ended.
func newWorld(seed uint64, p Profile, payments int, onSQLite bool, c *cast) (*World, error) {
	w := &World{profile: p, record: newRecord(), target: payments, nodes: c.nodes, receivers: map[string]*receiver{}, counts: map[string]int64{}, misread: map[id.ID]string{}}
	w.stacks = &c.stacks
	w.random = rand.New(rand.NewPCG(seed, 0x746f6c6f6d))
	w.world = *newCrew()
	w.failed = func(what string) { w.violated("nothing panics", "a task", "%s", what) }
	w.clock, w.dbClock = &dial{w: w}, &dial{w: w}
	w.db.commit = time.Millisecond << w.random.IntN(5)
	w.every = 8 * time.Millisecond << w.random.IntN(4)
	w.witness = newWitness(w)
	w.habits(onSQLite)
	if err := w.keep(context.Background(), onSQLite); err != nil {
		return nil, err
	}
	w.connect()
	w.post = w.newPost()
	for _, n := range w.nodes {
		n.enter(w)
	}
	return w, w.people(context.Background())
}

// keep opens the database.
func (w *World) keep(ctx context.Context, onSQLite bool) (err error) {
	if onSQLite {
		w.store, err = w.openSQLite(ctx)
		return err
	}
	m := store.NewMemory(w.dbClock)
	m.Fault, m.Watch, m.WatchLimits = w.point, w.witness.committed, w.witness.caps.set
	m.Wait = func(over func() bool) {
		w.count("waited for a lock")
		w.wait(&w.db.lockers, over)
	}
	w.store = m
	return nil
}

// connect lays the links.
func (w *World) connect() {
	toNode := func(m message, x *exchange) { w.someNode().serve(m, x) }
	w.shopLink = &link{w: w, name: "shop", weather: &w.profile.Shops, patient: 10 * time.Second, deliver: toNode}
	w.offices = &link{w: w, name: "office", weather: &w.profile.Offices, patient: 10 * time.Second, deliver: toNode}
	w.psps = &link{w: w, name: "psp", weather: &w.profile.Banks, patient: 5 * time.Second, deliver: toNode}
	w.hooks = &link{w: w, name: "hook", weather: &w.profile.Hooks, patient: 10 * time.Second, deliver: func(m message, x *exchange) {
		w.receivers[m.url.Host].serve(m, x)
	}}
}

// someNode is where a message ends up: mostly at a node that lives.
func (w *World) someNode() *node {
	n := w.nodes[w.random.IntN(len(w.nodes))]
	for range 3 {
		if n.up || w.chance(.1) {
			break
		}
		n = w.nodes[w.random.IntN(len(w.nodes))]
	}
	return n
}

func (w *World) someBank() *bank { return w.banks[w.random.IntN(len(w.banks))] }

// nodeOf is the node whose process a task belongs to.
func (w *World) nodeOf(t *task) *node {
	return t.crew.node
}

// people brings the banks, the merchants and their receivers.
func (w *World) people(ctx context.Context) error {
	desk := w.nodes[0].desk
	for n := range bankCount {
		participant, err := desk.AddParticipant(ctx, store.Participant{Name: fmt.Sprintf("Bank %d", n+1), BIC: fmt.Sprintf("BANKKG2%d", n+1)})
		if err != nil {
			return err
		}
		psp, err := desk.AddPSP(ctx, store.PSP{Participant: participant.ID, Name: fmt.Sprintf("Bank %d", n+1)})
		if err != nil {
			return err
		}
		_, key, err := desk.IssueKey(ctx, psp.ID, "", "all")
		if err != nil {
			return err
		}
		w.witness.keys["Bearer "+key], w.witness.caps.of[psp.ID] = psp.ID, participant.ID
		if err := w.bound(ctx, psp.ID, n); err != nil {
			return err
		}
		b := w.newBank(n, psp.ID, key)
		b.participant = participant.ID
		w.post.owners = append(w.post.owners, participant.ID)
		w.banks = append(w.banks, b)
		if n == bankCount-1 && w.chance(w.profile.Signs) {
			if err := w.sign(ctx, b); err != nil {
				return err
			}
		}
	}
	for n := range shopCount {
		if err := w.addShop(ctx, n); err != nil {
			return err
		}
	}
	var err error
	w.office, err = w.newOffice(ctx)
	return err
}

// bound gives the first bank a limit on its position in some worlds: so much that it
// is met now and then.
func (w *World) bound(ctx context.Context, psp id.ID, index int) error {
	if index > 0 || w.target == 0 || !w.chance(.3) {
		return nil
	}
	_, err := w.nodes[0].flow.SetLimits(ctx, payment.Limits{Owner: psp, NetDebit: money.Amount(w.target) * 50_00})
	return err
}

func (w *World) addShop(ctx context.Context, index int) error {
	desk := w.nodes[0].desk
	m, err := desk.AddMerchant(ctx, w.merchant(index))
	if err != nil {
		return err
	}
	place, err := desk.AddStore(ctx, store.Place{Merchant: m.ID, Name: "Store"})
	if err != nil {
		return err
	}
	till, err := desk.AddTill(ctx, store.Till{Merchant: m.ID, Store: place.ID, Name: "Till"})
	if err != nil {
		return err
	}
	_, key, err := desk.IssueKey(ctx, m.ID, till.ID, "till")
	if err != nil {
		return err
	}
	_, whole, err := desk.IssueKey(ctx, m.ID, "", "bookkeeping")
	if err != nil {
		return err
	}
	w.witness.keys["Bearer "+key], w.witness.keys["Bearer "+whole] = m.ID, m.ID
	s := w.newShop(index, m.ID, key, whole)
	w.shops = append(w.shops, s)
	return w.addReceiver(ctx, s)
}

// merchant is the record of a shop. Its fees are borne by itself, or in one shop by the
// payer; each but the last has an account with a bank.
func (w *World) merchant(index int) store.Merchant {
	m := store.Merchant{
		Name: fmt.Sprintf("Shop %d", index+1), MCC: "5411", RefundOverdraft: overdraft(index),
		Tariff: tariff.Tariff{Rate: int64(50 * (index % 3)), InterchangeRate: int64(20 * (index % 3)), RefundsFee: index%2 == 0, PayerBears: index == payerBears},
	}
	if index < shopCount-1 {
		m.Participant, m.BankAccount = w.banks[index%bankCount].participant, fmt.Sprintf("10999%011d", index)
	}
	return m
}

// payerBears is the shop whose payers bear the fee.
const payerBears = 4

// addReceiver gives a shop an address for webhooks; each third has none and reads its feed.
func (w *World) addReceiver(ctx context.Context, s *shop) error {
	if s.index%3 == 2 {
		return nil
	}
	var random [32]byte
	for i := range random {
		random[i] = byte(w.random.Uint32())
	}
	host := fmt.Sprintf("shop-%d.example", s.index+1)
	s.receiver = &receiver{w: w, shop: s, secret: seal.NewWebhookSecret(random), took: map[string]bool{}}
	w.receivers[host] = s.receiver
	return w.store.Endpoints().Put(ctx, store.Endpoint{
		ID: world.NewID(w.nodes[0].world, id.Endpoint, s.merchant.Bucket()), Merchant: s.merchant, URL: "https://" + host + "/hook",
		Secrets: []string{s.receiver.secret}, CreatedAt: w.clock.Now(),
	})
}

// idly is how long those wait who only look.
func (w *World) idly(wait time.Duration) time.Duration { return wait * time.Duration(max(w.pace, 1)) }

// count counts what happened, for the report.
func (w *World) count(what string) { w.counts[what]++ }

// violated notes that something happened which never may.
func (w *World) violated(rule, about, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	w.record.note(w.now, "violation", rule, about, what)
	w.violations = append(w.violations, Violation{Rule: rule, About: about, What: what, At: w.now})
}
