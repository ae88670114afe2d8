-- +goose Up

-- psp_key: public keys of PSPs, several at once while one takes the place of
-- another. Reference data, like api_key.
CREATE TABLE psp_key (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    psp        TEXT NOT NULL,
    name       TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    public_key TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX psp_key_psp ON psp_key (psp, id);

-- psp_certificate: the client certificates that PSPs may come with.
CREATE TABLE psp_certificate (
    id             TEXT NOT NULL,
    bucket         INTEGER NOT NULL,
    psp            TEXT NOT NULL,
    fingerprint_of TEXT NOT NULL,
    fingerprint    TEXT NOT NULL,
    name           TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    removed_at     INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX psp_certificate_psp ON psp_certificate (psp, id);

-- platform_key: the keys that the platform's answers are signed with.
CREATE TABLE platform_key (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    private_key TEXT NOT NULL,
    signs_from  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    retired_at  INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

-- nonce: the nonces of signed requests, for the minutes in which their signatures
-- would be accepted. created_at is that of the signature. The bucket is the key's.
CREATE TABLE nonce (
    key        TEXT NOT NULL,
    nonce      TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (key, nonce, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_age ON nonce (created_at);
