package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tolom/access"
	"tolom/id"
	"tolom/wire"
)

// hostile are texts that become code where a page does not write them as text. Each says zq7 wherever it runs.
var hostile = []string{
	`<script>zq7()</script>`, `"><img src=x onerror=zq7()>`, `' onmouseover='zq7()`, `</title><svg onload=zq7()>`, `javascript:zq7()`, `</script><script>zq7()//`,
	`<a href="javascript:zq7()">`, `{{zq7}}${zq7}`,
}

// stage is a platform on which texts are put into everything that takes one, and read on every page.
type stage struct {
	*cage
	ids     map[string]string // a real id by its prefix
	heads   map[string][]string
	taken   int // texts that an operation has taken
	cookies map[string]*http.Cookie
	where   map[string]bool // doors and fields that have taken one
	calls   int
	owner   *http.Cookie // of the owner's session
}

// fields lists the ways to texts within a JSON value.
func fields(value any, at []any, each func(at []any)) {
	switch v := value.(type) {
	case string:
		each(slices.Clone(at))
	case map[string]any:
		for name, inner := range v {
			fields(inner, append(at, name), each)
		}
	case []any:
		for i, inner := range v {
			fields(inner, append(at, i), each)
		}
	}
}

// with gives a copy of a JSON value with another text at one place.
func with(value any, at []any, text string) any {
	if len(at) == 0 {
		return text
	}
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		out[at[0].(string)] = with(v[at[0].(string)], at[1:], text)
		return out
	case []any:
		out := slices.Clone(v)
		out[at[0].(int)] = with(v[at[0].(int)], at[1:], text)
		return out
	}
	return value
}

var anID = regexp.MustCompile(`\b([a-z]{2,5}_)[0-9a-hjkmnp-tv-z]{26}\b`)

// real puts ids of this platform in place of those of examples.
func (s *stage) real(text string) string {
	return anID.ReplaceAllStringFunc(text, func(sample string) string {
		if mine := s.ids[anID.FindStringSubmatch(sample)[1]]; mine != "" {
			return mine
		}
		return sample
	})
}

// shape is a schema of the description, as far as texts are concerned.
type shape struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Format     string
	Items      *shape
	Properties map[string]shape
	Others     json.RawMessage `json:"additionalProperties"`
}

