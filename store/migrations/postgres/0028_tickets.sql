-- +goose NO TRANSACTION
-- +goose Up

-- What somebody is half way through ends when the password or a factor changes.
DROP INDEX CONCURRENTLY IF EXISTS ticket_person;
CREATE INDEX CONCURRENTLY ticket_person ON ticket (person, expires_at);
