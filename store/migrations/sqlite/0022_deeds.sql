-- +goose Up

-- deed: the places of what people did, numbered without gaps by one sequencer after it was
-- written. What stands at a place is an event of people or of a proposal, in its own table.
CREATE TABLE deed (
    position INTEGER NOT NULL PRIMARY KEY,
    source   TEXT NOT NULL,
    name     TEXT NOT NULL,
    number   INTEGER NOT NULL,
    UNIQUE (source, name, number)
) STRICT;

-- deed_tile, deed_checkpoint: the Merkle log over these places, as trail_tile and
-- trail_checkpoint are over the feed.
CREATE TABLE deed_tile (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE deed_checkpoint (
    number    INTEGER NOT NULL PRIMARY KEY,
    size      INTEGER NOT NULL,
    note      TEXT NOT NULL,
    signed_at INTEGER NOT NULL
) STRICT;
