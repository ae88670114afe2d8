-- +goose Up

-- set_at is when the limits were set, by the database's clock; 0 for those set before
-- it was noted. An audit needs it: a cap may be put below what is used, and then
-- nothing more may have been added since.
ALTER TABLE spending_limit ADD COLUMN set_at bigint NOT NULL DEFAULT 0;
