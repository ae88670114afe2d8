-- +goose Up

-- deed: the places of what people did, numbered without gaps by one sequencer after it was
-- written. What stands at a place is an event of people or of a proposal, in its own table.
CREATE TABLE deed (
    position bigint NOT NULL PRIMARY KEY,
    source   text COLLATE "C" NOT NULL,
    name     text COLLATE "C" NOT NULL,
    number   bigint NOT NULL,
    UNIQUE (source, name, number)
);

-- deed_tile, deed_checkpoint: the Merkle log over these places, as trail_tile and
-- trail_checkpoint are over the feed.
CREATE TABLE deed_tile (
    level  bigint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, number)
);

CREATE TABLE deed_checkpoint (
    number    bigint NOT NULL PRIMARY KEY,
    size      bigint NOT NULL,
    note      text NOT NULL,
    signed_at bigint NOT NULL
);
