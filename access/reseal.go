package access

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tolom/id"
	"tolom/store"
)

// secretWords end the place that a secret is bound to, after the id of its row: as lockedDesk binds them.
var secretWords = map[store.SecretPlace]string{
	store.PlatformKeyPrivate: " private", store.EndpointSecrets: " secret", store.EndpointKeys: " key", store.PersonTOTP: " totp",
	store.TicketData: " data", store.DestinationKey: " destination",
}

// Resealed says what became of the secrets of a database.
type Resealed struct {
	Rows  int // whose secrets are encrypted anew, or for the first time
	Seen  int // secrets that were looked at, each of which can be read
	Under string
}

// mostResealed is how many rows are locked at once.
const mostResealed = 100

// Reseal encrypts every secret of a database under the vault's first key: those that were kept plain before there was a
// master key, and those under another key of the vault. It may be stopped and run again, and while nodes work that have
// the same keys. A secret that no key opens ends it, with all others before it done.
func (v *Vault) Reseal(ctx context.Context, s store.Secrets) (out Resealed, err error) {
	out.Under = v.first
	for _, place := range store.SecretPlaces {
		for after := id.ID(""); ; {
			last, wrote, err := s.RewriteSecrets(ctx, place, after, mostResealed, func(row id.ID, kept string) (string, error) {
				return v.resealColumn(place, row, kept, &out.Seen)
			})
			if err != nil {
				return out, err
			}
			out.Rows += wrote
			if after = last; last == "" {
				break
			}
		}
	}
	return out, nil
}

// resealColumn encrypts what one row keeps in a place.
func (v *Vault) resealColumn(place store.SecretPlace, row id.ID, kept string, seen *int) (string, error) {
	bound := string(row) + secretWords[place]
	if kept == "" {
		return "", nil
	}
	if !place.List() {
		*seen++
		return v.resealOne(kept, bound)
	}
	var list []string
	if err := json.Unmarshal([]byte(kept), &list); err != nil {
		return "", fmt.Errorf("access: %s is damaged: %w", bound, err)
	}
	*seen += len(list)
	list, err := each(list, bound, v.resealOne)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// resealOne encrypts a secret under the first key, unless it is. Either way it has been read.
func (v *Vault) resealOne(kept, place string) (string, error) {
	secret, err := v.Open(kept, place)
	if err != nil || strings.HasPrefix(kept, sealedPrefix+v.first+":") {
		return kept, err
	}
	return v.Seal(secret, place)
}
