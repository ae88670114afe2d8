package openapifuzz

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// maker makes values as the document allows them.
type maker struct {
	*rand.Rand
	doc     *Document
	memory  *memory
	owner   string
	webhook string          // where webhooks may go
	fresh   *int            // counts names that were not used yet
	calling map[string]bool // owners of the credentials
}

// chance is true in one of n cases.
func (g *maker) chance(n int) bool { return g.IntN(n) == 0 }

// pick gives one of a list, which is not empty; later ones more often, as they are newer.
func pick[T any](g *maker, all []T) T {
	if n := len(all); n > 8 && !g.chance(4) {
		all = all[n-8:]
	}
	return all[g.IntN(len(all))]
}

// body makes an object of a schema. Often it takes its values from one object that was answered before, so that they
// belong together: the payload of a request with its amount.
func (g *maker) body(s schema) map[string]any {
	var from map[string]any
	if len(g.memory.objects) > 0 && !g.chance(5) {
		from = g.source(s)
	}
	return g.object(s, from)
}

// source picks an object that has some field of the schema that is worth taking over.
func (g *maker) source(s schema) map[string]any {
	var fit, best []map[string]any
	most, properties := 1, object(g.doc.resolve(s)["properties"])
	for _, o := range g.memory.objects {
		n := shared(properties, o)
		if n > 0 {
			fit = append(fit, o)
		}
		switch {
		case n > most:
			best, most = []map[string]any{o}, n
		case n == most:
			best = append(best, o)
		}
	}
	switch {
	case len(fit) == 0:
		return nil
	case g.chance(4):
		return pick(g, fit)
	}
	return pick(g, best)
}

// shared counts the fields that a body would take over from an object, when it is worth taking over.
func shared(properties, o map[string]any) (n int) {
	worth := false
	for name := range properties {
		if _, found := o[name]; found && borrowed(name) {
			n++
			worth = worth || name == "payload" || strings.HasSuffix(name, "_id")
		}
	}
	if !worth || o["status"] == "paid" || o["status"] == "canceled" {
		return 0
	}
	return n
}

func (g *maker) object(s schema, from map[string]any) map[string]any {
	s = g.doc.resolve(s)
	out := map[string]any{}
	properties := object(s["properties"])
	for _, name := range sortedKeys(properties) {
		of := g.doc.resolve(object(properties[name]))
		needed := slices.Contains(list(s["required"]), any(name))
		given, found := from[name]
		switch {
		case found && fits(of, given) && borrowed(name) && !g.chance(12):
			out[name] = given
		case needed || !g.chance(3):
			out[name] = g.value(name, of)
		}
	}
	if extra := object(s["additionalProperties"]); extra != nil {
		for n := range g.IntN(3) {
			out["k"+strconv.Itoa(n)] = g.value("k", g.doc.resolve(extra))
		}
	}
	if out["payload"] != nil && out["link"] != nil { // two names of one thing
		delete(out, []string{"payload", "link"}[g.IntN(2)])
	}
	return out
}

// borrowed says that a field means the same in whatever object it stands.
func borrowed(name string) bool {
	switch name {
	case "payload", "link", "amount", "currency":
		return true
	}
	return strings.HasSuffix(name, "_id") && name != "psp_payment_id" && name != "order_id" && name != "receipt_id" && name != "psp_refund_id"
}

// fits says roughly whether a value may stand where the schema is: an amount of 0 means none.
func fits(s schema, v any) bool {
	least, bounded := number(s["minimum"])
	n, isNumber := number(v)
	return v != nil && v != "" && (!bounded || !isNumber || n >= least && n > 0)
}

// value makes a value of a field.
func (g *maker) value(name string, s schema) any {
	if choices := list(s["enum"]); len(choices) > 0 {
		return choices[g.IntN(len(choices))]
	}
	switch kind(s) {
	case "integer", "number":
		return g.integer(name, s)
	case "boolean":
		return g.chance(2)
	case "array":
		return g.array(name, s)
	case "object":
		return g.object(s, nil)
	}
	return g.text(name, s)
}

// kind is the type of a schema; of a nullable one, what it is otherwise.
func kind(s schema) string {
	for _, t := range list(s["type"]) {
		if t != "null" {
			return text(t)
		}
	}
	return text(s["type"])
}

func (g *maker) array(name string, s schema) []any {
	least, _ := number(s["minItems"])
	out := []any{}
	for range max(int(least), g.IntN(4)) {
		out = append(out, g.value(strings.TrimSuffix(name, "s"), g.doc.resolve(object(s["items"]))))
	}
	return out
}

// integer is mostly small, sometimes at a bound.
func (g *maker) integer(name string, s schema) int64 {
	least, low := number(s["minimum"])
	most, high := number(s["maximum"])
	if !high {
		most = 1<<53 - 1
	}
	switch g.IntN(12) {
	case 0:
		return least
	case 1:
		if high {
			return most
		}
	case 2:
		if low {
			return min(least+1, most)
		}
	}
	if name == "fee" && !g.chance(4) { // What the payer is to pay on top is mostly nothing.
		return least
	}
	span := int64(20_000)
	if strings.HasPrefix(name, "rate") || strings.HasSuffix(name, "_rate") {
		span = 200
	}
	return min(max(least, 1)+g.Int64N(span), most)
}

