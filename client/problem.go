package client

import (
	"fmt"
	"strings"
	"time"

	"tolom/wire"
)

// Codes of problems that the client itself finds; all others are the platform's.
const (
	NotSent   = "client_not_sent"   // the call could not be made; nothing left this process
	NoAnswer  = "client_no_answer"  // the connection or the time ran out before the whole answer came
	BadAnswer = "client_bad_answer" // the answer is not one of the platform's
)

// Problem is why a call failed: the platform's refusal (RFC 9457), or what happened on the way to it. Status is the
// HTTP status, 0 when there was no answer.
type Problem struct {
	wire.Problem
	Call       string        // method and path, for logs
	RetryAfter time.Duration // the platform's wish; 0 when it gave none
	execute    bool          // the call was an execute
	cause      error
}

// Error tells the call, the code and what the platform said.
func (p *Problem) Error() string {
	parts := []string{"client: " + p.Call, p.Code}
	if p.Param != "" {
		parts[1] += " (" + p.Param + ")"
	}
	for _, text := range []string{p.Title, p.Detail} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if p.cause != nil {
		parts = append(parts, p.cause.Error())
	}
	if p.RequestID != "" {
		parts = append(parts, "request "+p.RequestID)
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the error of the network, if that was the reason.
func (p *Problem) Unwrap() error { return p.cause }

// Unknown says that the call may have been done although it failed: there was no answer, or not one of the
// platform's, or a 5xx. After an execute it is also every refusal that does not show a payment in a final status:
// the payer's money must then stay held.
func (p *Problem) Unknown() bool {
	switch {
	case p.Code == NotSent:
		return false
	case p.execute && (p.Payment == nil || !Final(*p.Payment)):
		return true
	}
	return p.Status == 0 || p.Status == 408 || p.Status >= 500 || p.Code == BadAnswer
}

// Final says that a payment's status never changes again. Name and code must agree; an answer that contradicts
// itself decides nothing.
func Final(p wire.PSPPayment) bool {
	switch p.Status {
	case "success":
		return p.StatusCode == 50
	case "canceled":
		return p.StatusCode == 40
	case "error":
		return p.StatusCode == 30
	}
	return false
}

// worthRetrying says that the very same call may be answered better in a moment. Refusals that time alone does not
// mend, such as a balance that is too low, are left to the caller even where the platform calls them retryable.
func (p *Problem) worthRetrying() bool {
	switch p.Code {
	case NotSent:
		return false
	case NoAnswer, "idempotency_key_in_use":
		return true
	case BadAnswer:
		return p.Status >= 500 || p.Status == 429
	}
	return p.Retryable && (p.Status >= 500 || p.Status == 429 || p.Status == 408)
}

func unsent(c call, cause error) *Problem {
	return &Problem{Problem: wire.Problem{Code: NotSent}, Call: c.name(), execute: c.execute, cause: cause}
}

func unanswered(c call, cause error) *Problem {
	return &Problem{Problem: wire.Problem{Code: NoAnswer}, Call: c.name(), execute: c.execute, cause: cause}
}

func strange(c call, status int, detail string, cause error) *Problem {
	w := wire.Problem{Code: BadAnswer, Status: status, Detail: fmt.Sprintf("HTTP status %d, %s", status, detail)}
	return &Problem{Problem: w, Call: c.name(), execute: c.execute, cause: cause}
}
