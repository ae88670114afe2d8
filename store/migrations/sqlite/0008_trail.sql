-- +goose Up

-- trail_tile: the hashes of the Merkle log over the feed, up to 256 neighbouring ones of a
-- level in a row. It is computed from the feed and can be computed again.
CREATE TABLE trail_tile (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

-- trail_checkpoint: what was signed of the log. size is how many lines it had, note the
-- signed text.
CREATE TABLE trail_checkpoint (
    number    INTEGER NOT NULL PRIMARY KEY,
    size      INTEGER NOT NULL,
    note      TEXT NOT NULL,
    signed_at INTEGER NOT NULL
) STRICT;
