package openapifuzz

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// judge holds answers to a document.
type judge struct{ doc *Document }

// shapeless are refusals that an allowed call never meets: they are about its form.
var shapeless = []string{"invalid_json", "unknown_field", "duplicate_key", "body_too_large", "media_type_unsupported", "digest_mismatch", "idempotency_key_missing",
	"idempotency_key_invalid", "method_not_allowed"}

// problems says what is wrong with an answer.
func (j judge) problems(c *call, r Reply) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if r.Status >= 500 {
		say("the status %d", r.Status)
	}
	if c.stray {
		return append(out, j.elsewhere(c, r)...)
	}
	of, documented := c.op.answers[r.Status]
	if !documented {
		say("the status %d, which the document does not have", r.Status)
	}
	if len(c.codes) > 0 && r.Status < 400 {
		say("it was broken and was not refused")
	}
	if documented && c.method != http.MethodHead {
		out = append(out, j.content(c, of, r)...)
	}
	if r.Status >= 400 {
		out = append(out, j.refusal(c, r)...)
	}
	return append(out, j.headers(of, r)...)
}

// elsewhere judges the answer of an address or method that the document does not have.
func (j judge) elsewhere(c *call, r Reply) (out []string) {
	want := map[string]int{"method_not_allowed": http.StatusMethodNotAllowed, "not_found": http.StatusNotFound}[c.codes[0]]
	if r.Status != want {
		return []string{fmt.Sprintf("the status %d instead of %d", r.Status, want)}
	}
	for _, method := range j.doc.exactly(c.op.Path) {
		if want == http.StatusMethodNotAllowed && !strings.Contains(r.Header.Get("Allow"), method) {
			out = append(out, fmt.Sprintf("Allow is %q and leaves out %s", r.Header.Get("Allow"), method))
		}
	}
	return append(out, j.refusal(c, r)...)
}

// content holds the body to its media type and schema.
func (j judge) content(c *call, of answer, r Reply) []string {
	given := r.Header.Get("Content-Type")
	if len(of.media) == 0 {
		if len(r.Body) > 0 {
			return []string{fmt.Sprintf("%d bytes of %q where the document has no body", len(r.Body), given)}
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(given)
	schema, documented := of.media[media]
	if err != nil || !documented {
		return []string{fmt.Sprintf("the type %q, which the document does not have", given)}
	}
	switch {
	case r.Status == http.StatusPartialContent: // The beginning may be left out.
		return nil
	case strings.HasSuffix(media, "json"):
		return j.document(schema, r.Body)
	case media == "text/event-stream":
		return j.stream(schema, r.Body)
	}
	return file(media, r.Body)
}

// document holds a JSON text to a schema.
func (j judge) document(s *jsonschema.Schema, body []byte) []string {
	v, err := strictly(body)
	if err != nil {
		return []string{"the body: " + err.Error()}
	}
	if s == nil {
		return nil
	}
	if err := s.Validate(v); err != nil {
		return []string{"the body does not fit its schema: " + err.Error()}
	}
	return nil
}

// stream holds each message of a stream to the schema, and what the message is about to the schema of that.
func (j judge) stream(s *jsonschema.Schema, body []byte) (out []string) {
	if !bytes.HasPrefix(body, []byte("retry: ")) {
		out = append(out, "the stream does not begin with a time to come back")
	}
	for line := range strings.SplitSeq(string(body), "\n") {
		if data, found := strings.CutPrefix(line, "data: "); found {
			out = append(out, j.document(s, []byte(data))...)
		}
	}
	return out
}

// magic is how files of a type begin.
var magic = map[string]string{"image/png": "\x89PNG\r\n\x1a\n", "image/svg+xml": "<", "application/pdf": "%PDF-", "application/xml": "<",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "PK"}

func file(media string, body []byte) []string {
	if media == "text/csv" {
		return table(body)
	}
	if begin := magic[media]; !bytes.HasPrefix(body, []byte(begin)) {
		return []string{fmt.Sprintf("a file of type %s that begins with %s", media, cut(body[:min(len(body), 16)]))}
	}
	return nil
}

// column is how the first line of a table calls its columns.
var column = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// table wants names of columns in the first line, behind a mark for spreadsheets or not, and as many fields in each other.
func table(body []byte) []string {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return []string{"a table that cannot be read: " + err.Error()}
	}
	if len(rows) == 0 {
		return []string{"a table without names of columns"}
	}
	for _, name := range rows[0] {
		if !column.MatchString(name) {
			return []string{fmt.Sprintf("a table with a column that is called %q", name)}
		}
	}
	return nil
}

// refusal holds a problem to its status, its operation's codes and its headers.
func (j judge) refusal(c *call, r Reply) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		say("a refusal of type %q", got)
	}
	if c.method == http.MethodHead {
		return out
	}
	v, err := strictly(r.Body)
	p := object(v)
	if err != nil || p == nil {
		return append(out, "a refusal that is no JSON object")
	}
	code := text(p["code"])
	status, _ := number(p["status"])
	national := p["national_code"] != nil
	switch {
	case int(status) != r.Status:
		say("the problem says status %d", status)
	case !strings.HasSuffix(text(p["type"]), "#error-"+code) || text(p["title"]) == "":
		say("the problem has the type %q and the title %q", p["type"], p["title"])
	case text(p["request_id"]) != r.Header.Get("X-Request-Id"):
		say("the problem names the request %q, the header %q", p["request_id"], r.Header.Get("X-Request-Id"))
	case national != strings.HasPrefix(c.op.Path, "/psp/"):
		say("a national code is the PSP API's: %v", p["national_code"])
	}
	return append(out, j.code(c, code)...)
}

