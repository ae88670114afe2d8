-- +goose Up

-- erasure: up to which row, in the order of their ids, personal data of each kind of rows
-- was erased; one row for each kind, in bucket 0.
CREATE TABLE erasure (
    kind   text    NOT NULL,
    bucket integer NOT NULL,
    until  text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, bucket)
);

-- erasure_wait: rows up to there that had not ended, and are looked at again.
CREATE TABLE erasure_wait (
    kind   text    NOT NULL,
    id     text COLLATE "C" NOT NULL,
    bucket integer NOT NULL,
    PRIMARY KEY (kind, id, bucket)
);
