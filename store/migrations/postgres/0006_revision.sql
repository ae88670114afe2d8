-- +goose Up

-- desk_revision: counts the changes of reference data, so that a node which
-- remembers some asks one question to know that all of it still holds. A
-- connection counts in a row of its own: records are put without waiting for each
-- other. The bucket is the row's number.
CREATE TABLE desk_revision (
    bucket  integer PRIMARY KEY,
    changes bigint NOT NULL
) WITH (fillfactor = 50);
