package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
	"tolom/trail"
)

// monthFormat is what the first line of an archive of a month says.
const monthFormat = "tolom month 1"

// monthHead is the first line.
type monthHead struct {
	Format     string       `json:"format"`
	Month      string       `json:"month"`    // "2026-10", of Bishkek
	From       int64        `json:"from"`     // the last position of the month before
	To         int64        `json:"to"`       // the last of this one
	Previous   string       `json:"previous"` // digest of the archive before; empty for the first
	MadeAt     time.Time    `json:"made_at"`
	Edge       []trail.Tile `json:"edge"`       // of the log with From lines: what its next lines are hashed with
	Checkpoint string       `json:"checkpoint"` // signed, over To lines or more
	Proof      []trail.Hash `json:"proof"`      // that the log of the checkpoint begins with To lines
}

// monthLine is one of the lines that follow: exactly one field is set.
type monthLine struct {
	Fact    *factLine        `json:"fact,omitempty"`
	Entry   *store.Entry     `json:"entry,omitempty"`
	Payment *payment.Payment `json:"payment,omitempty"`
	Request *payment.Request `json:"request,omitempty"`
	Refund  *payment.Refund  `json:"refund,omitempty"`
}

// factLine is a fact at its place in the feed.
type factLine struct {
	Position int64        `json:"position"`
	Reader   id.ID        `json:"reader"`
	Sequence int64        `json:"sequence"`
	Fact     payment.Fact `json:"fact"`
	Leaf     int          `json:"leaf,omitempty"` // how the log has hashed it: 2 as lines are hashed now, 0 as they were before
}

// nowLeaf is what Leaf says of a line as it is hashed now.
const nowLeaf = 2

// hash is the leaf of the line.
func (f factLine) hash() trail.Hash {
	l := trail.Line{Position: f.Position, Reader: f.Reader, Sequence: f.Sequence, Fact: f.Fact}
	if f.Leaf == nowLeaf {
		return l.Hash()
	}
	return l.WholeHash()
}

// ErrOpen says that a month cannot be archived yet.
var ErrOpen = errors.New("archive: the month is not over, or not all of it is numbered and sealed")

// ErrOrder says that months are archived one after another.
var ErrOrder = errors.New("archive: months are archived in their order, each once")

var bishkek = time.FixedZone("Asia/Bishkek", 6*60*60)

// settleTime is how long after its end a month is closed: by then all of its facts are numbered.
const settleTime = time.Hour

const pageSize = 500

// monthName is the file of a month.
func monthName(month string) string { return "tolom-" + month + ".archive" }

// Months gives the archives of a folder in their order.
func Months(dir string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(dir, "tolom-????-??.archive"))
	slices.Sort(found)
	return found, err
}

// MakeMonth writes the archive of a month of Bishkek, "2026-10", into a folder: the facts that
// happened in it, by their place in the feed, their entries, and the payments, requests and
// refunds that they speak of as they are now, without what is personal. The first archive of a
// folder begins with the feed, each next one where the last ended, so every fact is in exactly
// one. Nothing is removed from the database. ErrOpen, ErrOrder.
func MakeMonth(ctx context.Context, from store.Auditor, dir, month string, now time.Time) (path string, made Month, err error) {
	begin, err := time.ParseInLocation("2006-01", month, bishkek)
	if err != nil {
		return "", made, fmt.Errorf("archive: %q is no month such as 2026-10", month)
	}
	end := begin.AddDate(0, 1, 0)
	if now.Before(end.Add(settleTime)) {
		return "", made, fmt.Errorf("%w: %s ends on %s", ErrOpen, month, end.Format(time.RFC3339))
	}
	head := monthHead{Format: monthFormat, Month: month, MadeAt: now.UTC().Truncate(time.Millisecond)}
	if head.From, head.Previous, err = lastOf(dir, month); err != nil {
		return "", made, err
	}
	path = filepath.Join(dir, monthName(month))
	err = from.Audit(ctx, func(a store.Archive) error {
		m := making{ctx: ctx, a: a, head: head, end: end}
		if err := m.bounds(); err != nil {
			return err
		}
		if err := m.seal(); err != nil {
			return err
		}
		return whole(path, m.write)
	})
	if err != nil {
		return "", made, err
	}
	made, err = ReadMonth(path, nil)
	return path, made, err
}

// lastOf gives where the newest archive of a folder ends.
func lastOf(dir, month string) (to int64, digest string, err error) {
	all, err := Months(dir)
	if err != nil || len(all) == 0 {
		return 0, "", err
	}
	last, err := ReadMonth(all[len(all)-1], nil)
	if err == nil && last.Month >= month {
		err = fmt.Errorf("%w: the last is %s", ErrOrder, last.Month)
	}
	return last.To, last.Digest, err
}

// making is an archive in the making.
type making struct {
	ctx  context.Context
	a    store.Archive
	head monthHead
	end  time.Time
	w    *writer

	leaves trail.Tile // the stored hashes of the lines that are written
}

