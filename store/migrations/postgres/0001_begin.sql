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
    id          text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    happened_at bigint  NOT NULL DEFAULT 0,
    facts       integer NOT NULL DEFAULT 0,
    first_fact  text COLLATE "C" NOT NULL DEFAULT '',
    last_fact   text COLLATE "C" NOT NULL DEFAULT '',
    position    bigint, -- of its first fact; null until it is numbered
    PRIMARY KEY (id, bucket)
);
CREATE INDEX batch_pending ON batch (happened_at, id) WHERE position IS NULL AND facts > 0;

-- claim: a name that may be taken once. The bucket is a hash of scope and key.
CREATE TABLE claim (
    bucket      integer NOT NULL,
    scope       text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint text   NOT NULL,
    object      text COLLATE "C" NOT NULL,
    outcome     text   NOT NULL,
    created_at  bigint NOT NULL,
    PRIMARY KEY (bucket, scope, key)
);
-- Idempotency keys are the only names that are forgotten.
CREATE INDEX claim_age ON claim (created_at) WHERE scope LIKE 'idem:%';

CREATE TABLE request (
    id              text COLLATE "C" NOT NULL,
    bucket          integer  NOT NULL,
    merchant        text COLLATE "C" NOT NULL,
    store           text COLLATE "C" NOT NULL,
    till            text COLLATE "C" NOT NULL,
    kind            text     NOT NULL,
    status          text     NOT NULL,
    amount          bigint   NOT NULL,
    currency        text     NOT NULL,
    amount_editable smallint NOT NULL,
    description     text     NOT NULL,
    order_id        text COLLATE "C" NOT NULL,
    extra           text     NOT NULL,
    success_url     text     NOT NULL,
    metadata        text     NOT NULL,
    payload         text     NOT NULL,
    created_at      bigint   NOT NULL,
    expires_at      bigint   NOT NULL,
    scanned_at      bigint   NOT NULL,
    ended_at        bigint   NOT NULL,
    paid_amount     bigint   NOT NULL,
    payments_count  bigint   NOT NULL,
    version         bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX request_merchant ON request (merchant, id);
CREATE INDEX request_order ON request (merchant, order_id, id) WHERE order_id <> '';
CREATE INDEX request_overdue ON request (expires_at) WHERE status IN ('active', 'paused') AND expires_at > 0;

-- request_total: what a static request has taken, spread over slices so that
-- payments of one sticker do not wait for each other.
CREATE TABLE request_total (
    request  text COLLATE "C" NOT NULL,
    bucket   integer NOT NULL,
    slice    integer NOT NULL,
    amount   bigint  NOT NULL,
    payments bigint  NOT NULL,
    PRIMARY KEY (request, bucket, slice)
) WITH (fillfactor = 50);

CREATE TABLE payment (
    id                   text COLLATE "C" NOT NULL,
    bucket               integer  NOT NULL,
    request              text COLLATE "C" NOT NULL,
    merchant             text COLLATE "C" NOT NULL,
    store                text COLLATE "C" NOT NULL,
    till                 text COLLATE "C" NOT NULL,
    psp                  text COLLATE "C" NOT NULL,
    psp_payment_id       text     NOT NULL,
    status               smallint NOT NULL,
    amount               bigint   NOT NULL,
    currency             text     NOT NULL,
    fee                  bigint   NOT NULL,
    interchange          bigint   NOT NULL,
    fee_refundable       smallint NOT NULL,
    payer_key            text COLLATE "C" NOT NULL,
    payer_name_masked    text     NOT NULL,
    payer_kind           text     NOT NULL,
    payer_bic            text     NOT NULL,
    receipt_id           text     NOT NULL,
    reason               text     NOT NULL,
    created_at           bigint   NOT NULL,
    expires_at           bigint   NOT NULL,
    ended_at             bigint   NOT NULL,
    refunding            bigint   NOT NULL,
    refunded             bigint   NOT NULL,
    fee_returned         bigint   NOT NULL,
    interchange_returned bigint   NOT NULL,
    version              bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
) WITH (fillfactor = 75);
CREATE INDEX payment_merchant ON payment (merchant, id);
CREATE INDEX payment_psp ON payment (psp, id);
CREATE INDEX payment_request ON payment (request, id);
-- live: the payments that wait for their execute, a minute at most, so this table is
-- always small. It stands apart from payment because a payment ends once: with
-- its status in no index, PostgreSQL changes the row in its place and touches none
-- of the indexes.
CREATE TABLE live (
    request    text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    payment    text COLLATE "C" NOT NULL,
    psp        text COLLATE "C" NOT NULL,
    payer_key  text COLLATE "C" NOT NULL,
    amount     bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (request, payer_key, bucket, payment) -- a popular sticker has many payers, and each asks for its own
);
CREATE INDEX live_overdue ON live (expires_at);

CREATE TABLE refund (
    id                   text COLLATE "C" NOT NULL,
    bucket               integer NOT NULL,
    payment              text COLLATE "C" NOT NULL,
    request              text COLLATE "C" NOT NULL,
    merchant             text COLLATE "C" NOT NULL,
    psp                  text COLLATE "C" NOT NULL,
    psp_payment_id       text   NOT NULL,
    amount               bigint NOT NULL,
    currency             text   NOT NULL,
    status               text   NOT NULL,
    reason               text   NOT NULL,
    ref                  text   NOT NULL,
    psp_refund_id        text   NOT NULL,
    code                 text   NOT NULL,
    fee_returned         bigint NOT NULL,
    interchange_returned bigint NOT NULL,
    created_at           bigint NOT NULL,
    ended_at             bigint NOT NULL,
    version              bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX refund_merchant ON refund (merchant, id);
CREATE INDEX refund_ended ON refund (merchant, ended_at) WHERE ended_at > 0;
CREATE INDEX refund_psp ON refund (psp, id);
CREATE INDEX refund_psp_status ON refund (psp, status, id);
CREATE INDEX refund_payment ON refund (payment, id);

-- fact: what happened; never updated. There is no index by batch: the batch knows
-- the range of its facts.
CREATE TABLE fact (
    id          text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    batch       text COLLATE "C" NOT NULL,
    ordinal     integer NOT NULL,
    type        text    NOT NULL,
    happened_at bigint  NOT NULL,
    merchant    text COLLATE "C" NOT NULL,
    psp         text COLLATE "C" NOT NULL,
    request     text COLLATE "C" NOT NULL,
    payment     text COLLATE "C" NOT NULL,
    refund      text COLLATE "C" NOT NULL,
    amount      bigint  NOT NULL,
    fee         bigint  NOT NULL,
    interchange bigint  NOT NULL,
    reason      text    NOT NULL,
    PRIMARY KEY (id, bucket)
);

-- entry: the ledger; never updated.
CREATE TABLE entry (
    fact        text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    leg         integer NOT NULL,
    debit       text COLLATE "C" NOT NULL,
    credit      text COLLATE "C" NOT NULL,
    amount      bigint  NOT NULL CHECK (amount > 0),
    happened_at bigint  NOT NULL,
    PRIMARY KEY (fact, bucket, leg)
);
-- One entry of a payment touches what is owed to its merchant; a statement asks for those.
CREATE INDEX entry_credit ON entry (credit, happened_at) WHERE credit LIKE '%:payable';
CREATE INDEX entry_debit ON entry (debit, happened_at) WHERE debit LIKE '%:payable';

-- balance: half of each page stays free, so that updates need no new index entries.
CREATE TABLE balance (
    account text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    slice   integer NOT NULL,
    amount  bigint  NOT NULL,
    PRIMARY KEY (account, bucket, slice)
) WITH (fillfactor = 50);

-- feed: the numbered facts. Positions count over all shards, so the bucket cannot
-- be a part of their key; nor can it of a reader's sequence, which must be unique.
CREATE TABLE feed (
    position    bigint NOT NULL PRIMARY KEY,
    reader      text COLLATE "C" NOT NULL,
    sequence    bigint NOT NULL,
    fact        text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    happened_at bigint NOT NULL,
    UNIQUE (reader, sequence)
);

-- feed_head: where a reader's feed ends, and up to where all of it is acknowledged.
-- The empty reader is the platform: its row is the last position and the
-- sequencer's lock.
CREATE TABLE feed_head (
    reader text COLLATE "C" NOT NULL,
    bucket integer NOT NULL,
    last   bigint  NOT NULL,
    acked  bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (reader, bucket)
) WITH (fillfactor = 50);
INSERT INTO feed_head (reader, bucket, last) VALUES ('', 0, 0);

CREATE TABLE ack (
    reader   text COLLATE "C" NOT NULL,
    bucket   integer NOT NULL,
    fact     text COLLATE "C" NOT NULL,
    acked_at bigint  NOT NULL,
    PRIMARY KEY (reader, fact, bucket)
);

CREATE TABLE delivery (
    id          text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    endpoint    text COLLATE "C" NOT NULL,
    merchant    text COLLATE "C" NOT NULL,
    fact        text COLLATE "C" NOT NULL,
    sequence    bigint  NOT NULL,
    event_type  text    NOT NULL,
    status      text    NOT NULL,
    attempts    integer NOT NULL,
    http_status integer NOT NULL,
    error       text    NOT NULL,
    reply       text    NOT NULL,
    duration_ms bigint  NOT NULL,
    created_at  bigint  NOT NULL,
    last_at     bigint  NOT NULL,
    next_at     bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX delivery_endpoint ON delivery (endpoint, id);
CREATE INDEX delivery_due ON delivery (endpoint, next_at, id) WHERE status = 'pending' AND next_at > 0;

CREATE TABLE endpoint_cursor (
    endpoint text COLLATE "C" NOT NULL,
    bucket   integer NOT NULL,
    sequence bigint  NOT NULL,
    PRIMARY KEY (endpoint, bucket)
) WITH (fillfactor = 50);

-- Reference data. It is small and read from every shard, so unique names (a
-- key's hash, an operator's login) need no bucket.
CREATE TABLE participant (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    name       text    NOT NULL,
    bic        text    NOT NULL,
    created_at bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);

CREATE TABLE merchant (
    id               text COLLATE "C" NOT NULL,
    bucket           integer  NOT NULL,
    participant      text COLLATE "C" NOT NULL,
    name             text     NOT NULL,
    name_latin       text     NOT NULL,
    mcc              text     NOT NULL,
    tax_id           text     NOT NULL,
    bank_account     text     NOT NULL,
    suspended        smallint NOT NULL,
    tariff           text     NOT NULL,
    refund_overdraft bigint   NOT NULL,
    created_at       bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX merchant_participant ON merchant (participant, id);

CREATE TABLE place (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    merchant   text COLLATE "C" NOT NULL,
    name       text    NOT NULL,
    address    text    NOT NULL,
    created_at bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX place_merchant ON place (merchant, id);

CREATE TABLE till (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    merchant   text COLLATE "C" NOT NULL,
    store      text COLLATE "C" NOT NULL,
    name       text    NOT NULL,
    created_at bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX till_merchant ON till (merchant, id);

CREATE TABLE psp (
    id          text COLLATE "C" NOT NULL,
    bucket      integer  NOT NULL,
    participant text COLLATE "C" NOT NULL,
    name        text     NOT NULL,
    bic         text     NOT NULL,
    suspended   smallint NOT NULL,
    created_at  bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX psp_participant ON psp (participant, id);

CREATE TABLE api_key (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    till       text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL UNIQUE,
    hint       text    NOT NULL,
    name       text    NOT NULL,
    created_at bigint  NOT NULL,
    revoked_at bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX api_key_owner ON api_key (owner, id);

CREATE TABLE operator (
    id            text COLLATE "C" NOT NULL,
    bucket        integer NOT NULL,
    login         text COLLATE "C" NOT NULL UNIQUE,
    password_hash text    NOT NULL,
    created_at    bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);

CREATE TABLE endpoint (
    id         text COLLATE "C" NOT NULL,
    bucket     integer  NOT NULL,
    merchant   text COLLATE "C" NOT NULL,
    url        text     NOT NULL,
    secrets    text     NOT NULL,
    types      text     NOT NULL,
    disabled   smallint NOT NULL,
    created_at bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX endpoint_merchant ON endpoint (merchant, id);
