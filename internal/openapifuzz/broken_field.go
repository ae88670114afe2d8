package openapifuzz

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// anyRefusal is a breakage that must not succeed, whatever the refusal is called: which rule meets it first is the
// platform's business.
const anyRefusal = "any"

// fieldBreakages are bodies that are sound JSON with one field that is not as the document wants it.
var fieldBreakages = []breakage{
	{"a field twice", withFields, twice, []string{"duplicate_key"}},
	{"a field of another type", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		return pickAny(f, s)
	}), []string{"invalid_request", "amount_invalid", "currency_unsupported"}},
	{"an integer that is none", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		n := []string{"1.5", "1.0", "1e3", "-0", "9007199254740992", "-9007199254740992", "9223372036854775808", "18446744073709551716", "1" + strings.Repeat("0", 400), "1e400"}
		return json.Number(n[f.IntN(len(n))]), kind(s) == "integer"
	}), []string{"invalid_request", "amount_invalid"}},
	{"a number below its least", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		least, bounded := number(s["minimum"])
		return least - 1, bounded
	}), []string{anyRefusal}},
	{"a number above its most", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		most, bounded := number(s["maximum"])
		return most + 1, bounded
	}), []string{anyRefusal}},
	{"a text that is too long", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		most, bounded := number(s["maxLength"])
		return strings.Repeat([]string{"a", "ө", "😀"}[f.IntN(3)], int(most)+1), bounded
	}), []string{anyRefusal}},
	{"a word that is no choice", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		return []string{"x", "", "KGS ", "SUCCESS", "\u202e"}[f.IntN(5)], len(list(s["enum"])) > 0
	}), nil},
	{"a text that does not fit its pattern", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		bad := []string{"a b", "ө", "", strings.Repeat("a", 51), "a\n", "/"}[f.IntN(6)]
		pattern, err := regexp.Compile(text(s["pattern"]))
		return bad, text(s["pattern"]) != "" && err == nil && !pattern.MatchString(bad)
	}), []string{anyRefusal}},
	{"too many items", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		most, bounded := number(s["maxItems"])
		items := make([]any, most+1)
		for i := range items {
			items[i] = f.value("item", f.doc.resolve(object(s["items"])))
		}
		return items, bounded
	}), []string{anyRefusal}},
	{"no item where one is needed", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		least, bounded := number(s["minItems"])
		return []any{}, bounded && least > 0
	}), []string{anyRefusal}},
	{"null in a list", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		return []any{nil}, kind(s) == "array"
	}), []string{"invalid_request"}},
	{"U+0000 in a text", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		return "a\x00b", kind(s) == "string"
	}), []string{"invalid_json"}},
	{"a text of odd characters", withBody, field(func(f *Fuzzer, s schema) (any, bool) {
		odd := []string{"\u202e", "\u200d", "\ufeff", "\u2028", "e\u0301\u0301\u0301", "\x7f", "\u0085", "\U0010ffff", "\ufffd", "=cmd|' /C'!A0", "\n", "\t", "\u001b[31m"}
		return strings.Repeat(odd[f.IntN(len(odd))], 1+f.IntN(4)), kind(s) == "string"
	}), nil},
	{"null for a field", withBody, field(func(f *Fuzzer, s schema) (any, bool) { return nil, true }), nil},
	{"a field that is needed is missing", needing, func(f *Fuzzer, c *call) {
		needed := list(f.doc.resolve(c.op.Body)["required"])
		delete(c.fields, text(needed[f.IntN(len(needed))]))
		c.render()
	}, []string{anyRefusal}},
}

func withFields(c *call) bool { return len(c.fields) > 0 }

func needing(c *call) bool { return c.op.needs }

// twice repeats a member of the body, now and then with its name escaped.
func twice(f *Fuzzer, c *call) {
	names := sortedKeys(c.fields)
	name := names[f.IntN(len(names))]
	value, err := json.Marshal(c.fields[name])
	if err != nil {
		panic(err) // It was rendered before.
	}
	written := strconv.Quote(name)
	if f.chance(2) {
		written = `"\u00` + strconv.FormatInt(int64(name[0]), 16) + name[1:] + `"`
	}
	c.body = []byte("{" + written + ":" + string(value) + "," + string(c.body[1:]))
}

// field gives a field of the body, sometimes one further down, a wrong value. A body whose fields do not fit stays as
// it is, and the call counts as allowed.
func field(wrong func(*Fuzzer, schema) (any, bool)) func(*Fuzzer, *call) {
	return func(f *Fuzzer, c *call) {
		if !f.spoil(c.op.Body, c.fields, wrong) {
			c.how = ""
			return
		}
		c.render()
	}
}

func (f *Fuzzer) spoil(s schema, fields map[string]any, wrong func(*Fuzzer, schema) (any, bool)) bool {
	properties := object(f.doc.resolve(s)["properties"])
	names := sortedKeys(properties)
	f.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		of := f.doc.resolve(object(properties[name]))
		if inner := object(fields[name]); inner != nil && f.chance(2) && f.spoil(of, inner, wrong) {
			return true
		}
		if value, fits := wrong(f, of); fits {
			fields[name] = value
			if other := map[string]string{"payload": "link", "link": "payload"}[name]; other != "" {
				delete(fields, other)
			}
			return true
		}
	}
	return false
}

// pickAny gives a value of another type than the schema's.
func pickAny(f *Fuzzer, s schema) (any, bool) {
	values := map[string]any{"string": "7", "integer": 7, "boolean": true, "array": []any{}, "object": map[string]any{}}
	kinds := slices.DeleteFunc(sortedKeys(values), func(k string) bool { return k == kind(s) })
	return values[kinds[f.IntN(len(kinds))]], kind(s) != ""
}

// outside gives a query with a value that a parameter does not take, or one that nobody would expect.
func (f *Fuzzer) outside(p Parameter) (query string, must bool) {
	most, bounded := number(p.Schema["maximum"])
	longest, short := number(p.Schema["maxLength"])
	switch {
	case len(list(p.Schema["enum"])) > 0:
		return []string{"zzz", "success,error", "%F0%9F%98%80"}[f.IntN(3)], true
	case kind(p.Schema) == "boolean":
		return []string{"yes", "2", "truee"}[f.IntN(3)], true
	case kind(p.Schema) == "integer" && bounded && f.chance(2):
		return strconv.FormatInt(most+1, 10), true
	case kind(p.Schema) == "integer":
		return []string{"-1", "1.5", "1e1", "x", "9223372036854775808", "0x10", "1_0", "%D9%A1"}[f.IntN(8)], true
	case short && f.chance(2):
		return strings.Repeat("a", int(longest)+1), true
	}
	if f.chance(4) {
		return []string{"%00", "a%00b", "%FF", "%C0%80", "%ED%A0%80"}[f.IntN(5)], true
	}
	return []string{"", "%20", "..", strings.Repeat("a", 4000), "%27", "0000-00-00", "9999-12-31", "2026-02-30T25:00:00Z", "-1", "pay_1", "%E2%80%AE"}[f.IntN(11)], false
}
