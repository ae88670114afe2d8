package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/store/internal/db"
)

var personTable = db.NewTable("person",
	db.String("id", func(p *Person) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *Person) int64 { return int64(p.ID.Bucket()) }),
	db.String("login", func(p *Person) *string { return &p.Login }),
	db.String("name", func(p *Person) *string { return &p.Name }),
	db.String("password_hash", func(p *Person) *string { return &p.PasswordHash }),
	db.String("totp", func(p *Person) *string { return &p.TOTP }),
	db.Time("created_at", func(p *Person) *time.Time { return &p.CreatedAt }),
	db.Time("changed_at", func(p *Person) *time.Time { return &p.ChangedAt }),
)

var membershipTable = db.NewTable("membership",
	db.String("id", func(m *Membership) *string { return (*string)(&m.ID) }),
	db.Derived("bucket", func(m *Membership) int64 { return int64(m.ID.Bucket()) }),
	db.String("person", func(m *Membership) *string { return (*string)(&m.Person) }),
	db.String("owner", func(m *Membership) *string { return (*string)(&m.Owner) }),
	db.String("roles", func(m *Membership) *string { return &m.Roles }),
	db.Time("created_at", func(m *Membership) *time.Time { return &m.CreatedAt }),
	db.Time("ended_at", func(m *Membership) *time.Time { return &m.EndedAt }),
)

var staffSessionTable = db.NewTable("staff_session",
	db.String("id", func(s *StaffSession) *string { return (*string)(&s.ID) }),
	db.Derived("bucket", func(s *StaffSession) int64 { return int64(s.ID.Bucket()) }),
	db.String("person", func(s *StaffSession) *string { return (*string)(&s.Person) }),
	db.String("hash", func(s *StaffSession) *string { return &s.Hash }),
	db.String("kind", func(s *StaffSession) *string { return &s.Kind }),
	db.String("factor", func(s *StaffSession) *string { return &s.Factor }),
	db.String("address", func(s *StaffSession) *string { return &s.Address }),
	db.String("agent", func(s *StaffSession) *string { return &s.Agent }),
	db.Time("created_at", func(s *StaffSession) *time.Time { return &s.CreatedAt }),
	db.Time("expires_at", func(s *StaffSession) *time.Time { return &s.ExpiresAt }),
	db.Time("ended_at", func(s *StaffSession) *time.Time { return &s.EndedAt }),
)

var invitationTable = db.NewTable("invitation",
	db.String("id", func(i *Invitation) *string { return (*string)(&i.ID) }),
	db.Derived("bucket", func(i *Invitation) int64 { return int64(i.ID.Bucket()) }),
	db.String("owner", func(i *Invitation) *string { return (*string)(&i.Owner) }),
	db.String("roles", func(i *Invitation) *string { return &i.Roles }),
	db.String("name", func(i *Invitation) *string { return &i.Name }),
	db.String("hash", func(i *Invitation) *string { return &i.Hash }),
	db.String("invited_by", func(i *Invitation) *string { return (*string)(&i.InvitedBy) }),
	db.String("person", func(i *Invitation) *string { return (*string)(&i.Person) }),
	db.Time("created_at", func(i *Invitation) *time.Time { return &i.CreatedAt }),
	db.Time("expires_at", func(i *Invitation) *time.Time { return &i.ExpiresAt }),
	db.Time("used_at", func(i *Invitation) *time.Time { return &i.UsedAt }),
	db.Time("withdrawn_at", func(i *Invitation) *time.Time { return &i.WithdrawnAt }),
)

var passkeyTable = db.NewTable("passkey",
	db.String("id", func(p *Passkey) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *Passkey) int64 { return int64(p.ID.Bucket()) }),
	db.String("person", func(p *Passkey) *string { return (*string)(&p.Person) }),
	db.String("credential", func(p *Passkey) *string { return &p.Credential }),
	db.String("record", func(p *Passkey) *string { return &p.Record }),
	db.String("name", func(p *Passkey) *string { return &p.Name }),
	db.Time("created_at", func(p *Passkey) *time.Time { return &p.CreatedAt }),
	db.Time("removed_at", func(p *Passkey) *time.Time { return &p.RemovedAt }),
)

// Persons keeps who signs in; they have no owner.
func (s *sqlStore) Persons() Shelf[Person] { return sqlShelf[Person]{s, personTable, ""} }

// PersonByLogin finds a person.
func (s *sqlStore) PersonByLogin(ctx context.Context, login string) (Person, error) {
	return one(personTable.Find(ctx, s.d, "WHERE t.login = $1", login))
}

