package store

import (
	"context"

	"tolom/id"
)

// SecretPlace is a column that holds secrets, encrypted where a master key is given.
type SecretPlace struct{ Table, Column string }

// The places of secrets. Those that are Lists hold several as JSON.
var (
	PlatformKeyPrivate = SecretPlace{"platform_key", "private_key"}
	EndpointSecrets    = SecretPlace{"endpoint", "secrets"}
	EndpointKeys       = SecretPlace{"endpoint", "signing_keys"}
	PersonTOTP         = SecretPlace{"person", "totp"}
	TicketData         = SecretPlace{"ticket", "data"} // may be a seed that was not confirmed yet
	DestinationKey     = SecretPlace{"destination", "private_key"}
)

// SecretPlaces are all of them.
var SecretPlaces = []SecretPlace{PlatformKeyPrivate, EndpointSecrets, EndpointKeys, PersonTOTP, TicketData, DestinationKey}

// List says that a place holds several secrets.
func (p SecretPlace) List() bool { return p == EndpointSecrets || p == EndpointKeys }

// Secrets lets all that is kept encrypted be encrypted anew, whatever else is done meanwhile.
type Secrets interface {
	// RewriteSecrets gives what some rows after an id keep in a place to do, each under its lock, and writes what do
	// gives back, all or nothing. It says the last row that it saw, "" at the end, and how many it wrote.
	RewriteSecrets(ctx context.Context, p SecretPlace, after id.ID, limit int, do func(row id.ID, kept string) (string, error)) (last id.ID, wrote int, err error)
}
