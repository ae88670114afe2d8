-- +goose Up

-- The account that a merchant had when a day was closed, so that the day's records stay as they are when it has another.
-- Empty in days of before: then it is the merchant's present one.
ALTER TABLE day_total ADD COLUMN bank_account TEXT NOT NULL DEFAULT '';
