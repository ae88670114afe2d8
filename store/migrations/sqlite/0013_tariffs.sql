-- +goose Up

-- tariff_version: what a merchant, a category of merchants ("mcc:5411") or the centre
-- asks for payments from a moment on. The bucket is the merchant's. A row is never
-- changed, but for one that is withdrawn before it begins. The tariff in a merchant's
-- own record is its first version and has no row here.
CREATE TABLE tariff_version (
    id           TEXT NOT NULL,
    bucket       INTEGER  NOT NULL,
    owner        TEXT NOT NULL,
    tariff       TEXT     NOT NULL,
    shares       TEXT     NOT NULL,
    ends         INTEGER NOT NULL,
    valid_from   INTEGER   NOT NULL,
    created_at   INTEGER   NOT NULL,
    put_by       TEXT     NOT NULL,
    withdrawn_at INTEGER   NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX tariff_version_owner ON tariff_version (owner, id);
CREATE UNIQUE INDEX tariff_version_moment ON tariff_version (owner, valid_from) WHERE withdrawn_at = 0;

-- surcharge: the fee where the payer bears it, on top of the amount. tariff: the
-- version that a payment was priced by; empty for those of before.
ALTER TABLE payment ADD COLUMN surcharge INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN surcharge_returning INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN surcharge_returned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN tariff TEXT NOT NULL DEFAULT '';
ALTER TABLE live ADD COLUMN surcharge INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN charge INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN surcharge_returned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fact ADD COLUMN surcharge INTEGER NOT NULL DEFAULT 0;
