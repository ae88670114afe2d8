package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tolom/clearing"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/settlement"
	"tolom/store"
	"tolom/world"
)

// The kinds of files.
const (
	FileTransfers = "transfers" // net positions, pacs.009, for the central bank
	FileCredits   = "credits"   // payouts, pacs.008, for a bank
	FileRecords   = "records"   // national clearing records, JSON, for a participant
	FileAnswer    = "answer"    // pacs.002 or pain.002 that came
)

// Files is the use cases of the files of closed days: which there are, what is in them,
// what answers to them mean. It is bytes and rows; jobs' courier carries them. Any step
// may be taken by any node, again, and after a death in the middle.
type Files struct {
	days   *BusinessDays
	kept   store.Files
	desk   store.Desk
	world  world.World
	config FilesConfig

	mu      sync.Mutex
	planned map[string]string // dates whose files were all planned, with the state they were in
}

// FilesConfig is who writes and who settles.
type FilesConfig struct {
	Centre      clearing.Bank // with the account at the central bank from which banks are paid
	CentralBank clearing.Bank
	Latin       bool // names in Latin letters where a destination does not say
	// NewKey makes the key that signs the platform in at a server; PEM.
	NewKey func() (string, error)
}

// NewFiles makes the use cases of files.
func NewFiles(days *BusinessDays, kept store.Files, desk store.Desk, w world.World, c FilesConfig) *Files {
	return &Files{days: days, kept: kept, desk: desk, world: w, config: c, planned: map[string]string{}}
}

// madeWith is what a file is made with beside its day. It is kept with the file, so that it can be made again as it was.
type madeWith struct {
	Centre  clearing.Bank `json:"centre"`
	Getter  clearing.Bank `json:"getter"`
	Latin   bool          `json:"latin,omitempty"`
	Without []id.ID       `json:"without,omitempty"` // payouts that are not in it
}

func (m madeWith) style() clearing.Style { return clearing.Style{Latin: m.Latin} }

// recently is how many days are looked at for files that are missing.
const recently = 40

// Plan writes down which files closed days need, and says how many were added. A day that
// was settled long ago needs none that are not planned.
func (f *Files) Plan(ctx context.Context) (did int, err error) {
	days, err := f.days.List(ctx, "", recently)
	if err != nil {
		return 0, err
	}
	for _, d := range days {
		state := fmt.Sprint(d.Status, d.Attempt)
		if d.Status == settlement.Open || f.isPlanned(d.Date, state) {
			continue
		}
		n, err := f.planDay(ctx, d)
		if did += n; err != nil {
			return did, err
		}
		f.mu.Lock()
		f.planned[d.Date] = state
		f.mu.Unlock()
	}
	return did, nil
}

func (f *Files) isPlanned(date, state string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.planned[date] == state
}

// errNoCodes says that nobody could be asked for anything.
var errNoCodes = errors.New("flow: files of closed days need the codes of the centre and of the central bank: give --centre-bic and --central-bank-bic")

func (f *Files) planDay(ctx context.Context, d settlement.Day) (did int, err error) {
	if f.config.Centre.BIC == "" || f.config.CentralBank.BIC == "" {
		return 0, errNoCodes
	}
	positions, err := f.days.Positions(ctx, d.Date)
	if err != nil {
		return 0, err
	}
	var wanted []store.File
	for _, p := range positions {
		if p.Participant == settlement.Centre {
			continue
		}
		wanted = append(wanted, f.draft(d, FileRecords, p.Participant, "", bankOf(p)))
		if d.Status == settlement.Settled {
			credits, needed, err := f.planCredits(ctx, d, p)
			if err != nil {
				return did, err
			}
			if needed {
				wanted = append(wanted, credits)
			}
		}
	}
	if d.Status == settlement.Closed {
		wanted = append(wanted, f.transfers(d, 1))
	}
	return f.add(ctx, wanted)
}

func (f *Files) transfers(d settlement.Day, attempt int) store.File {
	return f.draft(d, FileTransfers, store.CentralBank, messageOf(d.Date, attempt), f.config.CentralBank)
}

// messageOf names the file with which a day is submitted for the first time, or once more.
func messageOf(date string, attempt int) string {
	return fmt.Sprintf("N%s-%02d", compact(date), attempt)
}

