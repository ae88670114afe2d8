-- +goose Up

-- person: people who sign in: staff of the centre and of merchants. The seed of their TOTP is encrypted.
CREATE TABLE person (
    id            text COLLATE "C" NOT NULL,
    bucket        integer NOT NULL,
    login         text COLLATE "C" NOT NULL UNIQUE,
    name          text NOT NULL,
    password_hash text NOT NULL,
    totp          text NOT NULL,
    created_at    bigint NOT NULL,
    changed_at    bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);

-- membership: what a person may do for a merchant, or for the centre, whose owner is 'centre'.
CREATE TABLE membership (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    person     text COLLATE "C" NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    roles      text NOT NULL,
    created_at bigint NOT NULL,
    ended_at   bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE UNIQUE INDEX membership_person ON membership (person, owner, bucket);
CREATE INDEX membership_owner ON membership (owner, id);

-- staff_session: browsers and programs in which a person is signed in.
CREATE TABLE staff_session (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    person     text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    kind       text NOT NULL,
    factor     text NOT NULL,
    address    text NOT NULL,
    agent      text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at   bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX staff_session_person ON staff_session (person, id);
CREATE INDEX staff_session_expiry ON staff_session (expires_at);

-- invitation: links by which a person is taken on, each once.
CREATE TABLE invitation (
    id           text COLLATE "C" NOT NULL,
    bucket       integer NOT NULL,
    owner        text COLLATE "C" NOT NULL,
    roles        text NOT NULL,
    name         text NOT NULL,
    hash         text COLLATE "C" NOT NULL UNIQUE,
    invited_by   text COLLATE "C" NOT NULL,
    person       text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint NOT NULL,
    used_at      bigint NOT NULL,
    withdrawn_at bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX invitation_owner ON invitation (owner, id);

-- passkey: public keys of people's passkeys (WebAuthn).
CREATE TABLE passkey (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    person     text COLLATE "C" NOT NULL,
    credential text COLLATE "C" NOT NULL UNIQUE,
    record     text NOT NULL,
    name       text NOT NULL,
    created_at bigint NOT NULL,
    removed_at bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX passkey_person ON passkey (person, id);

-- ticket: what somebody who is half way through something must bring back, once: a sign-in
-- that waits for its second factor, a challenge, a seed that was not confirmed yet.
CREATE TABLE ticket (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    person     text COLLATE "C" NOT NULL,
    purpose    text NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    data       text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX ticket_expiry ON ticket (expires_at);

-- recovery: codes that stand in for a second factor that was lost, each once.
CREATE TABLE recovery (
    person  text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    hash    text COLLATE "C" NOT NULL,
    used_at bigint NOT NULL,
    PRIMARY KEY (person, hash, bucket)
);

-- spent_step: the last step of a person's TOTP that was taken. No step is taken twice, nor one before it.
CREATE TABLE spent_step (
    person text COLLATE "C" NOT NULL,
    bucket integer NOT NULL,
    step   bigint NOT NULL,
    PRIMARY KEY (person, bucket)
);

-- attempt: how much of an allowance for guessing is used up: until when it fills itself again.
CREATE TABLE attempt (
    name    text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    full_at bigint NOT NULL,
    PRIMARY KEY (name, bucket)
);
CREATE INDEX attempt_full ON attempt (full_at);

-- person_event: what happened to people's access. Lines are added and never changed.
CREATE TABLE person_event (
    id      text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    owner   text COLLATE "C" NOT NULL,
    person  text COLLATE "C" NOT NULL,
    done_by text COLLATE "C" NOT NULL,
    kind    text NOT NULL,
    detail  text NOT NULL,
    address text NOT NULL,
    at      bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX person_event_owner ON person_event (owner, id);
CREATE INDEX person_event_person ON person_event (person, id);

-- +goose StatementBegin
CREATE FUNCTION person_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'person_event is only added to';
END $$;
-- +goose StatementEnd
CREATE TRIGGER person_event_stays BEFORE UPDATE OR DELETE ON person_event FOR EACH STATEMENT EXECUTE FUNCTION person_event_stays();
