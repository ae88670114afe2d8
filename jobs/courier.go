package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tolom/courier"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
)

// courierEvery is the time between two looks at what there is to deliver and what has come.
const courierEvery = 10 * time.Second

// mostFiles is how many files one step delivers.
const mostFiles = 10

// Boxes opens where an owner's files go; nil without an error when there is no such place.
type Boxes interface {
	Open(ctx context.Context, d store.Destination) (*courier.Box, error)
}

// carrier delivers files of closed days and takes in answers.
type carrier struct {
	files  *flow.Files
	owners func(context.Context) ([]id.ID, error)
	boxes  Boxes
	spool  string
	seen   map[string]string // letters without a digest, as they lay at the last look
}

// Carry is the pass that makes the files of closed days, delivers them and takes in
// answers. spool is a folder for files while they are made. On several nodes each file
// is one node's for a while; whoever dies in the middle leaves it to the next.
func Carry(files *flow.Files, desk store.Desk, boxes Boxes, spool string) Pass {
	return &carrier{files: files, boxes: boxes, spool: spool, seen: map[string]string{}, owners: func(ctx context.Context) ([]id.ID, error) { return ownersOf(ctx, desk) }}
}

// ownersOf are all that answers may come from.
func ownersOf(ctx context.Context, desk store.Desk) (out []id.ID, err error) {
	out = []id.ID{store.CentralBank}
	for last := id.ID(""); ; {
		page, err := desk.Participants().List(ctx, "", last, 500)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, p := range page {
			last = p.ID
			out = append(out, p.ID)
		}
	}
}

func (c *carrier) Name() string         { return "courier" }
func (c *carrier) Every() time.Duration { return courierEvery }

// Step plans, makes and delivers, then looks into every inbox. What fails for one owner does not hold up the others.
func (c *carrier) Step(ctx context.Context) (did int, err error) {
	did, err = c.files.Plan(ctx)
	if err != nil {
		return did, err
	}
	due, err := c.files.Due(ctx, mostFiles)
	failed := []error{err}
	for _, f := range due {
		if err := c.advance(ctx, f); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", f.Name, err))
		}
	}
	taken, err := c.collect(ctx)
	return did + len(due) + taken, errors.Join(append(failed, err)...)
}

// advance takes a file one step further.
func (c *carrier) advance(ctx context.Context, f store.File) (err error) {
	switch {
	case f.Kind == flow.FileAnswer:
		_, err = c.files.Apply(ctx, f)
	case f.Status == store.FilePlanned:
		_, err = c.files.Make(ctx, f)
	case f.Status == store.FileReady:
		err = c.deliver(ctx, f)
	}
	return err
}

// deliver brings a file to its owner and notes how that went. What a delivery met is noted with the file, where staff
// see it; only what could not be noted is an error of the pass.
func (c *carrier) deliver(ctx context.Context, f store.File) error {
	if err := c.files.MayGo(ctx, f); fault.Has(err, fault.PayoutFinal) {
		_, err = c.files.Withheld(ctx, f, err)
		return err
	} else if err != nil {
		return err
	}
	destination, err := c.files.Destination(ctx, f.Owner)
	if err != nil {
		return err
	}
	within, stop := context.WithTimeout(ctx, flow.Lease-time.Minute)
	defer stop()
	receipt, err := c.carry(within, f, destination)
	switch {
	case errors.Is(err, errNowhere):
		_, err = c.files.Fetched(ctx, f)
	case err == nil:
		_, err = c.files.Delivered(ctx, f, receipt.Path)
	case stuck(err):
		_, err = c.files.Stuck(ctx, f, err)
	default:
		_, err = c.files.Later(ctx, f, err)
	}
	return err
}

// stuck says that the same delivery would fail again.
func stuck(err error) bool {
	return errors.Is(err, courier.ErrTaken) || errors.Is(err, courier.ErrSettings) || errors.Is(err, courier.ErrHostKey) || fault.Has(err, fault.InternalError)
}

