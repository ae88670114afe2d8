-- +goose Up

-- Who settles, which payout, and for which business day; of the facts of settlement
-- alone. The others do not name these columns.
ALTER TABLE fact ADD COLUMN participant text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE fact ADD COLUMN payout text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE fact ADD COLUMN day text COLLATE "C" NOT NULL DEFAULT '';

-- holiday: dates on which banks do not settle although it is no weekend, or do
-- although it is one. The id is the date. There is one calendar for all shards.
CREATE TABLE holiday (
    id      text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    name    text NOT NULL,
    banking smallint NOT NULL,
    PRIMARY KEY (id, bucket)
);

-- day_fold: the day that is going on: its number, the position up to which its
-- totals are counted, and its end where an operator has set one. One row.
CREATE TABLE day_fold (
    id       text COLLATE "C" NOT NULL,
    bucket   integer NOT NULL,
    number   bigint NOT NULL,
    position bigint NOT NULL,
    cut_at   bigint NOT NULL,
    late     bigint NOT NULL,
    version  bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
INSERT INTO day_fold (id, bucket, number, position, cut_at, late, version) VALUES ('', 0, 1, 0, 0, 0, 0);

-- day: days whose cut-off was taken. The id is the date, so a date has one day. A day
-- is a range of positions, which count over all shards.
CREATE TABLE day (
    id            text COLLATE "C" NOT NULL,
    bucket        integer NOT NULL,
    number        bigint NOT NULL,
    from_position bigint NOT NULL,
    to_position   bigint NOT NULL,
    status        text NOT NULL,
    cut_at        bigint NOT NULL,
    taken_at      bigint NOT NULL,
    closed_at     bigint NOT NULL,
    late          bigint NOT NULL,
    message       text NOT NULL,
    digest        text NOT NULL,
    attempt       integer NOT NULL,
    submitted_at  bigint NOT NULL,
    accepted_at   bigint NOT NULL,
    ended_at      bigint NOT NULL,
    reason        text NOT NULL,
    stage         text NOT NULL,
    cursor_at     text COLLATE "C" NOT NULL,
    version       bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE UNIQUE INDEX day_number ON day (number, bucket);
CREATE INDEX day_unfinished ON day (number) WHERE stage <> '';

-- day_total: what the facts of a day make of an owner's money. day is the number.
CREATE TABLE day_total (
    owner         text COLLATE "C" NOT NULL,
    bucket        integer NOT NULL,
    day           bigint NOT NULL,
    participant   text COLLATE "C" NOT NULL,
    opening       bigint NOT NULL,
    payments      bigint NOT NULL,
    count         bigint NOT NULL,
    fees          bigint NOT NULL,
    refunds       bigint NOT NULL,
    refunds_count bigint NOT NULL,
    rejected      bigint NOT NULL,
    fees_returned bigint NOT NULL,
    returned      bigint NOT NULL,
    interchange   bigint NOT NULL,
    adjusted      bigint NOT NULL,
    PRIMARY KEY (day, owner, bucket)
);

-- day_position: what a day comes to for each participant, and for the centre, whose
-- id is empty. The bucket is the participant's.
CREATE TABLE day_position (
    participant    text COLLATE "C" NOT NULL,
    bucket         integer NOT NULL,
    day            text COLLATE "C" NOT NULL,
    name           text NOT NULL,
    bic            text NOT NULL,
    paid           bigint NOT NULL,
    paid_count     bigint NOT NULL,
    refunded       bigint NOT NULL,
    refunded_count bigint NOT NULL,
    interchange    bigint NOT NULL,
    payouts        bigint NOT NULL,
    payouts_count  bigint NOT NULL,
    returned       bigint NOT NULL,
    adjusted       bigint NOT NULL,
    fees           bigint NOT NULL,
    held           bigint NOT NULL,
    net            bigint NOT NULL,
    PRIMARY KEY (day, participant, bucket)
);

-- payout: what a merchant is paid for a day, one at most. The bucket is the merchant's.
CREATE TABLE payout (
    id            text COLLATE "C" NOT NULL,
    bucket        integer NOT NULL,
    day           text COLLATE "C" NOT NULL,
    merchant      text COLLATE "C" NOT NULL,
    participant   text COLLATE "C" NOT NULL,
    merchant_name text NOT NULL,
    bank_account  text NOT NULL,
    currency      text NOT NULL,
    amount        bigint NOT NULL CHECK (amount > 0),
    opening       bigint NOT NULL,
    payments      bigint NOT NULL,
    count         bigint NOT NULL,
    fees          bigint NOT NULL,
    refunds       bigint NOT NULL,
    rejected      bigint NOT NULL,
    fees_returned bigint NOT NULL,
    returned      bigint NOT NULL,
    adjusted      bigint NOT NULL,
    held          bigint NOT NULL,
    status        text NOT NULL,
    reason        text NOT NULL,
    created_at    bigint NOT NULL,
    paid_at       bigint NOT NULL,
    ended_at      bigint NOT NULL,
    version       bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX payout_day ON payout (day, id);
CREATE INDEX payout_merchant ON payout (merchant, id);
CREATE UNIQUE INDEX payout_once ON payout (merchant, day, bucket);