// Memberships keeps what people may do, owned by the person.
func (s *sqlStore) Memberships() Shelf[Membership] {
	return sqlShelf[Membership]{s, membershipTable, "person"}
}

// MembershipsOf lists those of a merchant or of the centre.
func (s *sqlStore) MembershipsOf(ctx context.Context, owner, after id.ID, limit int) ([]Membership, error) {
	return sqlShelf[Membership]{s, membershipTable, "owner"}.List(ctx, owner, after, limit)
}

// StaffSessions keeps where people are signed in, owned by the person.
func (s *sqlStore) StaffSessions() Shelf[StaffSession] {
	return sqlShelf[StaffSession]{s, staffSessionTable, "person"}
}

// StaffSessionByHash finds a session by the digest of its token.
func (s *sqlStore) StaffSessionByHash(ctx context.Context, hash string) (StaffSession, error) {
	return one(staffSessionTable.Find(ctx, s.d, "WHERE t.hash = $1", hash))
}

// SetPassword changes the password of a person.
func (s *sqlStore) SetPassword(ctx context.Context, person id.ID, hash string, now time.Time) error {
	return s.setPerson(ctx, "UPDATE person SET password_hash = $1, changed_at = $2 WHERE id = $3 AND bucket = $4", person, hash, now)
}

// SetTOTP changes the seed of a person's TOTP.
func (s *sqlStore) SetTOTP(ctx context.Context, person id.ID, seed string, now time.Time) error {
	return s.setPerson(ctx, "UPDATE person SET totp = $1, changed_at = $2 WHERE id = $3 AND bucket = $4", person, seed, now)
}

func (s *sqlStore) setPerson(ctx context.Context, text string, person id.ID, value string, now time.Time) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, text, value, db.Millis(now), string(person), int64(person.Bucket()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.changed(ctx, tx)
	})
}

// OpenSessions lists where a person is signed in.
func (s *sqlStore) OpenSessions(ctx context.Context, person id.ID, now time.Time, limit int) ([]StaffSession, error) {
	return staffSessionTable.Find(ctx, s.d, "WHERE t.person = $1 AND t.ended_at = 0 AND t.expires_at > $2 ORDER BY t.id DESC LIMIT $3",
		string(person), db.Millis(now), int64(limit))
}

// EndSessions ends the sessions of a person.
func (s *sqlStore) EndSessions(ctx context.Context, person, but id.ID, now time.Time) (int, error) {
	n, err := s.alone(ctx, "end sessions", "UPDATE staff_session SET ended_at = $1 WHERE person = $2 AND id <> $3 AND ended_at = 0 AND expires_at > $1",
		db.Millis(now), string(person), string(but))
	return int(n), err
}

// Invitations keeps links by which people are taken on, owned by who takes them on.
func (s *sqlStore) Invitations() Shelf[Invitation] {
	return sqlShelf[Invitation]{s, invitationTable, "owner"}
}

// InvitationByHash finds an invitation by the digest of its token.
func (s *sqlStore) InvitationByHash(ctx context.Context, hash string) (Invitation, error) {
	return one(invitationTable.Find(ctx, s.d, "WHERE t.hash = $1", hash))
}

// Accept uses up an invitation and writes what comes of it. The row's lock lets one of several callers see it unused.
func (s *sqlStore) Accept(ctx context.Context, hash string, now time.Time, m Membership, newcomer *Person) (Invitation, error) {
	steps := make([]db.Step, 0, 2)
	if newcomer != nil {
		step, err := personTable.Insert([]Person{*newcomer})
		if err != nil {
			return Invitation{}, err
		}
		steps = append(steps, step)
	}
	step, err := membershipTable.Put([]Membership{m})
	if err != nil {
		return Invitation{}, err
	}
	steps = append(steps, step)
	err = db.Do(ctx, s.d, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE invitation SET used_at = $1, person = $2 WHERE hash = $3 AND used_at = 0 AND withdrawn_at = 0 AND expires_at > $1",
			db.Millis(now), string(m.Person), hash)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		if err := tx.Run(ctx, steps...); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return Invitation{}, fmt.Errorf("store: accept an invitation: %w", err)
	}
	return s.InvitationByHash(ctx, hash)
}

// Passkeys keeps people's passkeys, owned by the person.
func (s *sqlStore) Passkeys() Shelf[Passkey] { return sqlShelf[Passkey]{s, passkeyTable, "person"} }

// PasskeyByCredential finds a passkey by the id of its credential.
func (s *sqlStore) PasskeyByCredential(ctx context.Context, credential string) (Passkey, error) {
	return one(passkeyTable.Find(ctx, s.d, "WHERE t.credential = $1", credential))
}
