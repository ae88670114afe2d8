package flow_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/clearing"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/internal/iso20022"
	"tolom/internal/sftptest"
	"tolom/jobs"
	"tolom/money"
	"tolom/proposal"
	"tolom/sandbox"
	"tolom/settlement"
	"tolom/store"
)

// clearingTown is a town with a courier, and a central bank and banks that answer into folders.
type clearingTown struct {
	*town
	root  string
	kept  store.Files
	judge func(message string, transfers []string) clearing.Answer
}

var clearingConfig = flow.FilesConfig{Centre: clearing.Bank{BIC: "TOLMKG22", Name: "Борбор"}, CentralBank: clearing.Bank{BIC: "CBRTKG22", Name: "Central bank"}}

func newClearingTown(w *town) *clearingTown {
	return &clearingTown{town: w, root: w.t.TempDir(), kept: w.store}
}

// files are new use cases, as after a restart: nothing is remembered.
func (c *clearingTown) files() *flow.Files {
	return flow.NewFiles(c.days, c.kept, c.store, c.world, clearingConfig)
}

func (c *clearingTown) folder(owner id.ID, part string) string {
	return filepath.Join(c.root, string(owner), part)
}

// carries lets the courier work, each step after a restart, and everybody answer, until nothing moves.
func (c *clearingTown) carries() {
	c.t.Helper()
	for idle, n := 0, 0; idle < 3; n++ {
		if n > 300 {
			c.t.Fatal("the courier does not come to an end")
		}
		did, err := jobs.Carry(c.files(), c.store, jobs.Places{Root: c.root}, c.t.TempDir()).Step(c.ctx)
		if err != nil && !errors.Is(err, errPlanned) {
			c.t.Fatal(err)
		}
		c.answers()
		if idle++; did > 0 {
			idle = 0
		}
		if c.clock != nil && err != nil {
			c.clock.Advance(20 * time.Minute)
		}
	}
}

func (c *clearingTown) answers() {
	c.t.Helper()
	for _, owner := range []id.ID{store.CentralBank, c.banks["shop"], c.banks["bazaar"]} {
		bank := sandbox.Answering{Out: c.folder(owner, "out"), In: c.folder(owner, "in"), Judge: c.judge}
		_, err := bank.Step()
		c.must(err)
	}
}

// all gives the files of a day by kind and owner.
func (c *clearingTown) all(date string) []store.File {
	c.t.Helper()
	out, err := c.files().List(c.ctx, store.FileFilter{Day: date, Limit: 100})
	c.must(err)
	return out
}

func (c *clearingTown) one(date, kind string, owner id.ID) store.File {
	c.t.Helper()
	for _, f := range c.all(date) {
		if f.Kind == kind && f.Owner == owner {
			return f
		}
	}
	c.t.Fatalf("there is no file of %s for %s", kind, owner)
	return store.File{}
}

func (c *clearingTown) content(f store.File) []byte {
	c.t.Helper()
	var out bytes.Buffer
	c.must(c.files().Content(c.ctx, f, &out))
	return out.Bytes()
}

// trades has payers of all PSPs pay, and some get money back.
func (c *clearingTown) trades() {
	lunch := c.pays("blue", "shop", 15_000)
	c.pays("red", "shop", 10_000)
	c.pays("green", "bazaar", 20_000)
	c.pays("blue", "stall", 1_000)
	c.wants(lunch, 5_000)
	c.gives("blue", true)
}

func TestADayGoesByFilesFromItsCloseToItsPayouts(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		d := c.ends()
		c.carries()
		if d, _ = c.days.Get(c.ctx, d.Date); d.Status != settlement.Settled || d.Attempt != 1 {
			c.t.Fatalf("after all was carried and answered the day is %s, attempt %d, %s", d.Status, d.Attempt, d.Reason)
		}
		transfers := c.one(d.Date, flow.FileTransfers, store.CentralBank)
		if transfers.Message != d.Message || transfers.SHA256 != d.Digest {
			c.t.Errorf("the file is %s %s, the day was submitted as %s %s", transfers.Message, transfers.SHA256, d.Message, d.Digest)
		}
		c.lieAsTheyAre(d.Date)
		c.transfersAreTheNets(d.Date, transfers)
		c.creditsAreThePayouts(d.Date)
		c.recordsAreThePayments(d.Date)
		for _, shop := range []string{"shop", "bazaar"} {
			if p := c.payouts(shop)[0]; p.Status != settlement.PayoutPaid {
				c.t.Errorf("the payout of %s is %s", shop, p.Status)
			}
		}
		c.sound()
	})
}

