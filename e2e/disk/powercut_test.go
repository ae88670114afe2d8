package disk

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tolom/internal/faultdisk"
	"tolom/internal/traffic"
)

const (
	// shortForm is after how many power cuts `make test` looks; `make powercut` after more.
	shortForm = 120
	// lives is how often the platform is started and stopped again while it is watched:
	// setting up a database, opening one, and closing it are moments too.
	lives = 3
	// perLife is how many payments are made in each.
	perLife = 50
	// again is of how many images one is run on, and its disk cut again.
	again = 10
)

// live watches a folder and lets the platform live in it for some payments, again and again.
func live(t *testing.T, folder string, people traffic.People, lives, payments int, prepare func(*faultdisk.Disk)) *history {
	t.Helper()
	disk, err := faultdisk.Watch(folder)
	must(t, err)
	t.Cleanup(disk.Close)
	prepare(disk)
	h := &history{t: t, disk: disk, people: people}
	for range lives {
		p, err := start(folder)
		must(t, err)
		if h.people.PSPKey == "" {
			h.people, err = traffic.Settle(t.Context(), p.store, shops)
			must(t, err)
		}
		h.trade(t.Context(), p, payments)
		must(t, p.close())
	}
	return h
}

// TestAPowerCutLosesNoAcknowledgedPayment looks at what may be on the disk after the
// power went at any moment: while a database is set up, opened, written to, folded
// together and closed. Some of what is found is run on, and the power goes again.
func TestAPowerCutLosesNoAcknowledgedPayment(t *testing.T) {
	seed := traffic.Number(t, "TOLOM_CRASH_SEED", int(time.Now().UnixNano()%1_000_000))
	t.Logf("TOLOM_CRASH_SEED=%d", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	images := traffic.Number(t, "TOLOM_CRASH_IMAGES", shortForm)
	h := live(t, t.TempDir(), traffic.People{}, lives, perLife, func(*faultdisk.Disk) {})
	var seen, torn, second int
	must(t, h.disk.Cuts(random, images, func(i faultdisk.Image) error {
		folder := scratch(t)
		defer os.RemoveAll(folder)
		must(t, i.Write(folder))
		if err := h.found(folder, i.Moment); err != nil {
			return fmt.Errorf("after event %d of %d: %w", i.Moment, h.disk.Now(), err)
		}
		if torn += i.Torn; seen%again == 0 && i.Moment > h.deals[0].at {
			second += h.again(i, random)
		}
		seen++
		return nil
	}))
	t.Logf("%d payments, %d events on the disk, %d images with %d sectors dropped or old, %d images after a second cut: 0 acknowledged lost, all rules hold",
		len(h.deals), h.disk.Now(), seen, torn, second)
}

// again lets the platform go on from an image, and cuts the power a few more times.
func (h *history) again(i faultdisk.Image, random *rand.Rand) (images int) {
	h.t.Helper()
	folder := scratch(h.t)
	defer os.RemoveAll(folder)
	must(h.t, i.Write(folder))
	next := live(h.t, folder, h.people, 1, 4, func(*faultdisk.Disk) {})
	defer next.disk.Close()
	must(h.t, next.disk.Cuts(random, 3, func(j faultdisk.Image) error {
		images++
		found := scratch(h.t)
		defer os.RemoveAll(found)
		must(h.t, j.Write(found))
		if err := next.found(found, j.Moment); err != nil {
			return fmt.Errorf("after event %d, and event %d after that: %w", i.Moment, j.Moment, err)
		}
		return h.found(found, i.Moment)
	}))
	return images
}

// TestADiskThatLiesLosesPayments is the control: the same payments, the same looks,
// and a disk that syncs nothing.
func TestADiskThatLiesLosesPayments(t *testing.T) {
	h := live(t, t.TempDir(), traffic.People{}, 1, 40, (*faultdisk.Disk).Lie)
	lost := 0
	must(t, h.disk.Cuts(rand.New(rand.NewPCG(5, 6)), 40, func(i faultdisk.Image) error {
		folder := scratch(t)
		defer os.RemoveAll(folder)
		must(t, i.Write(folder))
		if h.found(folder, i.Moment) != nil {
			lost++
		}
		return nil
	}))
	t.Logf("of 40 images of a disk that lies %d lost an acknowledged payment or were broken", lost)
	if lost == 0 {
		t.Error("nothing was lost: the images of this package prove nothing")
	}
}

// scratch makes a folder for one image; there are too many to keep them to the end.
func scratch(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "tolom-image-")
	must(t, err)
	return filepath.Clean(folder)
}