// proof are refusals of a caller who must show more than a key, which operators of a run may ask of anybody.
var proof = map[string]bool{"certificate_refused": true, "signature_required": true}

// code holds the code of a refusal to what the document and the breakage allow.
func (j judge) code(c *call, code string) []string {
	switch {
	case proof[code] && slices.Contains(c.op.Codes, code): // An operator has asked this caller for more.
		return nil
	case (code == "unauthorized" || code == "certificate_refused") && !c.who.Lasting && slices.Contains(c.op.Codes, code): // Its key was revoked, or it was told to come with a certificate.
		return nil
	case !slices.Contains(c.op.Codes, code) && !(c.stray && slices.Contains(c.codes, code)):
		return []string{"the code " + code + ", which the document does not name"}
	case len(c.codes) > 0 && c.codes[0] != anyRefusal && !slices.Contains(c.codes, code):
		return []string{fmt.Sprintf("refused with %s, not with one of %v", code, c.codes)}
	case c.valid && slices.Contains(shapeless, code), c.valid && c.who.Lasting && code == "unauthorized":
		return []string{"an allowed call is refused with " + code}
	}
	return nil
}

// headers holds an answer to what all answers have, and its documented headers to their schemas.
func (j judge) headers(of answer, r Reply) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for name, schema := range of.headers {
		value := r.Header.Get(name)
		if value == "" || schema == nil {
			continue
		}
		if err := schema.Validate(value); err != nil {
			say("the header %s: %v", name, err)
		}
	}
	switch {
	case r.Header.Get("X-Request-Id") == "" || len(r.Header.Get("X-Request-Id")) > 64:
		say("the request is named %q", r.Header.Get("X-Request-Id"))
	case r.Header.Get("X-Content-Type-Options") != "nosniff":
		say("X-Content-Type-Options is missing")
	case r.Header.Get("Cache-Control") == "":
		say("Cache-Control is missing")
	case r.Status >= 400 && r.Header.Get("Content-Language") == "":
		say("Content-Language is missing")
	case r.Status == http.StatusUnauthorized && r.Header.Get("WWW-Authenticate") == "":
		say("WWW-Authenticate is missing")
	case (r.Status == http.StatusServiceUnavailable || r.Status == http.StatusTooManyRequests) && r.Header.Get("Retry-After") == "":
		say("Retry-After is missing")
	}
	return out
}

// strictly reads one JSON value and nothing behind it, numbers as they are written, no name twice.
func strictly(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := reading(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows the JSON value")
	}
	return v, nil
}

func reading(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := map[string]any{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			if _, twice := o[name.(string)]; twice {
				return nil, fmt.Errorf("the name %q is given twice", name)
			}
			if o[name.(string)], err = reading(d); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		l := []any{}
		for d.More() {
			v, err := reading(d)
			if err != nil {
				return nil, err
			}
			l = append(l, v)
		}
		_, err = d.Token()
		return l, err
	}
	return t, nil
}
