-- +goose Up

-- endpoint_hold: which node delivers to an endpoint, and until when. Without it
-- every node would send every event: harmless, because receivers tell repeats, but
-- as many times the traffic as there are nodes.
CREATE TABLE endpoint_hold (
    endpoint   TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    holder     TEXT NOT NULL,
    held_until INTEGER NOT NULL,
    PRIMARY KEY (endpoint, bucket)
) STRICT, WITHOUT ROWID;
