-- +goose Up

-- A database that was made while this version was being written may have them.

-- What is forgotten of tills is found by when it expired.
CREATE INDEX IF NOT EXISTS pairing_expires ON pairing (expires_at);
CREATE INDEX IF NOT EXISTS till_session_expires ON till_session (expires_at);

-- Refunds that a PSP has given, by when.
CREATE INDEX IF NOT EXISTS refund_given ON refund (psp, ended_at) WHERE ended_at > 0;
