-- +goose Up

-- person: people who sign in: staff of the centre and of merchants. The seed of their TOTP is encrypted.
CREATE TABLE person (
    id            TEXT NOT NULL,
    bucket        INTEGER NOT NULL,
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

-- membership: what a person may do for a merchant, or for the centre, whose owner is 'centre'.
CREATE TABLE membership (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    person     TEXT NOT NULL,
    owner      TEXT NOT NULL,
    roles      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE UNIQUE INDEX membership_person ON membership (person, owner, bucket);
CREATE INDEX membership_owner ON membership (owner, id);

-- staff_session: browsers and programs in which a person is signed in.
CREATE TABLE staff_session (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    person     TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    factor     TEXT NOT NULL,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX staff_session_person ON staff_session (person, id);
CREATE INDEX staff_session_expiry ON staff_session (expires_at);

-- invitation: links by which a person is taken on, each once.
CREATE TABLE invitation (
    id           TEXT NOT NULL,
    bucket       INTEGER NOT NULL,
    owner        TEXT NOT NULL,
    roles        TEXT NOT NULL,
    name         TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    invited_by   TEXT NOT NULL,
    person       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX invitation_owner ON invitation (owner, id);

-- passkey: public keys of people's passkeys (WebAuthn).
CREATE TABLE passkey (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    person     TEXT NOT NULL,
    credential TEXT NOT NULL UNIQUE,
    record     TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    removed_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX passkey_person ON passkey (person, id);

-- ticket: what somebody who is half way through something must bring back, once: a sign-in
-- that waits for its second factor, a challenge, a seed that was not confirmed yet.
CREATE TABLE ticket (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    person     TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    data       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX ticket_expiry ON ticket (expires_at);

-- recovery: codes that stand in for a second factor that was lost, each once.
CREATE TABLE recovery (
    person  TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    hash    TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (person, hash, bucket)
) STRICT;

-- spent_step: the last step of a person's TOTP that was taken. No step is taken twice, nor one before it.
CREATE TABLE spent_step (
    person TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    step   INTEGER NOT NULL,
    PRIMARY KEY (person, bucket)
) STRICT;

-- attempt: how much of an allowance for guessing is used up: until when it fills itself again.
CREATE TABLE attempt (
    name    TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    full_at INTEGER NOT NULL,
    PRIMARY KEY (name, bucket)
) STRICT;
CREATE INDEX attempt_full ON attempt (full_at);

-- person_event: what happened to people's access. Lines are added and never changed.
CREATE TABLE person_event (
    id      TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    owner   TEXT NOT NULL,
    person  TEXT NOT NULL,
    done_by TEXT NOT NULL,
    kind    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    address TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX person_event_owner ON person_event (owner, id);
CREATE INDEX person_event_person ON person_event (person, id);

-- +goose StatementBegin
CREATE TRIGGER person_event_no_update BEFORE UPDATE ON person_event
BEGIN
    SELECT RAISE(ABORT, 'person_event is only added to');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER person_event_no_delete BEFORE DELETE ON person_event
BEGIN
    SELECT RAISE(ABORT, 'person_event is only added to');
END;
-- +goose StatementEnd
