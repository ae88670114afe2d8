-- +goose Up

-- spending_limit: what bounds the payments of a merchant, a PSP or a participant,
-- who is its id. 0 is no bound. It is apart from the records of these, because a
-- change of a record must never take back a limit whose counters are kept.
CREATE TABLE spending_limit (
    id           text COLLATE "C" NOT NULL,
    bucket       integer NOT NULL,
    least        bigint  NOT NULL,
    most         bigint  NOT NULL,
    daily        bigint  NOT NULL,
    net_debit    bigint  NOT NULL,
    counted_from bigint  NOT NULL, -- payments created before are in no daily counter
    PRIMARY KEY (id, bucket)
);
