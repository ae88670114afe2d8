package client

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"time"
)

const (
	// firstWait is the wait before the first retry; each further one doubles it.
	firstWait = 200 * time.Millisecond
	// doublings bounds the doubling, which would overflow long after it is of use.
	doublings = 16
	// longestWait is what a call is willing to wait in one go. If the platform asks for more, the caller decides.
	longestWait = 30 * time.Second
)

// retried sends a call until it is answered for good, the attempts are used up, or ctx ends, and reads the answer
// with read. Each attempt is the same request with the same Idempotency-Key, so the platform does it once.
func retried[T any](ctx context.Context, c *Client, what call, read func(answer) (T, error)) (out T, err error) {
	for attempt := 1; ; attempt++ {
		var reply answer
		if reply, err = c.once(ctx, what); err == nil {
			return read(reply)
		}
		var problem *Problem
		if !errors.As(err, &problem) || !problem.worthRetrying() || attempt >= c.attempts {
			return out, err
		}
		wait := c.wait(problem, attempt)
		if wait > longestWait || ctx.Err() != nil || c.sleep(ctx, wait) != nil {
			return out, err
		}
	}
}

// patient retries a call whose answer is JSON.
func patient[T any](ctx context.Context, c *Client, what call) (T, error) {
	return retried(ctx, c, what, func(a answer) (T, error) { return decode[T](what, a) })
}

// single sends a call once and decodes the answer.
func single[T any](ctx context.Context, c *Client, what call) (out T, err error) {
	reply, err := c.once(ctx, what)
	if err != nil {
		return out, err
	}
	return decode[T](what, reply)
}

// wait is what the platform asked for, or else 0.2 s doubled each time, spread by up to a half so that many callers
// do not come back together.
func (c *Client) wait(p *Problem, attempt int) time.Duration {
	if p.RetryAfter > 0 {
		return p.RetryAfter
	}
	full := min(firstWait<<min(attempt-1, doublings), longestWait)
	var random [4]byte
	// Without randomness the retries are only less spread.
	_, _ = c.entropy.Read(random[:])
	half := full / 2
	return half + time.Duration(uint64(half)*uint64(binary.BigEndian.Uint32(random[:]))>>32)
}

// named gives a creating call its Idempotency-Key: the caller's, or 160 random bits.
func (c *Client) named(what call, options []CallOption) (call, error) {
	for _, option := range options {
		option(&what)
	}
	if what.idempotency != "" {
		return what, nil
	}
	var random [20]byte
	if _, err := c.entropy.Read(random[:]); err != nil {
		return what, unsent(what, err)
	}
	what.idempotency = base32.StdEncoding.EncodeToString(random[:])
	return what, nil
}

// create sends a call that makes or changes something, under an Idempotency-Key.
func create[T any](ctx context.Context, c *Client, what call, options []CallOption) (out T, err error) {
	what, err = c.named(what, options)
	if err != nil {
		return out, err
	}
	return patient[T](ctx, c, what)
}
