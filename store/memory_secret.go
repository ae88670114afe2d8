package store

import (
	"context"
	"encoding/json"
	"fmt"

	"tolom/id"
)

// RewriteSecrets rewrites while nobody else reads or writes.
func (m *Memory) RewriteSecrets(ctx context.Context, p SecretPlace, after id.ID, limit int, do func(row id.ID, kept string) (string, error)) (last id.ID, wrote int, err error) {
	err = m.write(ctx, func(t *tables) error {
		switch p {
		case PlatformKeyPrivate:
			last, wrote, err = rewrite(&t.desk.platformKeys, after, limit, do, func(k *PlatformKey) *string { return &k.Private })
		case PersonTOTP:
			last, wrote, err = rewrite(&t.people.persons, after, limit, do, func(p *Person) *string { return &p.TOTP })
		case TicketData:
			last, wrote, err = rewrite(&t.people.tickets, after, limit, do, func(x *Ticket) *string { return &x.Data })
		case DestinationKey:
			last, wrote, err = rewrite(&t.desk.destinations, after, limit, do, func(d *Destination) *string { return &d.PrivateKey })
		case EndpointSecrets:
			last, wrote, err = rewrite(&t.desk.endpoints, after, limit, columnOf(do), func(e *Endpoint) *[]string { return &e.Secrets })
		case EndpointKeys:
			last, wrote, err = rewrite(&t.desk.endpoints, after, limit, columnOf(do), func(e *Endpoint) *[]string { return &e.Keys })
		default:
			err = fmt.Errorf("store: there are no secrets in %s of %s", p.Column, p.Table)
		}
		if wrote > 0 {
			t.revision++
		}
		return err
	})
	return last, wrote, err
}

// columnOf lets a rewriter of columns rewrite lists, which columns keep as JSON; an empty list is an empty text.
func columnOf(do func(id.ID, string) (string, error)) func(id.ID, []string) ([]string, error) {
	return func(row id.ID, list []string) (out []string, err error) {
		text := ""
		if len(list) > 0 {
			raw, err := json.Marshal(list)
			if err != nil {
				return nil, err
			}
			text = string(raw)
		}
		if text, err = do(row, text); err != nil || text == "" {
			return nil, err
		}
		return out, json.Unmarshal([]byte(text), &out)
	}
}

// rewrite changes a field of some records, of all or of none.
func rewrite[T, F any](r *rack[T], after id.ID, limit int, do func(id.ID, F) (F, error), field func(*T) *F) (last id.ID, wrote int, err error) {
	names := newer(r.order, after)
	if len(names) > limit {
		names, last = names[:limit], names[limit-1]
	}
	changed := make([]T, len(names))
	for i, name := range names {
		changed[i] = r.kind.copy(r.rows[name])
		f := field(&changed[i])
		before := fmt.Sprint(*f)
		if *f, err = do(name, *f); err != nil {
			return "", 0, err
		}
		if fmt.Sprint(*f) != before {
			wrote++
		}
	}
	for i, name := range names {
		r.rows[name] = changed[i]
	}
	return last, wrote, nil
}
