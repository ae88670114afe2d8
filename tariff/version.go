package tariff

import (
	"errors"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/money"
)

// Centre is the owner of the tariff that holds where nobody else has one.
const Centre id.ID = "centre"

// Category is the owner of the tariff of all merchants of a category of ISO 18245.
func Category(mcc string) id.ID { return id.ID("mcc:" + mcc) }

// MCC gives the category whose tariff an owner is; false for another owner.
func MCC(owner id.ID) (mcc string, ok bool) { return strings.CutPrefix(string(owner), "mcc:") }

// Version is a tariff from a moment on. It is never edited: a later version follows
// it, and one that has not begun may be withdrawn.
type Version struct {
	ID     id.ID // tar_…
	Owner  id.ID // a merchant, or Category, or Centre
	Tariff Tariff
	// Shares are interchange rates of certain PSPs, in place of the tariff's.
	Shares []Share
	// Ends says that the owner has no tariff of its own from then on.
	Ends        bool
	ValidFrom   time.Time // the zero time: from the beginning
	CreatedAt   time.Time
	By          string    // who put it
	WithdrawnAt time.Time // before it began; zero: it was not
}

// Share is the interchange rate of one PSP, in hundredths of a percent.
type Share struct {
	PSP  id.ID `json:"psp"`
	Rate int64 `json:"rate"`
}

// MaxShares is how many PSPs may have rates of their own in a version.
const MaxShares = 100

// ErrShares says that the rates of PSPs cannot be used.
var ErrShares = errors.New("tariff: at most 100 PSPs have rates of their own, each once, of 0 to the tariff's rate")

// ErrEnds says that a version cannot both end a tariff and be one.
var ErrEnds = errors.New("tariff: a version that ends the owner's tariff has no numbers")

// Check refuses a tariff that cannot be used, and rates of PSPs above the tariff's own.
func (v Version) Check() error {
	if err := v.Tariff.Check(); err != nil {
		return err
	}
	seen := map[id.ID]bool{}
	for _, s := range v.Shares {
		if seen[s.PSP] || s.Rate < 0 || s.Rate > v.Tariff.Rate {
			return ErrShares
		}
		seen[s.PSP] = true
	}
	switch {
	case len(v.Shares) > MaxShares:
		return ErrShares
	case v.Ends && (v.Tariff != Tariff{} || len(v.Shares) > 0):
		return ErrEnds
	}
	return nil
}

// First is the version that a merchant has had from the beginning: what its record
// says. Its id is the merchant's with another prefix, so it needs no row of its own.
func First(merchant id.ID, t Tariff, createdAt time.Time) Version {
	return Version{ID: firstID(merchant), Owner: merchant, Tariff: t, CreatedAt: createdAt}
}

func firstID(merchant id.ID) id.ID { return id.ID(id.Tariff) + id.ID(merchant.Token()) }

// None is the version that holds where there is none: nothing costs anything.
var None = Version{ID: id.New(id.Tariff, time.UnixMilli(0), 0, id.Random{}), Owner: Centre}

// Price is what one payment costs. Of Fee and Surcharge one is zero.
type Price struct {
	Fee         money.Amount // borne by the merchant, of the amount
	Surcharge   money.Amount // borne by the payer, on top of the amount
	Interchange money.Amount // the part of them that goes to the PSP
}

// Price gives what a payment of amount > 0 through a PSP costs.
func (v Version) Price(amount money.Amount, psp id.ID) Price {
	rate := v.Tariff.InterchangeRate
	if i := slices.IndexFunc(v.Shares, func(s Share) bool { return s.PSP == psp }); i >= 0 {
		rate = v.Shares[i].Rate
	}
	fee, interchange := v.Tariff.price(amount, rate)
	if v.Tariff.PayerBears {
		return Price{0, fee, interchange}
	}
	return Price{fee, 0, interchange}
}

// Book is all versions that a merchant's payments may be priced by, of each owner
// in the order in which they begin.
type Book struct{ Own, Category, Centre []Version }

// At gives the version that holds at a moment: the merchant's own, or its category's,
// or the centre's, or None. It is the one place where that is decided.
func (b Book) At(now time.Time) Version {
	for _, versions := range [][]Version{b.Own, b.Category, b.Centre} {
		if v, ok := at(versions, now); ok {
			return v
		}
	}
	return None
}

// Price gives the version that holds at a moment and what it makes a payment cost.
func (b Book) Price(now time.Time, amount money.Amount, psp id.ID) (Version, Price) {
	v := b.At(now)
	return v, v.Price(amount, psp)
}

// Next gives the versions that begin after a moment and may change what At says, in
// the order in which they begin.
func (b Book) Next(now time.Time) (out []Version) {
	for _, v := range slices.Concat(b.Own, b.Category, b.Centre) {
		if v.ValidFrom.After(now) && v.WithdrawnAt.IsZero() && b.At(v.ValidFrom).ID == v.ID {
			out = append(out, v)
		}
	}
	Sort(out)
	return out
}

// Find gives a version of the book by its id.
func (b Book) Find(name id.ID) (Version, bool) {
	for _, versions := range [][]Version{b.Own, b.Category, b.Centre, {None}} {
		for _, v := range versions {
			if v.ID == name {
				return v, true
			}
		}
	}
	return Version{}, false
}

// at finds the last version that has begun; false when there is none or it ends the owner's tariff.
func at(versions []Version, now time.Time) (Version, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if v := versions[i]; v.WithdrawnAt.IsZero() && !v.ValidFrom.After(now) {
			return v, !v.Ends
		}
	}
	return Version{}, false
}

// Sort puts versions in the order in which they begin.
func Sort(versions []Version) {
	slices.SortFunc(versions, func(a, b Version) int {
		if c := a.ValidFrom.Compare(b.ValidFrom); c != 0 {
			return c
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
}

// OwnOf gives a merchant's own versions: what its record says from the beginning,
// where that is anything, and those that were put since.
func OwnOf(merchant id.ID, record Tariff, createdAt time.Time, put []Version) []Version {
	out := slices.Clone(put)
	if record != (Tariff{}) {
		out = append(out, First(merchant, record, createdAt))
	}
	Sort(out)
	return out
}
