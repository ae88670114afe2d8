-- +goose Up

-- Who settles, which payout, and for which business day; of the facts of settlement
-- alone. The others do not name these columns.
ALTER TABLE fact ADD COLUMN participant TEXT NOT NULL DEFAULT '';
ALTER TABLE fact ADD COLUMN payout TEXT NOT NULL DEFAULT '';
ALTER TABLE fact ADD COLUMN day TEXT NOT NULL DEFAULT '';

-- holiday: dates on which banks do not settle although it is no weekend, or do
-- although it is one. The id is the date. There is one calendar for all shards.
CREATE TABLE holiday (
    id      TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    name    TEXT NOT NULL,
    banking INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

-- day_fold: the day that is going on: its number, the position up to which its
-- totals are counted, and its end where an operator has set one. One row.
CREATE TABLE day_fold (
    id       TEXT NOT NULL,
    bucket   INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    position INTEGER NOT NULL,
    cut_at   INTEGER NOT NULL,
    late     INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
INSERT INTO day_fold (id, bucket, number, position, cut_at, late, version) VALUES ('', 0, 1, 0, 0, 0, 0);

-- day: days whose cut-off was taken. The id is the date, so a date has one day. A day
-- is a range of positions, which count over all shards.
CREATE TABLE day (
    id            TEXT NOT NULL,
    bucket        INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    from_position INTEGER NOT NULL,
    to_position   INTEGER NOT NULL,
    status        TEXT NOT NULL,
    cut_at        INTEGER NOT NULL,
    taken_at      INTEGER NOT NULL,
    closed_at     INTEGER NOT NULL,
    late          INTEGER NOT NULL,
    message       TEXT NOT NULL,
    digest        TEXT NOT NULL,
    attempt       INTEGER NOT NULL,
    submitted_at  INTEGER NOT NULL,
    accepted_at   INTEGER NOT NULL,
    ended_at      INTEGER NOT NULL,
    reason        TEXT NOT NULL,
    stage         TEXT NOT NULL,
    cursor_at     TEXT NOT NULL,
    version       INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE UNIQUE INDEX day_number ON day (number, bucket);
CREATE INDEX day_unfinished ON day (number) WHERE stage <> '';

-- day_total: what the facts of a day make of an owner's money. day is the number.
CREATE TABLE day_total (
    owner         TEXT NOT NULL,
    bucket        INTEGER NOT NULL,
    day           INTEGER NOT NULL,
    participant   TEXT NOT NULL,
    opening       INTEGER NOT NULL,
    payments      INTEGER NOT NULL,
    count         INTEGER NOT NULL,
    fees          INTEGER NOT NULL,
    refunds       INTEGER NOT NULL,
    refunds_count INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    fees_returned INTEGER NOT NULL,
    returned      INTEGER NOT NULL,
    interchange   INTEGER NOT NULL,
    adjusted      INTEGER NOT NULL,
    PRIMARY KEY (day, owner, bucket)
) STRICT;

-- day_position: what a day comes to for each participant, and for the centre, whose
-- id is empty. The bucket is the participant's.
CREATE TABLE day_position (
    participant    TEXT NOT NULL,
    bucket         INTEGER NOT NULL,
    day            TEXT NOT NULL,
    name           TEXT NOT NULL,
    bic            TEXT NOT NULL,
    paid           INTEGER NOT NULL,
    paid_count     INTEGER NOT NULL,
    refunded       INTEGER NOT NULL,
    refunded_count INTEGER NOT NULL,
    interchange    INTEGER NOT NULL,
    payouts        INTEGER NOT NULL,
    payouts_count  INTEGER NOT NULL,
    returned       INTEGER NOT NULL,
    adjusted       INTEGER NOT NULL,
    fees           INTEGER NOT NULL,
    held           INTEGER NOT NULL,
    net            INTEGER NOT NULL,
    PRIMARY KEY (day, participant, bucket)
) STRICT;

-- payout: what a merchant is paid for a day, one at most. The bucket is the merchant's.
CREATE TABLE payout (
    id            TEXT NOT NULL,
    bucket        INTEGER NOT NULL,
    day           TEXT NOT NULL,
    merchant      TEXT NOT NULL,
    participant   TEXT NOT NULL,
    merchant_name TEXT NOT NULL,
    bank_account  TEXT NOT NULL,
    currency      TEXT NOT NULL,
    amount        INTEGER NOT NULL CHECK (amount > 0),
    opening       INTEGER NOT NULL,
    payments      INTEGER NOT NULL,
    count         INTEGER NOT NULL,
    fees          INTEGER NOT NULL,
    refunds       INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    fees_returned INTEGER NOT NULL,
    returned      INTEGER NOT NULL,
    adjusted      INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    status        TEXT NOT NULL,
    reason        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    paid_at       INTEGER NOT NULL,
    ended_at      INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX payout_day ON payout (day, id);
CREATE INDEX payout_merchant ON payout (merchant, id);
CREATE UNIQUE INDEX payout_once ON payout (merchant, day, bucket);
