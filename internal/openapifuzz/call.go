package openapifuzz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Credential is who may call: what its Authorization header says, and whose it is.
type Credential struct {
	Scheme        string // of security, by its name in the document
	Owner         string // id of a merchant, PSP or operator; calls of one owner share what they are told
	Authorization string
	Lasting       bool     // it works until the end: nobody revokes it
	Knows         []string // ids that it may use although no answer has told them
}

// call is one request, and what must come of it.
type call struct {
	op     *Operation
	who    Credential
	method string
	path   string // escaped
	query  string
	header http.Header
	fields map[string]any // of the body
	body   []byte
	valid  bool     // it is as the document allows
	how    string   // what is broken
	stray  bool     // it is at an address or with a method that the document does not have
	codes  []string // one of which it must be refused with; empty: whatever the document allows
}

// kinds of text that bodies are made of
const jsonType = "application/json"

// allowed makes a call as the document allows it.
func (f *Fuzzer) allowed(op *Operation, who Credential) *call {
	f.owner = who.Owner
	c := &call{op: op, who: who, method: op.Method, header: http.Header{}, valid: true, how: "allowed"}
	c.header.Set("Authorization", who.Authorization)
	c.path = f.path(op, func(prefix string) string { return f.subject(op, who, prefix) })
	query := url.Values{}
	for _, p := range op.Parameters {
		switch {
		case p.In == "query" && (p.Required || f.chance(4)):
			query.Set(p.Name, fmt.Sprint(f.parameter(op, p)))
		case p.In == "header" && (p.Required || f.chance(8)):
			c.header.Set(p.Name, fmt.Sprint(f.value(p.Name, p.Schema)))
		}
	}
	if len(op.query) > 0 && f.chance(2) {
		for name, given := range op.query {
			query[name] = given
		}
	}
	c.query = query.Encode()
	if op.files != nil {
		c.body = []byte(op.file)
		c.header.Set("Content-Type", op.files[0])
	} else if op.Body != nil {
		c.fields = f.maker.body(op.Body)
		if op.example != nil && weight(op) <= 2 && f.chance(3) { // What is called often has objects of its own to be about.
			c.fields = copied(op.example).(map[string]any)
		}
		f.agree(c)
		if psp := text(c.fields["psp_id"]); op.ID == "create-psp-certificate" && f.calling[psp] { // A PSP that is given a certificate must come with it, and callers here have none.
			c.fields["psp_id"] = f.otherPSP()
		}
		c.render()
	} else if op.writes() && f.chance(4) {
		c.fields = map[string]any{}
		c.render()
	}
	if f.chance(10) {
		c.header.Set("Accept-Language", []string{"ky", "ru-RU,ru;q=0.9", "de", "*", "en;q=x"}[f.IntN(5)])
	}
	return c
}

// render writes the fields as the body.
func (c *call) render() {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(c.fields); err != nil {
		panic(err) // Texts, numbers, lists and objects have a JSON form.
	}
	c.body = bytes.TrimSpace(out.Bytes())
	c.header.Set("Content-Type", jsonType)
}

// path fills the {id} of a path.
func (f *Fuzzer) path(op *Operation, id func(prefix string) string) string {
	parts := strings.Split(op.Path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = url.PathEscape(id(subjectsOf[parts[i-1]]))
		}
	}
	return strings.Join(parts, "/")
}

// likes says which state an operation wants of what it is about.
var likes = map[string]string{
	"create-refund": "success", "execute-payment": "created", "ack-refund": "requested", "pause-payment-request": "active", "resume-payment-request": "paused",
	"roll-key": "live", "roll-own-key": "live", "answer-day": "submitted", "submit-day": "returned", "withdraw-tariff": "to come", "approve-proposal": "proposed", "reject-proposal": "proposed", "withdraw-proposal": "proposed",
}

// subject gives an id that the caller was told, mostly of something in the state that the operation wants. Those that
// the first callers stand on are not for operators to change.
func (f *Fuzzer) subject(op *Operation, who Credential, prefix string) string {
	if prefix == toCome {
		return fmt.Sprintf("2040-%02d-%02d", 1+f.maker.IntN(12), 1+f.maker.IntN(28))
	}
	known := f.memory.known(who.Owner, prefix)
	if prefix == dates && !f.chance(5) { // A date is mostly one of a day.
		known = slices.DeleteFunc(slices.Clone(known), func(v string) bool { return f.memory.shown[v] == nil })
	}
	if op.Method != http.MethodGet {
		known = slices.DeleteFunc(slices.Clone(known), func(v string) bool { return f.protected[v] })
	}
	if like := likes[op.ID]; like != "" && !f.chance(5) {
		liked := slices.DeleteFunc(slices.Clone(known), func(v string) bool { return f.memory.states[v] != like })
		if len(liked) > 0 {
			known = liked
		}
	}
	if len(known) == 0 {
		return prefix + strings.Repeat("0", 26)
	}
	return pick(f.maker, known)
}

// parameter makes the value of a query parameter; a cursor is one that the list gave.
func (f *Fuzzer) parameter(op *Operation, p Parameter) any {
	if p.Name == "after" && kind(p.Schema) == "string" {
		if known := f.memory.cursors[op.ID]; len(known) > 0 {
			return pick(f.maker, known)
		}
		return ""
	}
	if words := f.memory.words[p.Name]; p.Required && len(words) > 0 && f.chance(2) { // What is asked for by its name is there.
		return pick(f.maker, words)
	}
	return f.value(p.Name, p.Schema)
}

// request makes the HTTP request. A path that no URL can have is given as it is.
func (c *call) request(base string) (*http.Request, error) {
	target := base + c.path
	if c.query != "" {
		target += "?" + c.query
	}
	r, err := http.NewRequest(c.method, target, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	if len(c.body) == 0 {
		r.Body = http.NoBody
	}
	r.Header = c.header.Clone()
	return r, nil
}

// String shows the call as a person would write it down, long bodies cut.
func (c *call) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s", c.method, c.path)
	if c.query != "" {
		out.WriteString("?" + c.query)
	}
	for _, name := range sortedKeys(c.header) {
		if name != "Authorization" {
			fmt.Fprintf(&out, "\n  %s: %q", name, c.header[name])
		}
	}
	if c.body != nil {
		fmt.Fprintf(&out, "\n  %s", cut(c.body))
	}
	return out.String()
}

func cut(text []byte) string {
	const most = 600
	if len(text) > most {
		return fmt.Sprintf("%.600q… (%d bytes)", text, len(text))
	}
	return fmt.Sprintf("%q", text)
}

// copied gives a value of JSON that may be spoiled without the one it was taken from.
func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[name] = copied(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = copied(x)
		}
		return out
	}
	return v
}

// otherPSP is a PSP that has been seen and that nobody here calls as; one that there is not until one has been seen.
func (f *Fuzzer) otherPSP() string {
	var others []string
	for name := range f.memory.shown {
		if strings.HasPrefix(name, "psp_") && !f.calling[name] {
			others = append(others, name)
		}
	}
	if len(others) == 0 {
		return "psp_" + strings.Repeat("0", 26)
	}
	slices.Sort(others)
	return others[f.IntN(len(others))]
}