// lieAsTheyAre sees that every file was delivered as it is made again, and keeps its schema.
func (c *clearingTown) lieAsTheyAre(date string) {
	c.t.Helper()
	count := map[string]int{}
	for _, f := range c.all(date) {
		count[f.Kind]++
		again := c.content(f)
		sum := sha256.Sum256(again)
		if hex.EncodeToString(sum[:]) != f.SHA256 || int64(len(again)) != f.Size {
			c.t.Errorf("%s was made again differently", f.Name)
		}
		if strings.HasSuffix(f.Name, ".xml") {
			c.must(iso20022.Check(again))
		}
		if f.Kind == flow.FileAnswer {
			continue
		}
		lies, err := os.ReadFile(f.Place)
		if errors.Is(err, os.ErrNotExist) { // the other side has taken it
			lies, err = os.ReadFile(filepath.Join(filepath.Dir(f.Place), "taken", f.Name))
		}
		c.must(err)
		if f.Status != store.FileDelivered || !bytes.Equal(lies, again) {
			c.t.Errorf("%s is %s, at its place are %d bytes", f.Name, f.Status, len(lies))
		}
	}
	if want := map[string]int{flow.FileTransfers: 1, flow.FileCredits: 2, flow.FileRecords: 5, flow.FileAnswer: 3}; fmt.Sprint(count) != fmt.Sprint(want) {
		c.t.Errorf("there are files %v, want %v", count, want)
	}
}

func (c *clearingTown) transfersAreTheNets(date string, f store.File) {
	c.t.Helper()
	m, err := clearing.ReadTransfers(bytes.NewReader(c.content(f)))
	c.must(err)
	nets := map[string]money.Amount{}
	for _, l := range m.Legs {
		if l.From == m.Sender {
			nets[l.ID] = l.Amount
		} else {
			nets[l.ID] = -l.Amount
		}
	}
	positions, err := c.days.Positions(c.ctx, date)
	c.must(err)
	for _, p := range positions {
		if leg := clearing.LegID(date, p.Participant); p.Participant != settlement.Centre && nets[leg] != p.Net {
			c.t.Errorf("the transfer of %s is %d, its net %d", p.Name, nets[leg], p.Net)
		}
	}
}

func (c *clearingTown) creditsAreThePayouts(date string) {
	c.t.Helper()
	for _, shop := range []string{"shop", "bazaar"} {
		m, err := clearing.ReadCredits(bytes.NewReader(c.content(c.one(date, flow.FileCredits, c.banks[shop]))))
		c.must(err)
		p := c.payouts(shop)[0]
		want := clearing.Credit{ID: string(p.ID), Amount: p.Amount, Name: shop, Account: p.BankAccount, Text: "Payments by QR, day " + date}
		if len(m.Items) != 1 || m.Items[0] != want {
			c.t.Errorf("the credits of %s are %+v, want %+v", shop, m.Items, want)
		}
	}
}

// recordsAreThePayments adds up the records of each side: together they are the day, seen from the payers and from the merchants.
func (c *clearingTown) recordsAreThePayments(date string) {
	c.t.Helper()
	positions, err := c.days.Positions(c.ctx, date)
	c.must(err)
	for _, p := range positions {
		if p.Participant == settlement.Centre {
			continue
		}
		var paid, refunded money.Amount
		for r, err := range clearing.ReadRecords(bytes.NewReader(c.content(c.one(date, flow.FileRecords, p.Participant)))) {
			c.must(err)
			if r.BIC != clearing.BankOf(p, clearing.Style{}).BIC {
				c.t.Errorf("a record in the file of %s has the BIC %s", p.BIC, r.BIC)
			}
			switch acquired := c.isOf(r.PSP, p.Participant); {
			case acquired && r.Kind == settlement.C2B:
				paid += r.Amount
			case acquired:
				refunded += r.Amount
			}
		}
		if paid != p.Paid || refunded != p.Refunded {
			c.t.Errorf("%s: its records hold %d paid and %d refunded, its position %d and %d", p.Name, paid, refunded, p.Paid, p.Refunded)
		}
	}
}

