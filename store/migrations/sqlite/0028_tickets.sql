-- +goose Up

-- What somebody is half way through ends when the password or a factor changes.
CREATE INDEX IF NOT EXISTS ticket_person ON ticket (person, expires_at);
