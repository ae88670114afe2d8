package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tolom/wire"
)

// call is one call of an API, ready to be sent any number of times.
type call struct {
	method, path string
	query        url.Values
	body         any
	idempotency  string
	accept       string
	execute      bool
	resume       string // Last-Event-ID of a stream
}

// name is how logs call it. The query stays out: it may name people's orders.
func (c call) name() string { return c.method + " " + c.path }

// get describes a reading call; empty values stay out of the query.
func get(path string, query ...string) call {
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		if query[i+1] != "" {
			values.Set(query[i], query[i+1])
		}
	}
	return call{method: http.MethodGet, path: path, query: values}
}

func post(path string, body any) call {
	return call{method: http.MethodPost, path: path, body: body}
}

// path joins segments and escapes those that hold what a caller gave.
func path(format string, parts ...string) string {
	escaped := make([]any, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	return fmt.Sprintf(format, escaped...)
}

// largestAnswer bounds what is read of an answer: a statement of a busy day is the largest.
const largestAnswer = 64 << 20

// answer is a whole answer with a 2xx status.
type answer struct {
	header http.Header
	body   []byte
}

// once sends a call a single time and reads the whole answer.
func (c *Client) once(ctx context.Context, what call) (answer, error) {
	request, response, err := c.exchange(ctx, what, c.http)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := whole(response)
	switch {
	case err != nil:
		return answer{}, unanswered(what, err)
	case len(body) > largestAnswer:
		return answer{}, strange(what, response.StatusCode, "the answer is too long", nil)
	}
	if err := c.verified(what, request, response, body); err != nil {
		return answer{}, err
	}
	switch {
	case response.StatusCode/100 != 2:
		return answer{}, c.refusal(what, response, body)
	}
	return answer{response.Header, body}, nil
}

// whole reads an answer, and one byte more of one that is too long.
func whole(response *http.Response) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(min(max(response.ContentLength, 0), 64<<10)) + bytes.MinRead)
	_, err := body.ReadFrom(io.LimitReader(response.Body, largestAnswer+1))
	return body.Bytes(), err
}

// send is exchange for callers that read the answer as it comes, such as streams.
func (c *Client) send(ctx context.Context, what call, by *http.Client) (*http.Response, error) {
	_, response, err := c.exchange(ctx, what, by)
	return response, err
}

// exchange writes the request and waits for the head of the answer.
func (c *Client) exchange(ctx context.Context, what call, by *http.Client) (*http.Request, *http.Response, error) {
	request, body, err := c.request(ctx, what)
	if err != nil {
		return nil, nil, unsent(what, err)
	}
	if c.signer != nil {
		if err := c.signer.Sign(request, body); err != nil {
			return nil, nil, unsent(what, err)
		}
	}
	response, err := by.Do(request)
	if err != nil {
		return nil, nil, unanswered(what, err)
	}
	return request, response, nil
}

func (c *Client) request(ctx context.Context, what call) (*http.Request, []byte, error) {
	var body []byte
	if what.body != nil {
		var err error
		if body, err = json.Marshal(what.body); err != nil {
			return nil, nil, err
		}
	}
	target := c.base + what.path
	if len(what.query) > 0 {
		target += "?" + what.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, what.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	c.head(request.Header, what)
	return request, body, nil
}

func (c *Client) head(h http.Header, what call) {
	h.Set("Accept", "application/json, application/problem+json")
	if what.accept != "" {
		h.Set("Accept", what.accept)
	}
	if what.body != nil {
		h.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		h.Set("Authorization", "Bearer "+c.key)
	}
	if c.language != "" {
		h.Set("Accept-Language", c.language)
	}
	if what.idempotency != "" {
		h.Set("Idempotency-Key", what.idempotency)
	}
	if what.resume != "" {
		h.Set("Last-Event-ID", what.resume)
	}
}

// refusal reads a problem document. Anything else with such a status comes from somebody between us and the platform.
func (c *Client) refusal(what call, response *http.Response, body []byte) *Problem {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	var problem wire.Problem
	if kind != "application/problem+json" || json.Unmarshal(body, &problem) != nil || problem.Code == "" {
		return c.advised(strange(what, response.StatusCode, "and no problem document", nil), response.Header)
	}
	problem.Status = response.StatusCode
	return c.advised(&Problem{Problem: problem, Call: what.name(), execute: what.execute}, response.Header)
}

// advised notes how long the platform asks to wait, in seconds or until a date.
func (c *Client) advised(p *Problem, h http.Header) *Problem {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(min(seconds, 1<<30)) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		p.RetryAfter = max(date.Sub(c.clock.Now()), 0)
	}
	return p
}

// decode reads the JSON of an answer. Numbers inside untyped fields keep their digits.
func decode[T any](what call, a answer) (out T, err error) {
	reader := json.NewDecoder(bytes.NewReader(a.body))
	reader.UseNumber()
	if err := reader.Decode(&out); err != nil {
		var zero T
		return zero, strange(what, http.StatusOK, "but not the JSON of this call", err)
	}
	if _, err := reader.Token(); !errors.Is(err, io.EOF) {
		var zero T
		return zero, strange(what, http.StatusOK, "with something after its JSON", nil)
	}
	return out, nil
}
