-- +goose Up

-- endpoint_hold: which node delivers to an endpoint, and until when. Without it
-- every node would send every event: harmless, because receivers tell repeats, but
-- as many times the traffic as there are nodes.
CREATE TABLE endpoint_hold (
    endpoint   text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    holder     text COLLATE "C" NOT NULL,
    held_until bigint  NOT NULL,
    PRIMARY KEY (endpoint, bucket)
);
