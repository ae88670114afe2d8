package access

import (
	"fmt"
	"strings"

	"tolom/fault"
	"tolom/id"
)

// Scope is one thing that a merchant's key may be allowed.
type Scope string

// The scopes of keys. Owner is not given to a key by name: it is what a key has that has all scopes and reaches the
// whole merchant, and what it takes to handle keys, tills and addresses of webhooks.
const (
	Read    Scope = "read"    // see requests, payments, refunds and events
	Request Scope = "request" // make payment requests, cancel and pause them
	Refund  Scope = "refund"  // give money back
	Report  Scope = "report"  // see balance and statements
	Owner   Scope = "owner"
)

// Given are the scopes that a key can be given, in the order in which they are written.
var Given = []Scope{Read, Request, Refund, Report}

// Scopes is a set of scopes.
type Scopes uint8

// AllScopes is every scope that can be given.
const AllScopes Scopes = 1<<4 - 1

// ParseScopes reads scopes with spaces between. Words that are no scopes allow nothing.
func ParseScopes(text string) (s Scopes) {
	for word := range strings.FieldsSeq(text) {
		s |= bit(Scope(word))
	}
	return s
}

func bit(s Scope) Scopes {
	for i, given := range Given {
		if s == given {
			return 1 << i
		}
	}
	return 0
}

// String writes the scopes with spaces between.
func (s Scopes) String() string { return strings.Join(s.List(), " ") }

// List gives the names of the scopes.
func (s Scopes) List() []string {
	out := []string{}
	for _, given := range Given {
		if s&bit(given) != 0 {
			out = append(out, string(given))
		}
	}
	return out
}

// Known says whether a route can ask for the scope.
func (s Scope) Known() bool { return s == Owner || bit(s) != 0 }

// Allow refuses a caller that lacks a scope, or whose key reaches only a part of a merchant where the whole is
// wanted: forbidden, with what is missing.
func (m Merchant) Allow(s Scope, whole bool) error {
	if s == Owner {
		whole = true
		for _, given := range Given {
			if m.May&bit(given) == 0 {
				s = given
				break
			}
		}
	}
	if s != Owner && m.May&bit(s) == 0 {
		return fault.New(fault.Forbidden).Because(fmt.Sprintf("the key lacks the scope %s: use a key that has it", s))
	}
	if whole && !m.Whole() {
		return fault.New(fault.Forbidden).Because("the key reaches only one store or till: use one of the whole merchant")
	}
	return nil
}

// Whole says that the key reaches everything of the merchant.
func (m Merchant) Whole() bool { return m.Store == "" && m.Till == "" }

// Reaches says whether what was made in a store, at a till, is the caller's to see.
func (m Merchant) Reaches(merchant, store, till id.ID) bool {
	return m.ID == merchant && (m.Store == "" || m.Store == store) && (m.Till == "" || m.Till == till)
}
