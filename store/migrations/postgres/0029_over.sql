-- +goose Up

-- By how much a cap was passed when it was set, or by what no cap bounds since; and the days, from the one on which
-- it was set. over_at is set_at where a program that knows of these set the limits; else both mean nothing. An audit
-- needs them: it can tell by no order of times what was there before a cap, because a clock may go back.
ALTER TABLE spending_limit ADD COLUMN net_debit_over bigint NOT NULL DEFAULT 0;
ALTER TABLE spending_limit ADD COLUMN daily_over bigint NOT NULL DEFAULT 0;
ALTER TABLE spending_limit ADD COLUMN over_at bigint NOT NULL DEFAULT 0;
