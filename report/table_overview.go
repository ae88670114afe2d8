package report

import (
	"cmp"
	"maps"
	"slices"

	"tolom/id"
	"tolom/sheet"
)

// overview is what each PSP and each merchant came to. It keeps their sums in memory, not their payments.
type overview struct {
	writer
	psps, merchants map[id.ID]*sums
	all             sums
}

func newOverview(w writer) *overview {
	return &overview{writer: w, psps: map[id.ID]*sums{}, merchants: map[id.ID]*sums{}}
}

func (t *overview) columns() []column {
	return []column{
		{"section", sheet.Words, 2.6}, {"id", sheet.Words, 0}, {"who", sheet.Words, 4}, {"count", sheet.Count, 1.6}, {"paid", sheet.Money, 2.4}, {"refund_count", sheet.Count, 1.6},
		{"refunded", sheet.Money, 2.4}, {"given", sheet.Money, 2.4}, {"fees_net", sheet.Money, 2.2}, {"surcharge", sheet.Money, 2.2}, {"interchange", sheet.Money, 2.2}, {"centre", sheet.Money, 2.2},
	}
}

func (t *overview) begin() []sheet.Row { return nil }

func (t *overview) take(m Move) []sheet.Row {
	if m.Payout() || m.Kind() == Corrected { // neither is trade of the period
		return nil
	}
	of(t.psps, m.Fact.PSP).add(m)
	of(t.merchants, m.Fact.Merchant).add(m)
	t.all.add(m)
	return nil
}

func of(sum map[id.ID]*sums, who id.ID) *sums {
	if sum[who] == nil {
		sum[who] = &sums{}
	}
	return sum[who]
}

// end gives the greatest first.
func (t *overview) end() (out []sheet.Row) {
	for _, section := range []struct {
		key string
		sum map[id.ID]*sums
	}{{"section_psp", t.psps}, {"section_merchant", t.merchants}} {
		names := slices.SortedFunc(maps.Keys(section.sum), func(a, b id.ID) int {
			return cmp.Or(cmp.Compare(section.sum[b].payments, section.sum[a].payments), cmp.Compare(a, b))
		})
		for _, name := range names {
			out = append(out, t.row(section.key, name, t.name(name), *section.sum[name]))
		}
	}
	last := t.row("section_total", "", "", t.all)
	last.Strong = true
	return append(out, last)
}

func (t *overview) row(section string, i id.ID, name string, s sums) sheet.Row {
	return sheet.Row{Cells: []any{t.say(section), string(i), name, s.paymentCount, s.payments, s.refundCount, s.refunds - s.rejected, s.given, s.fees(), s.surcharge, s.interchange, s.centre}}
}

func (t *overview) foot() []Fact {
	return []Fact{{"count", t.all.paymentCount}, {"paid", t.all.payments}, {"refunded", t.all.refunds - t.all.rejected}, {"fees_net", t.all.fees()},
		{"surcharge", t.all.surcharge}, {"interchange", t.all.interchange}, {"centre", t.all.centre}}
}
