-- +goose Up

-- desk_turn: the row of an owner or a person is locked by whoever changes what is theirs, so that one change is made
-- after another and each sees what the one before has written.
CREATE TABLE desk_turn (
    owner  text COLLATE "C" NOT NULL,
    bucket integer NOT NULL,
    turns  bigint NOT NULL,
    PRIMARY KEY (owner, bucket)
);

-- Who made a key: a person, or another key; empty in keys of before.
ALTER TABLE api_key ADD COLUMN made_by text COLLATE "C" NOT NULL DEFAULT '';
