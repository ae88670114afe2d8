-- +goose Up

-- proposal: what one person wants done and another must approve, or what one could do alone.
-- body is what exactly is done, as canonical JSON; summary is the same for people; sealed is the
-- digest that the approver saw. version counts the events.
CREATE TABLE proposal (
    id               TEXT NOT NULL,
    bucket           INTEGER NOT NULL,
    action           TEXT NOT NULL,
    target           TEXT NOT NULL,
    body             TEXT NOT NULL,
    summary          TEXT NOT NULL,
    reason           TEXT NOT NULL,
    proposed_by      TEXT NOT NULL,
    proposed_by_name TEXT NOT NULL,
    proposed_at      INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    at_once          INTEGER NOT NULL,
    status           TEXT NOT NULL,
    decided_by       TEXT NOT NULL,
    decided_by_name  TEXT NOT NULL,
    decided_at       INTEGER NOT NULL,
    sealed           TEXT NOT NULL,
    outcome          TEXT NOT NULL,
    ended_at         INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX proposal_status ON proposal (status, id);
CREATE INDEX proposal_target ON proposal (target, id);

-- proposal_event: what happened to each proposal, in order. Rows are only ever added.
CREATE TABLE proposal_event (
    proposal TEXT NOT NULL,
    bucket   INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    by_id    TEXT NOT NULL,
    by_name  TEXT NOT NULL,
    note     TEXT NOT NULL,
    digest   TEXT NOT NULL,
    PRIMARY KEY (proposal, bucket, number)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER proposal_event_unchanged BEFORE UPDATE ON proposal_event
BEGIN
    SELECT RAISE(ABORT, 'rows of proposal_event are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER proposal_event_kept BEFORE DELETE ON proposal_event
BEGIN
    SELECT RAISE(ABORT, 'rows of proposal_event are only ever added');
END;
-- +goose StatementEnd

-- proposal_turn: its row is locked by whoever moves a proposal, so that one is carried out after another.
CREATE TABLE proposal_turn (
    bucket INTEGER NOT NULL,
    turns  INTEGER NOT NULL,
    PRIMARY KEY (bucket)
) STRICT;
INSERT INTO proposal_turn (bucket, turns) VALUES (0, 0);