func (c *clearingTown) isOf(psp, participant id.ID) bool {
	record, err := c.registry.PSP(c.ctx, psp)
	c.must(err)
	return record.Participant == participant || record.Participant == "" && psp == participant
}

func TestAPayoutThatABankRefusesComesBack(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		d := c.ends()
		lost := c.payouts("shop")[0]
		c.judge = func(_ string, transfers []string) clearing.Answer {
			if !slices.Contains(transfers, string(lost.ID)) {
				return clearing.Answer{Verdict: clearing.Settled}
			}
			return clearing.Answer{Verdict: clearing.Partly, Items: []clearing.Outcome{{ID: string(lost.ID), Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AC04", Text: "Эсеп жабык"}}}}}
		}
		c.carries()
		if p := c.payouts("shop")[0]; p.Status != settlement.PayoutReturned || p.Reason != "AC04: Эсеп жабык" || c.payable("shop") != lost.Amount {
			c.t.Errorf("the payout is %s (%s), the shop is owed %d", p.Status, p.Reason, c.payable("shop"))
		}
		if p := c.payouts("bazaar")[0]; p.Status != settlement.PayoutPaid {
			c.t.Errorf("the other payout is %s", p.Status)
		}
		c.lieAsTheyAre(d.Date)
		c.sound()
	})
}

func TestADayThatTheCentralBankRefusesIsSubmittedAgainOnlyWhenAsked(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		d := c.ends()
		c.judge = func(string, []string) clearing.Answer {
			return clearing.Answer{Verdict: clearing.Refused, Reasons: []clearing.Reason{{Code: "AM04", Text: "No funds"}}}
		}
		c.carries()
		d, err := c.days.Get(c.ctx, d.Date)
		c.must(err)
		if d.Status != settlement.Returned || d.Reason != "AM04: No funds" || d.Attempt != 1 {
			c.t.Fatalf("the day is %+v", d)
		}
		first := c.one(d.Date, flow.FileTransfers, store.CentralBank)
		if _, err := c.files().Redeliver(c.ctx, clerk, first.ID); c.code(err) != fault.DayMessage {
			c.t.Errorf("the refused file may go once more: %v", err)
		}
		next, err := c.files().Submit(c.ctx, d.Date)
		c.must(err)
		if again, err := c.files().Submit(c.ctx, d.Date); err != nil || again.ID != next.ID || next.ID == first.ID {
			c.t.Errorf("asked twice, the day gets %s and %s after %s: %v", next.Name, again.Name, first.Name, err)
		}
		c.carries()
		if d, _ = c.days.Get(c.ctx, d.Date); d.Status != settlement.Returned || d.Attempt != 2 || d.Message != next.Message {
			c.t.Fatalf("the day is %+v", d)
		}
		for _, old := range []store.File{first, next} {
			if _, err := c.files().Redeliver(c.ctx, clerk, old.ID); c.code(err) != fault.DayMessage {
				c.t.Errorf("%s may go once more: %v", old.Name, err)
			}
		}
		_, err = c.files().Submit(c.ctx, d.Date)
		c.must(err)
		c.judge = func(string, []string) clearing.Answer { return clearing.Answer{Verdict: clearing.Waiting} }
		c.carries()
		if _, err := c.files().Submit(c.ctx, d.Date); c.code(err) != fault.DaySubmitted {
			c.t.Errorf("a day that is with the central bank is submitted again: %v", err)
		}
		if _, err := c.files().Redeliver(c.ctx, clerk, first.ID); c.code(err) != fault.DaySubmitted {
			c.t.Errorf("a file that was refused may go beside the one that waits: %v", err)
		}
		third, err := c.store.FileOfMessage(c.ctx, "N"+strings.ReplaceAll(d.Date, "-", "")+"-03")
		c.must(err)
		_, err = c.files().Redeliver(c.ctx, clerk, third.ID)
		c.must(err)
		c.carries()
		_, err = c.days.Answer(c.ctx, d.Date, flow.DayAnswer{Message: third.Message, Accepted: true})
		c.must(err)
		if d, _ = c.days.Get(c.ctx, d.Date); d.Status != settlement.Settled || d.Attempt != 3 {
			c.t.Errorf("the day is %+v", d)
		}
		if _, err := c.files().Submit(c.ctx, d.Date); c.code(err) != fault.DaySettled {
			c.t.Errorf("a settled day is submitted again: %v", err)
		}
		log, err := c.store.PersonEvents(c.ctx, store.PersonEventFilter{Owner: store.Centre, Limit: 10})
		if err != nil || len(log) != 1 || log[0].By != clerk.ID || log[0].Kind != flow.EventRedelivered || log[0].Detail != third.Name {
			c.t.Errorf("the access log has %+v, %v", log, err)
		}
		c.sound()
	})
}

