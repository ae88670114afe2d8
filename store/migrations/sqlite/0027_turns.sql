-- +goose Up

-- desk_turn: the row of an owner or a person is locked by whoever changes what is theirs, so that one change is made
-- after another and each sees what the one before has written.
CREATE TABLE desk_turn (
    owner  TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    turns  INTEGER NOT NULL,
    PRIMARY KEY (owner, bucket)
) STRICT;

-- Who made a key: a person, or another key; empty in keys of before.
ALTER TABLE api_key ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
