-- +goose Up

-- How things are stored, the same in both databases: times are milliseconds
-- since 1970 (0 for never), money is tyiyn, truths are 0 and 1, lists and maps are
-- JSON text (empty for none). Ids and names compare byte by byte.
--
-- Every primary key contains the bucket, the shard of its row, so that tables can
-- be spread over databases later. Exceptions say why. No foreign keys between
-- buckets: on shards there are none, and rows are written in one commit anyway.

-- batch: one commit of the engine. A tombstone, which says that the batch can
-- never be committed, has facts = -1. The facts of a batch lie between first_fact
-- and last_fact, which are near each other because ids begin with the time.
CREATE TABLE batch (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    happened_at INTEGER NOT NULL DEFAULT 0,
    facts       INTEGER NOT NULL DEFAULT 0,
    first_fact  TEXT NOT NULL DEFAULT '',
    last_fact   TEXT NOT NULL DEFAULT '',
    position    INTEGER, -- of its first fact; null until it is numbered
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX batch_pending ON batch (happened_at, id) WHERE position IS NULL AND facts > 0;

-- claim: a name that may be taken once. The bucket is a hash of scope and key.
CREATE TABLE claim (
    bucket      INTEGER NOT NULL,
    scope       TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    object      TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (bucket, scope, key)
) STRICT, WITHOUT ROWID;
-- Idempotency keys are the only names that are forgotten.
CREATE INDEX claim_age ON claim (created_at) WHERE scope LIKE 'idem:%';

CREATE TABLE request (
    id              TEXT NOT NULL,
    bucket          INTEGER NOT NULL,
    merchant        TEXT NOT NULL,
    store           TEXT NOT NULL,
    till            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    status          TEXT NOT NULL,
    amount          INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    amount_editable INTEGER NOT NULL,
    description     TEXT NOT NULL,
    order_id        TEXT NOT NULL,
    extra           TEXT NOT NULL,
    success_url     TEXT NOT NULL,
    metadata        TEXT NOT NULL,
    payload         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    scanned_at      INTEGER NOT NULL,
    ended_at        INTEGER NOT NULL,
    paid_amount     INTEGER NOT NULL,
    payments_count  INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX request_merchant ON request (merchant, id);
CREATE INDEX request_order ON request (merchant, order_id, id) WHERE order_id <> '';
CREATE INDEX request_overdue ON request (expires_at) WHERE status IN ('active', 'paused') AND expires_at > 0;

-- request_total: what a static request has taken, spread over slices so that
-- payments of one sticker do not wait for each other.
CREATE TABLE request_total (
    request  TEXT NOT NULL,
    bucket   INTEGER NOT NULL,
    slice    INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    payments INTEGER NOT NULL,
    PRIMARY KEY (request, bucket, slice)
) STRICT, WITHOUT ROWID;

CREATE TABLE payment (
    id                   TEXT NOT NULL,
    bucket               INTEGER NOT NULL,
    request              TEXT NOT NULL,
    merchant             TEXT NOT NULL,
    store                TEXT NOT NULL,
    till                 TEXT NOT NULL,
    psp                  TEXT NOT NULL,
    psp_payment_id       TEXT NOT NULL,
    status               INTEGER NOT NULL,
    amount               INTEGER NOT NULL,
    currency             TEXT NOT NULL,
    fee                  INTEGER NOT NULL,
    interchange          INTEGER NOT NULL,
    fee_refundable       INTEGER NOT NULL,
    payer_key            TEXT NOT NULL,
    payer_name_masked    TEXT NOT NULL,
    payer_kind           TEXT NOT NULL,
    payer_bic            TEXT NOT NULL,
    receipt_id           TEXT NOT NULL,
    reason               TEXT NOT NULL,
    created_at           INTEGER NOT NULL,
    expires_at           INTEGER NOT NULL,
    ended_at             INTEGER NOT NULL,
    refunding            INTEGER NOT NULL,
    refunded             INTEGER NOT NULL,
    fee_returned         INTEGER NOT NULL,
    interchange_returned INTEGER NOT NULL,
    version              INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX payment_merchant ON payment (merchant, id);
CREATE INDEX payment_psp ON payment (psp, id);
CREATE INDEX payment_request ON payment (request, id);
-- live: the payments that wait for their execute, a minute at most, so this table is
-- always small. It stands apart from payment because a payment ends once: with
-- its status in no index, PostgreSQL changes the row in its place and touches none
-- of the indexes.
CREATE TABLE live (
    request    TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    payment    TEXT NOT NULL,
    psp        TEXT NOT NULL,
    payer_key  TEXT NOT NULL,
    amount     INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (request, payer_key, bucket, payment) -- a popular sticker has many payers, and each asks for its own
) STRICT, WITHOUT ROWID;
CREATE INDEX live_overdue ON live (expires_at);

CREATE TABLE refund (
    id                   TEXT NOT NULL,
    bucket               INTEGER NOT NULL,
    payment              TEXT NOT NULL,
    request              TEXT NOT NULL,
    merchant             TEXT NOT NULL,
    psp                  TEXT NOT NULL,
    psp_payment_id       TEXT NOT NULL,
    amount               INTEGER NOT NULL,
    currency             TEXT NOT NULL,
    status               TEXT NOT NULL,
    reason               TEXT NOT NULL,
    ref                  TEXT NOT NULL,
    psp_refund_id        TEXT NOT NULL,
    code                 TEXT NOT NULL,
    fee_returned         INTEGER NOT NULL,
    interchange_returned INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    ended_at             INTEGER NOT NULL,
    version              INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX refund_merchant ON refund (merchant, id);
CREATE INDEX refund_ended ON refund (merchant, ended_at) WHERE ended_at > 0;
CREATE INDEX refund_psp ON refund (psp, id);
CREATE INDEX refund_psp_status ON refund (psp, status, id);
CREATE INDEX refund_payment ON refund (payment, id);

-- fact: what happened; never updated. There is no index by batch: the batch knows
-- the range of its facts.
CREATE TABLE fact (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    batch       TEXT NOT NULL,
    ordinal     INTEGER NOT NULL,
    type        TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    merchant    TEXT NOT NULL,
    psp         TEXT NOT NULL,
    request     TEXT NOT NULL,
    payment     TEXT NOT NULL,
    refund      TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    fee         INTEGER NOT NULL,
    interchange INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

-- entry: the ledger; never updated.
CREATE TABLE entry (
    fact        TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    leg         INTEGER NOT NULL,
    debit       TEXT NOT NULL,
    credit      TEXT NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount > 0),
    happened_at INTEGER NOT NULL,
    PRIMARY KEY (fact, bucket, leg)
) STRICT, WITHOUT ROWID;
-- One entry of a payment touches what is owed to its merchant; a statement asks for those.
CREATE INDEX entry_credit ON entry (credit, happened_at) WHERE credit LIKE '%:payable';
CREATE INDEX entry_debit ON entry (debit, happened_at) WHERE debit LIKE '%:payable';

CREATE TABLE balance (
    account TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    slice   INTEGER NOT NULL,
    amount  INTEGER NOT NULL,
    PRIMARY KEY (account, bucket, slice)
) STRICT, WITHOUT ROWID;

-- feed: the numbered facts. Positions count over all shards, so the bucket cannot
-- be a part of their key; nor can it of a reader's sequence, which must be unique.
CREATE TABLE feed (
    position    INTEGER NOT NULL PRIMARY KEY,
    reader      TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    fact        TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    UNIQUE (reader, sequence)
) STRICT;

-- feed_head: where a reader's feed ends, and up to where all of it is acknowledged.
-- The empty reader is the platform: its row is the last position and the
-- sequencer's lock.
CREATE TABLE feed_head (
    reader TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    acked  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (reader, bucket)
) STRICT, WITHOUT ROWID;
INSERT INTO feed_head (reader, bucket, last) VALUES ('', 0, 0);

CREATE TABLE ack (
    reader   TEXT NOT NULL,
    bucket   INTEGER NOT NULL,
    fact     TEXT NOT NULL,
    acked_at INTEGER NOT NULL,
    PRIMARY KEY (reader, fact, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    endpoint    TEXT NOT NULL,
    merchant    TEXT NOT NULL,
    fact        TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    event_type  TEXT NOT NULL,
    status      TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    http_status INTEGER NOT NULL,
    error       TEXT NOT NULL,
    reply       TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX delivery_endpoint ON delivery (endpoint, id);
CREATE INDEX delivery_due ON delivery (endpoint, next_at, id) WHERE status = 'pending' AND next_at > 0;

CREATE TABLE endpoint_cursor (
    endpoint TEXT NOT NULL,
    bucket   INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (endpoint, bucket)
) STRICT, WITHOUT ROWID;

-- Reference data. It is small and read from every shard, so unique names (a
-- key's hash, an operator's login) need no bucket.
CREATE TABLE participant (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    name       TEXT NOT NULL,
    bic        TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

CREATE TABLE merchant (
    id               TEXT NOT NULL,
    bucket           INTEGER NOT NULL,
    participant      TEXT NOT NULL,
    name             TEXT NOT NULL,
    name_latin       TEXT NOT NULL,
    mcc              TEXT NOT NULL,
    tax_id           TEXT NOT NULL,
    bank_account     TEXT NOT NULL,
    suspended        INTEGER NOT NULL,
    tariff           TEXT NOT NULL,
    refund_overdraft INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX merchant_participant ON merchant (participant, id);

CREATE TABLE place (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    merchant   TEXT NOT NULL,
    name       TEXT NOT NULL,
    address    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX place_merchant ON place (merchant, id);

CREATE TABLE till (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    merchant   TEXT NOT NULL,
    store      TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX till_merchant ON till (merchant, id);

CREATE TABLE psp (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    participant TEXT NOT NULL,
    name        TEXT NOT NULL,
    bic         TEXT NOT NULL,
    suspended   INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX psp_participant ON psp (participant, id);

CREATE TABLE api_key (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    owner      TEXT NOT NULL,
    till       TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,
    hint       TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX api_key_owner ON api_key (owner, id);

CREATE TABLE operator (
    id            TEXT NOT NULL,
    bucket        INTEGER NOT NULL,
    login         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;

CREATE TABLE endpoint (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    merchant   TEXT NOT NULL,
    url        TEXT NOT NULL,
    secrets    TEXT NOT NULL,
    types      TEXT NOT NULL,
    disabled   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX endpoint_merchant ON endpoint (merchant, id);