// samples are texts that fields of a name hold; what is not here is made from the schema alone.
var samples = map[string][]string{
	"mcc": {"5411", "5812"}, "bic": {"DEMOKG22"}, "success_url": {"https://shop.example/thanks"}, "key": {"customer-1", "customer-2", "k"},
	"created_from": {"2026-11-24", "2026-11-24T05:40:00Z"}, "created_to": {"2026-11-24", "2026-12-24T05:40:00Z"},
	"since": {"2026-11-24T05:40:00Z", "2020-01-01T00:00:00.000Z"},
	"from":  {"2026-11-24", "2026-11-20"}, "to": {"2026-11-25", "2026-11-24"}, "If-None-Match": {"*", `"abc"`, `W/"a", "b"`}, "Last-Event-ID": {"0", "1", "7", "99999", "x"},
	"payload":    {"00020101021132560019merchant.example.kg0104100110091002003001202111302125204541153034175909DEMO SHOP63048dae"},
	"not_before": {"2026-11-24T05:40:00Z"}, "not_after": {"2027-12-31T00:00:00.000Z"},
	"public_key": {"MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="},
	"network":    {"192.0.2.0/24", "2001:db8::/32", "198.51.100.7"}, "expires_at": {"2027-12-31T00:00:00Z"},
	"Range": {"bytes=0-9", "bytes=3-", "bytes=-5", "bytes=99999999-", "lines=1-2", "bytes=x"}, "valid_from": {"2031-01-01", "2030-06-30T18:00:00Z"},
	"label": {"Till 1", "Касса № 2", "Ө"}, "name_latin": {"SHOP", "KAFE ALA-TOO"},
}

func (g *maker) text(name string, s schema) string {
	if out, found := g.reference(name); found {
		return out
	}
	if pattern := text(s["pattern"]); pattern != "" {
		return g.matching(pattern)
	}
	if known := samples[name]; known != nil {
		return known[g.IntN(len(known))]
	}
	switch name {
	case "url":
		return g.webhook + "/" + g.unused("hook")
	case "Idempotency-Key", "order_id", "refund_ref", "receipt_id", "psp_refund_id":
		return g.unused(name[:2])
	}
	most, bounded := number(s["maxLength"])
	if !bounded {
		most = 40
	}
	if g.chance(10) {
		return strings.Repeat("ө", int(most))
	}
	words := []string{"Нан", "Coffee and cake", "чай №1", "😀", "-", "0", "null", "Өзгөн «күрүч»", "' OR 1=1 --", "<b>", "a\\u0000b", "${x}", "%s%n"}
	out := []rune(words[g.IntN(len(words))] + " " + strconv.Itoa(g.IntN(1000)))
	return string(out[:min(len(out), int(most))])
}

// reference gives a text that earlier answers told: an id of the right kind, or what a field of this name held.
func (g *maker) reference(name string) (string, bool) {
	if prefixes := prefixesOf[name]; prefixes != nil {
		if known := g.memory.known(g.owner, prefixes[g.IntN(len(prefixes))]); len(known) > 0 {
			return pick(g, known), true
		}
	}
	often := map[string]int{"payload": 19, "link": 19, "psp_payment_id": 2, "order_id": 2, "refund_ref": 2, "id": 12, "type": 8}[name]
	if words := g.memory.words[name]; often > 0 && len(words) > 0 && g.IntN(20) < often {
		return text(pick(g, words)), true
	}
	return "", false
}

// unused makes a name that was not used yet.
func (g *maker) unused(prefix string) string {
	*g.fresh++
	return prefix + "-" + strconv.Itoa(*g.fresh) + "-" + strconv.FormatUint(uint64(g.Uint32()), 36)
}

// matching makes a text of a regular expression.
func (g *maker) matching(pattern string) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	return string(g.grow(tree))
}

// grow makes a text of a part of an expression.
func (g *maker) grow(e *syntax.Regexp) (out []rune) {
	times := 1
	switch e.Op {
	case syntax.OpLiteral:
		return e.Rune
	case syntax.OpCharClass:
		n := 2 * g.IntN(len(e.Rune)/2)
		return []rune{e.Rune[n] + rune(g.IntN(int(min(e.Rune[n+1]-e.Rune[n], 200)+1)))}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []rune{'a'}
	case syntax.OpAlternate:
		return g.grow(e.Sub[g.IntN(len(e.Sub))])
	case syntax.OpQuest:
		times = g.IntN(2)
	case syntax.OpStar, syntax.OpPlus:
		times = 1 + g.IntN(8)
	case syntax.OpRepeat:
		times = e.Min + g.IntN(max(e.Max, e.Min)-e.Min+1)
	}
	for range times {
		for _, part := range e.Sub {
			out = append(out, g.grow(part)...)
		}
	}
	return out
}
