-- +goose Up

-- file: files made of closed days, and answers that came. What is made is not kept but
-- made again; content is that of answers. claim is what there is one file for; the
-- id has the bucket of the claim, so that it is unique on shards.
CREATE TABLE file (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    claim      TEXT NOT NULL,
    owner      TEXT NOT NULL,
    day        TEXT NOT NULL,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    message    TEXT NOT NULL,
    settings   TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    status     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    place      TEXT NOT NULL,
    content    TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE UNIQUE INDEX file_claim ON file (claim, bucket);
CREATE INDEX file_day ON file (day, id);
CREATE INDEX file_owner ON file (owner, id);
CREATE INDEX file_message ON file (message);
CREATE INDEX file_due ON file (next_at) WHERE next_at > 0;

-- destination: where the files of an owner go. The id is the owner's.
CREATE TABLE destination (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    address     TEXT NOT NULL,
    login       TEXT NOT NULL,
    host_key    TEXT NOT NULL,
    private_key TEXT NOT NULL,
    folder      TEXT NOT NULL,
    inbox       TEXT NOT NULL,
    latin       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