func bankOf(p settlement.Position) clearing.Bank { return clearing.BankOf(p, clearing.Style{}) }

func compact(date string) string { return strings.ReplaceAll(date, "-", "") }

func (f *Files) add(ctx context.Context, wanted []store.File) (did int, err error) {
	for _, w := range wanted {
		if w.Settings, err = f.settle(ctx, w); err != nil {
			return did, err
		}
		_, made, err := f.kept.AddFile(ctx, w)
		if err != nil {
			return did, fault.Wrap(fault.OutOfService, err)
		}
		if made {
			did++
		}
	}
	return did, nil
}

// draft is a file to be made. Its time is the one that is written into it.
func (f *Files) draft(d settlement.Day, kind string, owner id.ID, message string, getter clearing.Bank) store.File {
	name := compact(d.Date) + "_" + kind + "_" + string(owner) + ".json"
	if message != "" {
		name = compact(d.Date) + "_" + kind + "_" + message + ".xml"
	}
	now, claim := f.world.Clock.Now(), name
	if flaw.Has(flaw.FileTwice) {
		claim += now.String()
	}
	return store.File{
		ID: world.NewID(f.world, id.File, id.BucketOf(claim)), Claim: claim, Owner: owner, Day: d.Date, Kind: kind, Name: name, Message: message,
		Settings: encode(madeWith{Getter: getter}), Status: store.FilePlanned, NextAt: now, CreatedAt: now,
	}
}

// settle completes what the file is made with: who writes, in which letters.
func (f *Files) settle(ctx context.Context, w store.File) (string, error) {
	with, err := decode(w.Settings)
	if err != nil {
		return "", err
	}
	destination, err := f.Destination(ctx, w.Owner)
	if err != nil {
		return "", err
	}
	with.Latin = destination.Latin
	style := with.style()
	with.Centre = clearing.Bank{BIC: f.config.Centre.BIC, Name: style.Fit(f.config.Centre.Name, 140)}
	with.Getter.Name = style.Fit(with.Getter.Name, 140)
	return encode(with), nil
}

func encode(m madeWith) string {
	text, err := json.Marshal(m)
	if err != nil {
		return "{}" // Texts and a truth always marshal.
	}
	return string(text)
}

func decode(text string) (m madeWith, err error) {
	if err = json.Unmarshal([]byte(text), &m); err != nil {
		err = fault.Wrap(fault.InternalError, fmt.Errorf("flow: what a file is made with cannot be read: %w", err))
	}
	return m, err
}

// Make makes a planned file and notes its size and digest. What cannot be made stays
// planned with the reason, and is tried again later.
func (f *Files) Make(ctx context.Context, file store.File) (store.File, error) {
	sum := sha256.New()
	count := &counting{w: sum}
	err := f.Write(ctx, file, count)
	switch {
	case errors.Is(err, errNoLegs):
		return f.nothingToMove(ctx, file)
	case err != nil:
		return f.Later(ctx, file, err)
	}
	file.Size, file.SHA256, file.Status, file.Reason, file.Attempts = count.n, hex.EncodeToString(sum.Sum(nil)), store.FileReady, "", 0
	file.NextAt = f.world.Clock.Now()
	return f.put(ctx, file)
}

// errNoLegs says that no participant owes or is owed anything, so that there is nothing to ask the central bank for.
var errNoLegs = errors.New("flow: there is nothing to move")

// nothingToMove settles a day on which all positions are zero: no file could say so, the schema wants a transfer.
func (f *Files) nothingToMove(ctx context.Context, file store.File) (store.File, error) {
	if _, err := f.days.MarkSubmitted(ctx, file.Day, file.Message, ""); err != nil {
		return f.Later(ctx, file, err)
	}
	if _, err := f.days.Answer(ctx, file.Day, DayAnswer{Message: file.Message, Accepted: true}); err != nil {
		return f.Later(ctx, file, err)
	}
	file.Status, file.Reason, file.NextAt, file.EndedAt = store.FileDelivered, "all positions are zero: nothing was sent", time.Time{}, f.world.Clock.Now()
	return f.put(ctx, file)
}

type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (f *Files) put(ctx context.Context, file store.File) (store.File, error) {
	if err := f.kept.PutFile(ctx, file); err != nil {
		return file, fault.Wrap(fault.OutOfService, err)
	}
	file.Version++
	return file, nil
}
