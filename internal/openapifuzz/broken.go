package openapifuzz

import (
	"net/http"
	"strings"
)

// breakage breaks an allowed call in one way that the platform must notice.
type breakage struct {
	name  string
	fits  func(c *call) bool
	do    func(f *Fuzzer, c *call)
	codes []string // it must be refused with one of these
}

// breakages are all ways to break a call.
var breakages = join(syntaxBreakages, fieldBreakages, headerBreakages, addressBreakages)

func join(all ...[]breakage) (out []breakage) {
	for _, some := range all {
		out = append(out, some...)
	}
	return out
}

func withBody(c *call) bool { return c.op.Body != nil }

func writing(c *call) bool { return c.op.writes() && c.op.files == nil }

func anything(*call) bool { return true }

// rewrite changes the text of the body.
func rewrite(change func(f *Fuzzer, body string) string) func(*Fuzzer, *call) {
	return func(f *Fuzzer, c *call) {
		if c.body == nil {
			c.body = []byte("{}")
		}
		c.body = []byte(change(f, string(c.body)))
		c.header.Set("Content-Type", jsonType)
	}
}

// syntaxBreakages are bodies that are no JSON object, or not one that all readers understand alike.
var syntaxBreakages = []breakage{
	{"the body is cut", withBody, rewrite(func(f *Fuzzer, b string) string { return b[:f.IntN(len(b))] }), []string{"invalid_json"}},
	{"more behind the body", writing, rewrite(func(f *Fuzzer, b string) string {
		return b + []string{"{}", "1", "]", "\x00", "null", ",", b}[f.IntN(7)]
	}), []string{"invalid_json"}},
	{"another value", writing, rewrite(func(f *Fuzzer, b string) string {
		return []string{"[" + b + "]", "null", "true", `"x"`, "1", "[]", " ", "\ufeff" + b, "amount=1"}[f.IntN(9)]
	}), []string{"invalid_json"}},
	{"the body is too deep", writing, rewrite(func(f *Fuzzer, b string) string {
		n := 17 + f.IntN(20_000)
		return `{"extra":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}"
	}), []string{"invalid_json"}},
	{"the body is too large", writing, func(f *Fuzzer, c *call) {
		rewrite(func(_ *Fuzzer, b string) string { return b + strings.Repeat(" ", c.op.most) })(f, c)
	}, []string{"body_too_large"}},
	{"a byte that is no UTF-8", writing, rewrite(func(f *Fuzzer, b string) string {
		return strings.Replace(b, "{", `{"description":"`+[]string{"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}[f.IntN(4)]+`",`, 1)
	}), []string{"invalid_json"}},
	{"half a character", writing, rewrite(func(f *Fuzzer, b string) string {
		return strings.Replace(b, "{", `{"`+[]string{`\ud800`, `\udc00`, `\ud83dx`, `\udbff\ud800`}[f.IntN(4)]+`":1,`, 1)
	}), []string{"invalid_json"}},
	{"a comma too many", withBody, rewrite(func(_ *Fuzzer, b string) string { return b[:len(b)-1] + ",}" }), []string{"invalid_json"}},
	{"a number that JSON does not have", withBody, rewrite(func(f *Fuzzer, b string) string {
		n := []string{"01", "+1", "1.", ".5", "0x10", "NaN", "Infinity", "1e", "--1"}[f.IntN(9)]
		return strings.Replace(b, "{", `{"amount":`+n+",", 1)
	}), []string{"invalid_json"}},
	{"a control character", withBody, rewrite(func(f *Fuzzer, b string) string {
		return strings.Replace(b, "{", `{"description":"a`+string(rune(f.IntN(32)))+`b",`, 1)
	}), []string{"invalid_json"}},
	{"U+0000 in a name", writing, rewrite(func(_ *Fuzzer, b string) string {
		return strings.Replace(b, "{", `{"\u0000":1`+comma(b), 1)
	}), []string{"invalid_json"}},
	{"an unknown field", writing, rewrite(func(f *Fuzzer, b string) string {
		name := []string{"amuont", "Amount", "AMOUNT", "", " amount", "__proto__", "constructor", "id", "сумма", "a.b", "a\\u006dount_"}[f.IntN(11)]
		return strings.Replace(b, "{", `{"`+name+`":1`+comma(b), 1)
	}), []string{"unknown_field"}},
}

