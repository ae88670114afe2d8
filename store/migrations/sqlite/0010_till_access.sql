-- +goose Up

-- What a merchant's key may do, from where, for which store, and until when. Keys of before
-- may do everything from anywhere, as they could.
ALTER TABLE api_key ADD COLUMN store TEXT NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read request refund report';
ALTER TABLE api_key ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;

-- last_use: when keys and sessions were last used, to the minute. It stands apart because
-- a use is no change of reference data.
CREATE TABLE last_use (
    id      TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

-- pairing: codes by which tills are given keys of their own, each once.
CREATE TABLE pairing (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    merchant   TEXT NOT NULL,
    till       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX pairing_merchant ON pairing (merchant, id);

-- till_session: browsers that are signed in to the point of sale.
CREATE TABLE till_session (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    merchant   TEXT NOT NULL,
    till       TEXT NOT NULL,
    key        TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX till_session_merchant ON till_session (merchant, id);
