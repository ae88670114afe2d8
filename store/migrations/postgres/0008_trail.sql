-- +goose Up

-- trail_tile: the hashes of the Merkle log over the feed, up to 256 neighbouring ones of a
-- level in a row. It is computed from the feed and can be computed again.
CREATE TABLE trail_tile (
    level  bigint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, number)
);

-- trail_checkpoint: what was signed of the log. size is how many lines it had, note the
-- signed text.
CREATE TABLE trail_checkpoint (
    number    bigint NOT NULL PRIMARY KEY,
    size      bigint NOT NULL,
    note      text NOT NULL,
    signed_at bigint NOT NULL
);