// sampled is a value of a shape with a text wherever there can be one; nil where there can be none. Names lead to shapes.
func (s shape) sampled(names map[string]shape) any {
	if s.Ref != "" {
		s = names[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	switch {
	case strings.Contains(fmt.Sprint(s.Type), "string") && len(s.Enum) == 0:
		return "text"
	case s.Items != nil:
		if inner := s.Items.sampled(names); inner != nil {
			return []any{inner}
		}
	case len(s.Properties) > 0:
		out := map[string]any{}
		for name, p := range s.Properties {
			if inner := p.sampled(names); inner != nil {
				out[name] = inner
			}
		}
		return out
	case strings.Contains(fmt.Sprint(s.Type), "object") && strings.Contains(string(s.Others), "string"):
		return map[string]any{"key": "text"}
	}
	return nil
}

// described is the part of the description of an operation that the test reads.
type described struct {
	RequestBody struct {
		Content map[string]struct {
			Example json.RawMessage
			Schema  shape
		}
	} `json:"requestBody"`
}

// ownIDs are what the {id} of a path stands for, by the word before it.
var ownIDs = map[string]string{"merchants": "mer_", "stores": "st_", "tills": "till_", "psps": "psp_", "participants": "par_", "payments": "pay_", "payment-requests": "pr_"}

// fill sends each operation of the description its example, with hostile texts in each of its texts in turn, also in
// those that the example leaves out, within lists and objects too: two texts each, all of them where TOLOM_HOSTILE is all.
func (s *stage) fill() {
	var doc struct {
		Paths      map[string]map[string]described
		Components struct {
			Schemas map[string]shape
		}
	}
	if err := json.Unmarshal(s.asks(http.MethodGet, "/openapi.json", ""), &doc); err != nil {
		s.t.Fatal(err)
	}
	for path, item := range doc.Paths {
		door, _, _ := strings.Cut(path[1:], "/")
		parts := strings.Split(path, "/")
		for i, part := range parts {
			if part == "{id}" {
				parts[i] = s.ids[ownIDs[parts[i-1]]]
			}
		}
		for method, op := range item {
			content := op.RequestBody.Content["application/json"]
			var example map[string]any
			// A PSP with a certificate must come with it, which the next call would not.
			if strings.Contains(path, "psp-certificates") || json.Unmarshal([]byte(s.real(string(content.Example))), &example) != nil {
				continue
			}
			for name, p := range doc.Components.Schemas[content.Schema.Ref[strings.LastIndex(content.Schema.Ref, "/")+1:]].Properties {
				if more := p.sampled(doc.Components.Schemas); more != nil && example[name] == nil {
					whole := with(example, []any{name}, "").(map[string]any)
					whole[name] = more
					fields(more, []any{name}, func(at []any) { s.tries(method, strings.Join(parts, "/"), door, whole, at) })
				}
			}
			fields(example, nil, func(at []any) { s.tries(method, strings.Join(parts, "/"), door, example, at) })
		}
	}
}

func (s *stage) tries(method, path, door string, example map[string]any, at []any) {
	texts := []string{hostile[s.calls%len(hostile)], hostile[(s.calls+3)%len(hostile)]}
	if os.Getenv("TOLOM_HOSTILE") == "all" {
		texts = hostile
	}
	for _, text := range texts {
		s.calls++
		body := example
		// Names that may be taken once are made anew, so that the next text is not refused for the last one's.
		for _, once := range []string{"order_id", "psp_payment_id", "refund_ref", "login"} {
			if _, has := body[once]; has && at[0] != once {
				body = with(body, []any{once}, fmt.Sprint("n-", s.calls)).(map[string]any)
			}
		}
		raw, err := json.Marshal(with(body, at, text))
		if err != nil {
			s.t.Fatal(err)
		}
		r := httptest.NewRequest(strings.ToUpper(method), "http://127.0.0.1:1"+path, strings.NewReader(string(raw)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", fmt.Sprint("hostile-", s.calls))
		r.Header.Set("Authorization", s.heads[door][0])
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code < 300 {
			s.taken++
			s.where[fmt.Sprint(door, " ", at)] = true
		}
	}
}

// visits asks for a page as the browser that has all cookies.
func (s *stage) visits(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:1"+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range s.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		s.cookies[c.Name] = c
	}
	return w
}

// judge reads a page as a browser does, and says where a hostile text became code. It gives the links to further pages,
// and whether any of the texts stands on the page.
func judge(page string) (links []string, shown bool, wrong []string) {
	z := html.NewTokenizer(strings.NewReader(page))
	inScript := false
	for {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			return links, shown, wrong
		case html.TextToken:
			shown = shown || strings.Contains(token.Data, "zq7")
			if inScript && strings.Contains(token.Data, "zq7") {
				wrong = append(wrong, "a script: "+token.Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			inScript = token.Data == "script" || token.Data == "style"
			for _, a := range token.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case strings.HasPrefix(a.Key, "on"):
					wrong = append(wrong, "a handler: "+token.String())
				case slices.Contains([]string{"href", "src", "action", "formaction", "srcdoc", "data"}, a.Key) && strings.HasPrefix(value, "javascript:"):
					wrong = append(wrong, "an address: "+token.String())
				case a.Key == "href" && token.Data == "a" && strings.HasPrefix(a.Val, "/"):
					links = append(links, a.Val)
				}
			}
		case html.EndTagToken:
			inScript = false
		}
	}
}

// TestJudgeSeesCode of the kinds that the hostile texts would become on a page that writes them as they are.
func TestJudgeSeesCode(t *testing.T) {
	for _, text := range hostile[:7] {
		seen := 0
		for _, page := range []string{"<p>" + text + "</p>", `<p title="` + text + `">x</p>`, "<p title='" + text + "'>x</p>", `<a href="` + text + `">x</a>`, "<script>let x = `" + text + "`</script>"} {
			if _, _, wrong := judge(page); len(wrong) > 0 {
				seen++
			}
		}
		if seen == 0 {
			t.Errorf("%s is code on none of the pages", text)
		}
	}
	if _, shown, wrong := judge("<p title=\"&quot;&gt;\">" + html.EscapeString(hostile[0]) + "</p>"); !shown || len(wrong) > 0 {
		t.Errorf("a text is taken for code: %v", wrong)
	}
}

// mostPages bounds the walk over the pages.
const mostPages = 600

// walk follows every link from the beginnings, each address once, with ids of one shape at most a few times.
func (s *stage) walk(from ...string) (pages, showing int) {
	seen, shapes := map[string]bool{}, map[string]int{}
	for queue := from; len(queue) > 0 && pages < mostPages; queue = queue[1:] {
		path, _, _ := strings.Cut(queue[0], "#")
		shape := regexp.MustCompile(`[0-9a-z]{26}`).ReplaceAllString(path, "ID")
		if seen[path] || shapes[shape] >= 40 || strings.HasPrefix(path, "/docs") {
			continue
		}
		seen[path] = true
		shapes[shape]++
		w := s.visits(http.MethodGet, path, nil)
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		links, shown, wrong := judge(w.Body.String())
		for _, what := range wrong {
			s.t.Errorf("%s has %s", path, what)
		}
		if shown {
			showing++
		}
		queue = append(queue, links...)
	}
	return pages, showing
}

// TestThreatScriptInEveryText puts texts that would be code into every text of every operation of the APIs, then reads
// every page that links lead to, as the merchant's owner, the till and the centre see them: none of them became code, and
// they are there to be read.
func TestThreatScriptInEveryText(t *testing.T) {
	s := newStage(t)
	s.pay()
	s.fill()
	for _, field := range []string{"v1 [description]", "v1 [order_id]", "v1 [extra 0 label]", "operator [name]", "operator [address]", "operator [bank_account]"} {
		if !s.where[field] {
			t.Errorf("%s takes no text at all, so nothing is shown of it", field)
		}
	}
	from := []string{"/", "/pos", "/pos/payments", "/pos/statement", "/pos/sticker", "/console", "/console/proposals?all", "/console/people", "/account"}
	for after := ""; ; {
		var list wire.List[wire.PaymentRequest]
		s.get("/v1/payment-requests?limit=100"+after, &list)
		for _, r := range list.Data {
			from = append(from, "/p/"+id.ID(r.ID).Token(), "/pos/sales/"+id.ID(r.ID).Token())
		}
		if after = "&after=" + list.After; !list.HasMore {
			break
		}
	}
	var paid wire.List[wire.Payment]
	s.get("/v1/payments?limit=100", &paid)
	for _, p := range paid.Data {
		from = append(from, "/r/"+id.ID(p.ID).Token(), "/pos/payments/"+id.ID(p.ID).Token())
	}
	pages, showing := s.walk(from...)
	s.cookies["tolom_staff"] = s.owner
	more, too := s.walk("/dashboard", "/account")
	pages, showing = pages+more, showing+too
	if pages < 60 || showing < 30 {
		t.Errorf("only %d pages were read, and %d show such a text", pages, showing)
	}
	t.Logf("%d of %d calls were taken, in %v; %d pages were read, %d show such a text", s.taken, s.calls, slices.Sorted(maps.Keys(s.where)), pages, showing)
}

// newStage is a platform with a shop whose very name is hostile, its owner, a till, and somebody of the centre.
func newStage(t *testing.T) *stage {
	c := newCage(t)
	s := &stage{cage: c, ids: map[string]string{}, where: map[string]bool{}, cookies: map[string]*http.Cookie{}}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("operator:"+c.secrets["password"]))
	s.heads = map[string][]string{"v1": {"Bearer " + c.secrets["key of the merchant"]}, "psp": {"Bearer " + c.secrets["key of the PSP"]}, "operator": {basic}}
	ctx, r := context.Background(), c.app.registry
	who, err := c.app.gate.Merchant(ctx, c.secrets["key of the merchant"])
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Merchant(ctx, who.ID)
	if err != nil {
		t.Fatal(err)
	}
	psp, err := c.app.gate.PSP(ctx, c.secrets["key of the PSP"])
	if err != nil {
		t.Fatal(err)
	}
	places, err := r.Desk().Stores().List(ctx, who.ID, "", 1)
	if err != nil || len(places) == 0 {
		t.Fatal(err)
	}
	tills, err := r.Desk().Tills().List(ctx, who.ID, "", 1)
	if err != nil || len(tills) == 0 {
		t.Fatal(err)
	}
	s.ids["mer_"], s.ids["par_"], s.ids["psp_"], s.ids["st_"], s.ids["till_"] = string(m.ID), string(m.Participant), string(psp.ID), string(places[0].ID), string(tills[0].ID)
	if _, err := r.AddMember(ctx, m.ID, access.RoleOwner, "owner", `<script>zq7()</script>`, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	s.visits(http.MethodPost, "/pos/enter", url.Values{"key": {c.secrets["key of the merchant"]}})
	return s
}

// get reads a list of the merchant.
func (s *stage) get(path string, into any) {
	s.t.Helper()
	if err := json.Unmarshal(s.asks(http.MethodGet, path, "", "Authorization", s.heads["v1"][0]), into); err != nil {
		s.t.Fatal(err)
	}
}

// pay pays requests with hostile names of payers and references, and gives some of it back for hostile reasons.
func (s *stage) pay() {
	for n, text := range hostile {
		key := fmt.Sprint("paid-", n)
		send := func(door, path string, body, into any) {
			raw, err := json.Marshal(body)
			if err != nil {
				s.t.Fatal(err)
			}
			answer := s.asks(http.MethodPost, path, string(raw), "Authorization", s.heads[door][0], "Content-Type", "application/json", "Idempotency-Key", fmt.Sprint(key, path, len(raw)))
			if err := json.Unmarshal(answer, into); err != nil {
				s.t.Fatalf("%s: %s", path, answer)
			}
		}
		send("v1", "/v1/payment-requests", map[string]any{"amount": 1000, "extra": []map[string]string{{"key": "k", "label": text, "value": text, "title": text}}}, new(any))
		var r wire.PaymentRequest
		send("v1", "/v1/payment-requests", map[string]any{"amount": 1000, "description": text}, &r)
		var p wire.PSPPayment
		send("psp", "/psp/v1/payments", wire.NewPSPPayment{PSPPaymentID: key, Payload: r.Payload, Amount: 1000, Currency: "KGS",
			Payer: wire.Payer{Key: "payer", NameMasked: text, Kind: "person"}, ReceiptID: "r" + fmt.Sprint(n)}, &p)
		if p.ID == nil {
			s.t.Fatalf("the payment with the payer %q was refused", text)
		}
		send("psp", "/psp/v1/payments/"+*p.ID+"/execute", struct{}{}, &p)
		reason := "/operator/v1/merchants/" + s.ids["mer_"] + "/bank-account?reason=" + url.QueryEscape(text)
		s.asks(http.MethodPut, reason, fmt.Sprintf(`{"bank_account":"%d"}`, n), "Authorization", s.heads["operator"][0], "Content-Type", "application/json")
		var refund wire.Refund
		send("v1", "/v1/payments/"+*p.ID+"/refunds", map[string]any{"amount": 10, "reason": text}, &refund)
	}
	for _, login := range []string{"owner", "operator"} { // Of two sessions the last counts: the owner's is kept aside.
		s.owner = s.cookies["tolom_staff"]
		word := map[string]string{"owner": "correct horse battery", "operator": s.secrets["password"]}[login]
		if w := s.visits(http.MethodPost, "/sign-in", url.Values{"login": {login}, "password": {word}}); w.Code != http.StatusSeeOther {
			s.t.Fatalf("%s cannot sign in: %d", login, w.Code)
		}
	}
	s.heads["operator"] = []string{"Bearer " + s.cookies["tolom_staff"].Value} // A password costs what it should for each call.
}
