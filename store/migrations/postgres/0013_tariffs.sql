-- +goose Up

-- tariff_version: what a merchant, a category of merchants ("mcc:5411") or the centre
-- asks for payments from a moment on. The bucket is the merchant's. A row is never
-- changed, but for one that is withdrawn before it begins. The tariff in a merchant's
-- own record is its first version and has no row here.
CREATE TABLE tariff_version (
    id           text COLLATE "C" NOT NULL,
    bucket       integer  NOT NULL,
    owner        text COLLATE "C" NOT NULL,
    tariff       text     NOT NULL,
    shares       text     NOT NULL,
    ends         smallint NOT NULL,
    valid_from   bigint   NOT NULL,
    created_at   bigint   NOT NULL,
    put_by       text     NOT NULL,
    withdrawn_at bigint   NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX tariff_version_owner ON tariff_version (owner, id);
CREATE UNIQUE INDEX tariff_version_moment ON tariff_version (owner, valid_from) WHERE withdrawn_at = 0;

-- surcharge: the fee where the payer bears it, on top of the amount. tariff: the
-- version that a payment was priced by; empty for those of before.
ALTER TABLE payment ADD COLUMN surcharge bigint NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN surcharge_returning bigint NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN surcharge_returned bigint NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN tariff text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE live ADD COLUMN surcharge bigint NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN charge bigint NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN surcharge_returned bigint NOT NULL DEFAULT 0;
ALTER TABLE fact ADD COLUMN surcharge bigint NOT NULL DEFAULT 0;

-- cells20: rows as an argument, as in 0004; a payment has seventeen numbers now.
CREATE TYPE cells20 AS (
    t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, t9 text, t10 text, t11 text, t12 text, t13 text, t14 text, t15 text, t16 text, t17 text, t18 text, t19 text, t20 text,
    i1 bigint, i2 bigint, i3 bigint, i4 bigint, i5 bigint, i6 bigint, i7 bigint, i8 bigint, i9 bigint, i10 bigint, i11 bigint, i12 bigint, i13 bigint, i14 bigint, i15 bigint, i16 bigint, i17 bigint, i18 bigint, i19 bigint, i20 bigint
);
