-- +goose Up

-- signing_keys: the private keys of the signatures that a receiver checks with a
-- public key, as JSON, newest first. paused_at is when sending to a dead endpoint was
-- stopped, 0 while it goes on; paused_for is what the last attempt met.
ALTER TABLE endpoint ADD COLUMN signing_keys TEXT NOT NULL DEFAULT '';
ALTER TABLE endpoint ADD COLUMN paused_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoint ADD COLUMN paused_for TEXT NOT NULL DEFAULT '';

-- request and reply_headers: what the last attempt sent and got, for the owner's log.
ALTER TABLE delivery ADD COLUMN request TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN reply_headers TEXT NOT NULL DEFAULT '';
