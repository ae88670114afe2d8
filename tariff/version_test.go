package tariff

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/id"
	"tolom/money"
)

// day is midnight of a day of December 2026.
func day(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }

func version(name id.ID, rate int64, from time.Time) Version {
	return Version{ID: name, Tariff: Tariff{Rate: rate}, ValidFrom: from}
}

func TestWhoseTariffHolds(t *testing.T) {
	withdrawn := version("withdrawn", 9, day(3))
	withdrawn.WithdrawnAt = day(1)
	ends := Version{ID: "ends", Ends: true, ValidFrom: day(20)}
	b := Book{
		Own:      []Version{version("own", 1, day(10)), version("own later", 2, day(15)), ends},
		Category: []Version{withdrawn, version("category", 3, day(5))},
		Centre:   []Version{version("centre", 4, day(2))},
	}
	for _, c := range []struct {
		at   time.Time
		want id.ID
	}{
		{day(1), None.ID},
		{day(2), "centre"},
		{day(3), "centre"}, // what was withdrawn never holds
		{day(5).Add(-time.Millisecond), "centre"},
		{day(5), "category"}, // from its very moment
		{day(10), "own"},
		{day(15).Add(-time.Millisecond), "own"},
		{day(15), "own later"},
		{day(20), "category"}, // an end gives way to the category
	} {
		if got := b.At(c.at).ID; got != c.want {
			t.Errorf("on %s %s holds, want %s", c.at.Format(time.DateTime), got, c.want)
		}
	}
	if next := b.Next(day(5)); len(next) != 2 || next[0].ID != "own" || next[1].ID != "own later" {
		t.Errorf("what will change after the 5th: %v", next)
	}
}

func TestARecordIsTheFirstVersion(t *testing.T) {
	shop := id.New(id.Merchant, day(1), 7, id.Random{1})
	own := OwnOf(shop, Tariff{Rate: 50}, day(1), []Version{version("put", 60, day(9))})
	b := Book{Own: own, Centre: []Version{version("centre", 4, time.Time{})}}
	first, later := b.At(day(8)), b.At(day(9))
	if first.Tariff.Rate != 50 || first.ID.Kind() != id.Tariff || first.ID.Token() != shop.Token() || later.ID != "put" {
		t.Errorf("first %+v, later %+v", first, later)
	}
	if found, ok := b.Find(first.ID); !ok || found.Tariff != first.Tariff {
		t.Errorf("the first version is not found by its id: %+v", found)
	}
	b.Own = OwnOf(shop, Tariff{}, day(1), nil)
	if got := b.At(day(8)).ID; got != "centre" {
		t.Errorf("a record without a tariff is in the way of the centre's: %s", got)
	}
}

func TestVersionsThatCannotBeUsed(t *testing.T) {
	blue := id.New(id.PSP, day(1), 1, id.Random{1})
	for name, v := range map[string]Version{
		"a rate below zero":           {Tariff: Tariff{Rate: -1}},
		"a charge below zero":         {Tariff: Tariff{RefundCharge: -1}},
		"a PSP gets more than all":    {Tariff: Tariff{Rate: 10}, Shares: []Share{{blue, 11}}},
		"a PSP twice":                 {Tariff: Tariff{Rate: 10}, Shares: []Share{{blue, 1}, {blue, 2}}},
		"too many PSPs":               {Tariff: Tariff{Rate: 10}, Shares: many(MaxShares + 1)},
		"an end with numbers":         {Ends: true, Tariff: Tariff{Rate: 1}},
		"an end with rates for a PSP": {Ends: true, Shares: []Share{{blue, 0}}},
	} {
		if v.Check() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if err := (Version{Tariff: Tariff{Rate: 10}, Shares: many(MaxShares)}).Check(); err != nil {
		t.Error(err)
	}
}

func many(n int) (out []Share) {
	for i := range n {
		out = append(out, Share{id.New(id.PSP, day(1), uint16(i), id.Random{}), 1})
	}
	return out
}

func drawVersion(t *rapid.T) Version {
	v := Version{Tariff: Tariff{
		Rate: rapid.Int64Range(0, whole).Draw(t, "rate"), Fixed: money.Amount(rapid.Int64Range(0, 1000).Draw(t, "fixed")),
		Min: money.Amount(rapid.Int64Range(0, 1000).Draw(t, "min")), PayerBears: rapid.Bool().Draw(t, "payer bears"),
	}}
	v.Tariff.InterchangeRate = rapid.Int64Range(0, v.Tariff.Rate).Draw(t, "interchange")
	if rapid.Bool().Draw(t, "capped") {
		v.Tariff.Max = v.Tariff.Min + money.Amount(rapid.Int64Range(1, 100_000).Draw(t, "above min"))
	}
	if rapid.Bool().Draw(t, "own rate") {
		v.Shares = []Share{{"psp_blue", rapid.Int64Range(0, v.Tariff.Rate).Draw(t, "share")}}
	}
	return v
}

// What the payer is debited is, to the tyiyn, what merchant, centre and PSP are credited;
// the fee is the rate's part rounded down, never more than a tyiyn below the exact one,
// and one of merchant and payer bears all of it.
func TestThePartsOfAPriceAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawVersion(t)
		if err := v.Check(); err != nil {
			t.Fatal(err)
		}
		amount := money.Amount(rapid.Int64Range(1, 9_999_999_999_999).Draw(t, "amount"))
		psp := id.ID(rapid.SampledFrom([]string{"psp_blue", "psp_green"}).Draw(t, "psp"))
		p := v.Price(amount, psp)
		debited, merchant, centre := amount+p.Surcharge, amount-p.Fee, p.Fee+p.Surcharge-p.Interchange
		if debited != merchant+centre+p.Interchange || min(merchant, centre, p.Interchange) < 0 || p.Fee > 0 && p.Surcharge > 0 {
			t.Fatalf("%+v of %d: debited %d, credited %d + %d + %d", p, amount, debited, merchant, centre, p.Interchange)
		}
		if bears := p.Surcharge > 0; bears && !v.Tariff.PayerBears || p.Fee > 0 && v.Tariff.PayerBears {
			t.Fatalf("%+v, and the payer bears it: %v", p, v.Tariff.PayerBears)
		}
		if v.Tariff.Min == 0 && v.Tariff.Max == 0 && v.Tariff.Fixed == 0 {
			exact := int64(amount) / whole * v.Tariff.Rate
			if fee := int64(p.Fee + p.Surcharge); fee < exact || fee > exact+v.Tariff.Rate {
				t.Fatalf("a fee of %d, the whole tens of thousands alone make %d", fee, exact)
			}
		}
	})
}

func TestAPSPMayHaveItsOwnRate(t *testing.T) {
	v := Version{Tariff: Tariff{Rate: 100, InterchangeRate: 40}, Shares: []Share{{"psp_blue", 70}, {"psp_red", 0}}}
	for psp, want := range map[id.ID]money.Amount{"psp_blue": 70, "psp_red": 0, "psp_green": 40} {
		if p := v.Price(10_000, psp); p.Fee != 100 || p.Interchange != want {
			t.Errorf("through %s: %+v, want %d for the PSP", psp, p, want)
		}
	}
}
