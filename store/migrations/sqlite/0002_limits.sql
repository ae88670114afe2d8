-- +goose Up

-- spending_limit: what bounds the payments of a merchant, a PSP or a participant,
-- who is its id. 0 is no bound. It is apart from the records of these, because a
-- change of a record must never take back a limit whose counters are kept.
CREATE TABLE spending_limit (
    id           TEXT NOT NULL,
    bucket       INTEGER NOT NULL,
    least        INTEGER NOT NULL,
    most         INTEGER NOT NULL,
    daily        INTEGER NOT NULL,
    net_debit    INTEGER NOT NULL,
    counted_from INTEGER NOT NULL, -- payments created before are in no daily counter
    PRIMARY KEY (id, bucket)
) STRICT;
