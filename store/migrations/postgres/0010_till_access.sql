-- +goose Up

-- What a merchant's key may do, from where, for which store, and until when. Keys of before
-- may do everything from anywhere, as they could.
ALTER TABLE api_key ADD COLUMN store text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN scopes text NOT NULL DEFAULT 'read request refund report';
ALTER TABLE api_key ADD COLUMN networks text NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN replaced_by text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN expires_at bigint NOT NULL DEFAULT 0;

-- last_use: when keys and sessions were last used, to the minute. It stands apart because
-- a use is no change of reference data.
CREATE TABLE last_use (
    id      text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    used_at bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);

-- pairing: codes by which tills are given keys of their own, each once.
CREATE TABLE pairing (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    merchant   text COLLATE "C" NOT NULL,
    till       text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX pairing_merchant ON pairing (merchant, id);

-- till_session: browsers that are signed in to the point of sale.
CREATE TABLE till_session (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    merchant   text COLLATE "C" NOT NULL,
    till       text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at   bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX till_session_merchant ON till_session (merchant, id);
