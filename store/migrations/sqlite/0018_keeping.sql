-- +goose Up

-- erasure: up to which row, in the order of their ids, personal data of each kind of rows
-- was erased; one row for each kind, in bucket 0.
CREATE TABLE erasure (
    kind   TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    until  TEXT NOT NULL,
    PRIMARY KEY (kind, bucket)
) STRICT;

-- erasure_wait: rows up to there that had not ended, and are looked at again.
CREATE TABLE erasure_wait (
    kind   TEXT NOT NULL,
    id     TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    PRIMARY KEY (kind, id, bucket)
) STRICT;