// clerk is who has files delivered again.
var clerk = proposal.Person{ID: id.New(id.Operator, opening, 0, id.Random{3}), Name: "clerk"}

func TestThreatForgedAnswers(t *testing.T) {
	inTown(t, func(w *town) {
		c := newClearingTown(w)
		c.trades()
		d := c.ends()
		waits := func(string, []string) clearing.Answer { return clearing.Answer{Verdict: clearing.Waiting} }
		c.judge = waits
		c.carries()
		message := c.one(d.Date, flow.FileTransfers, store.CentralBank).Message
		for name, a := range map[string]struct {
			owner  id.ID
			answer clearing.Answer
			want   string
		}{
			"a bank's for the central bank's file": {c.banks["shop"], clearing.Answer{Original: message, Verdict: clearing.Settled}, "was another's"},
			"a file that was never sent":           {store.CentralBank, clearing.Answer{Original: "N20200101-01", Verdict: clearing.Settled}, "not_found"},
			"another kind of file":                 {store.CentralBank, clearing.Answer{Original: message, Format: "pacs.008.001.09", Verdict: clearing.Settled}, "not pacs.008"},
			"a transfer that is not in it":         {store.CentralBank, clearing.Answer{Original: message, Verdict: clearing.Settled, Items: []clearing.Outcome{{ID: "P1", Verdict: clearing.Settled}}}, "not in the file"},
			"half of the day": {store.CentralBank, clearing.Answer{Original: message, Verdict: clearing.Partly, Items: []clearing.Outcome{
				{ID: clearing.LegID(d.Date, c.banks["shop"]), Verdict: clearing.Settled}, {ID: clearing.LegID(d.Date, c.banks["bazaar"]), Verdict: clearing.Refused}}}, "all or none"},
		} {
			a.answer.Message, a.answer.Created = "X", c.world.Clock.Now()
			var file bytes.Buffer
			c.must(a.answer.Write(&file))
			got, err := c.files().Take(c.ctx, a.owner, "x.xml", file.Bytes())
			c.must(err)
			if got.Status != store.FileRefused || !strings.Contains(got.Reason, a.want) {
				c.t.Errorf("%s: it is %s: %s", name, got.Status, got.Reason)
			}
			if again, err := c.files().Take(c.ctx, a.owner, "y.xml", file.Bytes()); err != nil || again.ID != got.ID {
				c.t.Errorf("%s: the same bytes again are %s: %v", name, again.ID, err)
			}
		}
		got, err := c.files().Take(c.ctx, store.CentralBank, "z.xml", []byte("<Document"))
		if err != nil || got.Status != store.FileRefused {
			c.t.Errorf("a torn file: %+v, %v", got, err)
		}
		if d, _ = c.days.Get(c.ctx, d.Date); d.Status != settlement.Submitted {
			c.t.Errorf("the day is %s", d.Status)
		}
	})
}

