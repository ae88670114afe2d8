-- +goose NO TRANSACTION
-- +goose Up

-- Indexes on tables that nodes write to while they are made: CONCURRENTLY, so that nobody
-- waits, and therefore outside of a transaction. One that is killed in the middle leaves an
-- index that is not valid and is used by no question, and the migration begins again from
-- its first statement: so each index is dropped, whatever is left of it, and made anew.

-- What is forgotten of tills is found by when it expired.
DROP INDEX CONCURRENTLY IF EXISTS pairing_expires;
CREATE INDEX CONCURRENTLY pairing_expires ON pairing (expires_at);
DROP INDEX CONCURRENTLY IF EXISTS till_session_expires;
CREATE INDEX CONCURRENTLY till_session_expires ON till_session (expires_at);

-- Refunds that a PSP has given, by when.
DROP INDEX CONCURRENTLY IF EXISTS refund_given;
CREATE INDEX CONCURRENTLY refund_given ON refund (psp, ended_at) WHERE ended_at > 0;