// comma parts a new first member from what is there.
func comma(body string) string {
	if strings.TrimSpace(body) == "{}" {
		return ""
	}
	return ","
}

// nothingThere is what a call on an absent object is refused with. A body may be refused before anybody looks.
var nothingThere = []string{"not_found", "event_not_found", "invalid_request", "amount_invalid", "amount_required", "amount_too_large"}

// addressBreakages are addresses, queries and methods that the document does not know.
var addressBreakages = []breakage{
	{"an absent id", named, absent, nothingThere},
	{"an id of another owner", foreign, alien, nothingThere},
	{"an unknown address", anything, func(f *Fuzzer, c *call) {
		c.path += []string{"/zzz/zzz/zzz", "%2Fx/zzz/zzz", "/%00/zzz/zzz", "/ө/zzz/zzz"}[f.IntN(4)]
		c.query, c.stray = "", true
	}, []string{"not_found"}},
	{"another method", anything, func(f *Fuzzer, c *call) {
		c.method, c.stray = f.otherMethod(c.op), true
	}, []string{"method_not_allowed"}},
	{"an unknown query parameter", anything, func(f *Fuzzer, c *call) {
		c.query = strings.TrimPrefix(c.query+"&"+[]string{"limits=1", "Limit=1", "%20=1", "amuont=1", "=1", "x", "limit[]=1"}[f.IntN(7)], "&")
	}, []string{"unknown_field"}},
	{"a query parameter twice", withQuery, func(f *Fuzzer, c *call) {
		p := f.aQuery(c.op)
		c.query = p.Name + "=1&" + p.Name + "=1"
	}, []string{"invalid_request"}},
	{"a query that cannot be read", anything, func(f *Fuzzer, c *call) {
		c.query = []string{"%", "a=%zz", "a=1;b=2", "%f=1"}[f.IntN(4)]
	}, []string{"invalid_request"}},
	{"a query parameter out of its bounds", withQuery, func(f *Fuzzer, c *call) {
		p := f.aQuery(c.op)
		value, must := f.outside(p)
		if c.query = p.Name + "=" + value; must {
			c.codes = []string{"invalid_request"}
		}
	}, nil},
}

func named(c *call) bool { return strings.Contains(c.op.Path, "{") }

func withQuery(c *call) bool {
	for _, p := range c.op.Parameters {
		if p.In == "query" {
			return true
		}
	}
	return false
}

func absent(f *Fuzzer, c *call) {
	texts := []string{"x", "0", "..", ".", "%", "a/b", "\x00", "\u202e", "' OR '1'='1", "pay_", strings.Repeat("a", 5000), "null", "-1", "pr_ö", "\xff"}
	c.path = f.path(c.op, func(prefix string) string {
		if f.chance(2) {
			return prefix + f.matching("[0-9a-hjkmnp-tv-z]{26}")
		}
		return texts[f.IntN(len(texts))]
	})
}

// foreign fits calls on something that belongs to a merchant or PSP; the operator may see everything.
func foreign(c *call) bool { return named(c) && !strings.HasPrefix(c.op.Path, "/operator/") }

// alien takes the id of another owner's object. Without one the call is about nothing, which must look the same.
func alien(f *Fuzzer, c *call) {
	c.path = f.path(c.op, func(prefix string) string {
		if others := f.memory.foreign(c.who.Owner, prefix, f.owners(c.op)); len(others) > 0 {
			return pick(f.maker, others)
		}
		return prefix + strings.Repeat("1", 26)
	})
}

// owners lists who may call an operation and sees only what is its own.
func (f *Fuzzer) owners(op *Operation) (out []string) {
	for _, who := range f.credentials {
		if op.allows(who.Scheme) {
			out = append(out, who.Owner)
		}
	}
	return out
}

func (f *Fuzzer) otherMethod(op *Operation) string {
	known := strings.Join(f.doc.at(op.Path), " ") + " HEAD"
	for {
		m := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "BREW", "get"}[f.IntN(9)]
		if !strings.Contains(known, m) {
			return m
		}
	}
}

// aQuery picks a query parameter of an operation that has one.
func (f *Fuzzer) aQuery(op *Operation) Parameter {
	for {
		if p := op.Parameters[f.IntN(len(op.Parameters))]; p.In == "query" {
			return p
		}
	}
}