// TestADayGoesOverSFTP has the central bank behind Debian's sshd and the banks behind folders.
func TestADayGoesOverSFTP(t *testing.T) {
	c := newClearingTown(newTown(t, memory(t), false))
	s := sftptest.Start(t)
	_, err := c.files().PutDestination(c.ctx, store.Destination{ID: store.CentralBank, Kind: "sftp", Address: s.Address, Login: s.User, HostKey: s.HostKey,
		PrivateKey: s.PrivateKey, Folder: "out", Inbox: "in", Latin: true})
	c.must(err)
	for _, folder := range []string{"out", "in"} { // Both sides write to them, as different users.
		c.must(os.Mkdir(filepath.Join(s.Folder, folder), 0o777))
		c.must(os.Chmod(filepath.Join(s.Folder, folder), 0o777))
	}
	c.trades()
	d := c.ends()
	for range 10 {
		_, err := jobs.Carry(c.files(), c.store, jobs.Places{Root: c.root, Dial: (&net.Dialer{}).DialContext}, t.TempDir()).Step(c.ctx)
		c.must(err)
		_, err = sandbox.Answering{Out: filepath.Join(s.Folder, "out"), In: filepath.Join(s.Folder, "in")}.Step()
		c.must(err)
		c.answers()
	}
	if d, _ = c.days.Get(c.ctx, d.Date); d.Status != settlement.Settled {
		t.Fatalf("the day is %s", d.Status)
	}
	f := c.one(d.Date, flow.FileTransfers, store.CentralBank)
	if want := "sftp://" + s.User + "@" + s.Address + "/out/" + f.Name; f.Place != want || !bytes.Contains(c.content(f), []byte("<Nm>Borbor</Nm>")) {
		t.Errorf("the file lies at %s, want %s, and says\n%s", f.Place, want, c.content(f))
	}
	if left, _ := filepath.Glob(filepath.Join(s.Folder, "in", "*.xml")); len(left) > 0 {
		t.Errorf("%v were not put away", left)
	}
}

// errPlanned is the failure that the tests make.
var errPlanned = errors.New("the database has failed on purpose")

// failing fails one write of files, before it was done or after: the caller cannot know which.
type failing struct {
	store.Files
	left *int
	done bool
}

func (f failing) hit(do func() error) error {
	*f.left--
	if *f.left != 0 {
		return do()
	}
	if f.done {
		if err := do(); err != nil {
			return err
		}
	}
	return errPlanned
}

func (f failing) AddFile(ctx context.Context, file store.File) (kept store.File, made bool, err error) {
	err = f.hit(func() error { kept, made, err = f.Files.AddFile(ctx, file); return err })
	return kept, made, err
}

func (f failing) PutFile(ctx context.Context, file store.File) error {
	return f.hit(func() error { return f.Files.PutFile(ctx, file) })
}

// TestTheCourierMayDieAnywhere fails writes of the whole way in turn, before they were done and after, and restarts after each
// step: the end is always the same. TOLOM_FILES_EVERY=1 fails each write, else it is each fifth.
func TestTheCourierMayDieAnywhere(t *testing.T) {
	every, struck := 5, 0
	if text := os.Getenv("TOLOM_FILES_EVERY"); text != "" {
		_, err := fmt.Sscan(text, &every)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, done := range []bool{false, true} {
		for n := 1; ; n += every {
			c := newClearingTown(newTown(t, memory(t), false))
			left := n
			c.kept = failing{c.store, &left, done}
			c.trades()
			d := c.ends()
			c.carries()
			if c.clock.Advance(time.Hour); left <= 0 {
				c.carries()
			}
			if d, _ = c.days.Get(c.ctx, d.Date); d.Status != settlement.Settled || d.Attempt != 1 {
				t.Fatalf("write %d, done %v: the day is %s, attempt %d", n, done, d.Status, d.Attempt)
			}
			c.lieAsTheyAre(d.Date)
			c.sound()
			if left > 0 {
				break
			}
			struck++
		}
	}
	if struck*every < 150 {
		t.Errorf("only %d writes were struck", struck)
	}
	t.Logf("%d writes were struck", struck)
}