// bounds finds the last position whose fact happened in the month. Facts are numbered shortly
// after they happen, not always in their order, so it looks a day further.
func (m *making) bounds() error {
	m.head.To = m.head.From
	for after := m.head.From; ; {
		page, err := m.a.NumberedPage(m.ctx, after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		past := true
		for _, n := range page {
			if n.Fact.At.Before(m.end) {
				m.head.To = n.Position
			}
			past = past && n.Fact.At.After(m.end.Add(24*time.Hour))
		}
		if after = page[len(page)-1].Position; past {
			return nil
		}
	}
}

// seal takes what ties the lines to a checkpoint.
func (m *making) seal() error {
	var newest store.Checkpoint
	for {
		page, err := m.a.CheckpointPage(m.ctx, newest.Number, pageSize)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			if newest = c; c.Size >= m.head.To {
				page = nil
				break
			}
		}
		if page == nil {
			break
		}
	}
	if m.head.To == 0 || newest.Size < m.head.To {
		return fmt.Errorf("%w: its last fact is at %d, the newest checkpoint is over %d lines", ErrOpen, m.head.To, newest.Size)
	}
	m.head.Checkpoint = newest.Text
	names := trail.Edge(m.head.From)
	tiles, err := m.a.TilesOf(m.ctx, names)
	if err != nil {
		return err
	}
	for _, t := range tiles { // Tiles have grown since.
		want := int((m.head.From>>(trail.Height*t.Level)-1)%trail.Width) + 1
		t.Hashes = t.Hashes[:min(want, len(t.Hashes))]
		m.head.Edge = append(m.head.Edge, t)
	}
	m.head.Proof, err = trail.ProveGrowth(newest.Size, m.head.To, func(n trail.Name) (trail.Tile, error) {
		some, err := m.a.TilesOf(m.ctx, []trail.Name{n})
		if err != nil || len(some) == 0 {
			return trail.Tile{}, errors.Join(err, trail.ErrTiles)
		}
		return some[0], nil
	})
	return err
}

func (m *making) write(to io.Writer) error {
	m.w = newWriter(to)
	if err := m.w.line(m.head); err != nil {
		return err
	}
	for after := m.head.From; after < m.head.To; {
		page, err := m.a.NumberedPage(m.ctx, after, pageSize)
		if err != nil {
			return err
		}
		page = slices.DeleteFunc(page, func(n store.Numbered) bool { return n.Position > m.head.To })
		if len(page) == 0 {
			return fmt.Errorf("archive: the feed has no position %d", after+1)
		}
		after = page[len(page)-1].Position
		if err := m.page(page); err != nil {
			return err
		}
	}
	_, err := m.w.end()
	return err
}

// page writes facts, then their entries and what they speak of.
func (m *making) page(page []store.Numbered) error {
	facts, payments, requests, refunds := map[id.ID]bool{}, map[id.ID]bool{}, map[id.ID]bool{}, map[id.ID]bool{}
	low, high := page[0].Fact.ID, page[0].Fact.ID
	for _, n := range page {
		line, err := m.line(n)
		if err == nil {
			err = m.w.line(monthLine{Fact: &line})
		}
		if err != nil {
			return err
		}
		facts[n.Fact.ID], payments[n.Fact.Payment], requests[n.Fact.Request], refunds[n.Fact.Refund] = true, true, true, true
		low, high = min(low, n.Fact.ID), max(high, n.Fact.ID)
	}
	entries, err := m.a.EntriesOf(m.ctx, low[:len(low)-1], high)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if facts[e.Fact] {
			if err := m.w.line(monthLine{Entry: &e}); err != nil {
				return err
			}
		}
	}
	return m.objects(names(payments), names(requests), names(refunds))
}

// line gives a line of the archive, and says how the log has hashed it.
func (m *making) line(n store.Numbered) (factLine, error) {
	name := trail.Name{Number: (n.Position - 1) / trail.Width}
	if m.leaves.Hashes == nil || m.leaves.Number != name.Number {
		stored, err := m.a.TilesOf(m.ctx, []trail.Name{name})
		if err != nil {
			return factLine{}, err
		}
		m.leaves = append(stored, trail.Tile{Number: name.Number, Hashes: []trail.Hash{}})[0]
	}
	line := factLine{Position: n.Position, Reader: n.Reader, Sequence: n.Sequence, Fact: n.Fact}
	if at := (n.Position - 1) % trail.Width; at >= int64(len(m.leaves.Hashes)) || m.leaves.Hashes[at] != line.hash() {
		line.Leaf = nowLeaf
	}
	return line, nil
}

func names(set map[id.ID]bool) (out []id.ID) {
	for name := range set {
		if name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// objects writes what facts speak of, without what is personal.
func (m *making) objects(payments, requests, refunds []id.ID) error {
	paid, err := m.a.PaymentsOf(m.ctx, payments)
	if err != nil {
		return err
	}
	asked, err := m.a.RequestsOf(m.ctx, requests)
	if err != nil {
		return err
	}
	back, err := m.a.RefundsOf(m.ctx, refunds)
	for _, p := range sorted(paid, func(p payment.Payment) id.ID { return p.ID }) {
		p.Payer, p.ReceiptID = payment.Payer{Kind: p.Payer.Kind}, ""
		err = errors.Join(err, m.w.line(monthLine{Payment: &p}))
	}
	for _, r := range sorted(asked, func(r payment.Request) id.ID { return r.ID }) {
		r.Description, r.Extra, r.Metadata, r.SuccessURL, r.Payload = "", nil, nil, "", ""
		err = errors.Join(err, m.w.line(monthLine{Request: &r}))
	}
	for _, r := range sorted(back, func(r payment.Refund) id.ID { return r.ID }) {
		r.Reason = ""
		err = errors.Join(err, m.w.line(monthLine{Refund: &r}))
	}
	return err
}

func sorted[T any](rows []T, name func(T) id.ID) []T {
	slices.SortFunc(rows, func(a, b T) int { return strings.Compare(string(name(a)), string(name(b))) })
	return rows
}

// openFile opens a file to read.
func openFile(path string, do func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(do(f), f.Close())
}