var errNowhere = errors.New("jobs: there is no destination")

func (c *carrier) carry(ctx context.Context, f store.File, d store.Destination) (r courier.Receipt, err error) {
	box, err := c.boxes.Open(ctx, d)
	if err != nil {
		return r, err
	}
	if box == nil {
		return r, errNowhere
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	content, err := c.spooled(ctx, f)
	if err != nil {
		return r, err
	}
	defer content.Close()
	return box.Deliver(ctx, courier.File{Name: f.Name, Size: f.Size, SHA256: f.SHA256, Content: content})
}

// spooled makes a file again, on this machine's disk; the name is gone at once and the room with the last use.
func (c *carrier) spooled(ctx context.Context, f store.File) (*os.File, error) {
	file, err := os.CreateTemp(c.spool, "file-")
	if err != nil {
		return nil, err
	}
	if err = errors.Join(os.Remove(file.Name()), c.files.Content(ctx, f, file)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// collect looks into the inboxes.
func (c *carrier) collect(ctx context.Context) (did int, err error) {
	owners, err := c.owners(ctx)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, owner := range owners {
		n, err := c.collectOf(ctx, owner)
		did += n
		if err != nil && ctx.Err() == nil {
			failed = append(failed, fmt.Errorf("the inbox of %s: %w", owner, err))
		}
	}
	return did, errors.Join(failed...)
}

func (c *carrier) collectOf(ctx context.Context, owner id.ID) (did int, err error) {
	d, err := c.files.Destination(ctx, owner)
	if err != nil || d.Inbox == "" {
		return 0, err
	}
	within, stop := context.WithTimeout(ctx, flow.Lease)
	defer stop()
	box, err := c.boxes.Open(within, d)
	if err != nil || box == nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, box.Close()) }()
	letters, err := box.Waiting(100)
	if err != nil {
		return 0, err
	}
	for _, l := range letters {
		n, err := c.take(within, box, owner, l)
		did += n
		if err != nil {
			return did, err
		}
	}
	return did, nil
}

// take takes in a letter once it is known to be whole: by the digest beside it, or because it lies still since the last
// look. It is put away after what it says was done, so a death in between only has it looked at again.
func (c *carrier) take(ctx context.Context, box *courier.Box, owner id.ID, l courier.Letter) (did int, err error) {
	content, digest, whole, err := box.Fetch(ctx, l)
	if err != nil && !errors.Is(err, courier.ErrDigest) {
		return 0, err
	}
	place := string(owner) + "/" + l.Name
	if last := c.seen[place]; !whole && last != digest {
		c.seen[place] = digest
		return 0, nil
	}
	delete(c.seen, place)
	if err != nil {
		return 1, box.Failed(l, digest, err.Error())
	}
	file, err := c.files.Take(ctx, owner, l.Name, content)
	switch {
	case fault.Has(err, fault.InvalidRequest):
		return 1, box.Failed(l, digest, err.Error())
	case err != nil || file.Status == store.FilePlanned:
		return 0, err // It is tried again by itself; the letter waits.
	case file.Status == store.FileRefused:
		return 1, box.Failed(l, digest, file.Reason)
	}
	return 1, box.Done(l, digest)
}

// Places opens boxes in production.
type Places struct {
	Root string // folders of destinations are below; empty: there are none
	Dial courier.Dial
}

// Open opens the box of a destination.
func (p Places) Open(ctx context.Context, d store.Destination) (*courier.Box, error) {
	switch d.Kind {
	case "sftp":
		return courier.SFTP(ctx, courier.Server{Address: d.Address, User: d.Login, HostKey: d.HostKey, PrivateKey: d.PrivateKey, Out: d.Folder, In: d.Inbox}, p.Dial)
	case "folder":
		if p.Root == "" {
			return nil, nil
		}
		return courier.Folder(p.Root, d.Folder, d.Inbox)
	}
	return nil, nil
}
