-- +goose Up

-- desk_revision: counts the changes of reference data, so that a node which
-- remembers some asks one question to know that all of it still holds.
CREATE TABLE desk_revision (
    bucket  INTEGER PRIMARY KEY,
    changes INTEGER NOT NULL
) STRICT;
