-- +goose Up

-- proposal: what one person wants done and another must approve, or what one could do alone.
-- body is what exactly is done, as canonical JSON; summary is the same for people; sealed is the
-- digest that the approver saw. version counts the events.
CREATE TABLE proposal (
    id               text COLLATE "C" NOT NULL,
    bucket           integer NOT NULL,
    action           text COLLATE "C" NOT NULL,
    target           text COLLATE "C" NOT NULL,
    body             text NOT NULL,
    summary          text NOT NULL,
    reason           text NOT NULL,
    proposed_by      text COLLATE "C" NOT NULL,
    proposed_by_name text NOT NULL,
    proposed_at      bigint NOT NULL,
    expires_at       bigint NOT NULL,
    at_once          integer NOT NULL,
    status           text COLLATE "C" NOT NULL,
    decided_by       text COLLATE "C" NOT NULL,
    decided_by_name  text NOT NULL,
    decided_at       bigint NOT NULL,
    sealed           text NOT NULL,
    outcome          text NOT NULL,
    ended_at         bigint NOT NULL,
    version          bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX proposal_status ON proposal (status, id);
CREATE INDEX proposal_target ON proposal (target, id);

-- proposal_event: what happened to each proposal, in order. Rows are only ever added.
CREATE TABLE proposal_event (
    proposal text COLLATE "C" NOT NULL,
    bucket   integer NOT NULL,
    number   bigint NOT NULL,
    at       bigint NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    by_id    text COLLATE "C" NOT NULL,
    by_name  text NOT NULL,
    note     text NOT NULL,
    digest   text NOT NULL,
    PRIMARY KEY (proposal, bucket, number)
);

-- +goose StatementBegin
CREATE FUNCTION proposal_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of proposal_event are only ever added';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER proposal_event_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON proposal_event
    EXECUTE FUNCTION proposal_event_stays();

-- proposal_turn: its row is locked by whoever moves a proposal, so that one is carried out after another.
CREATE TABLE proposal_turn (
    bucket integer NOT NULL,
    turns  bigint NOT NULL,
    PRIMARY KEY (bucket)
);
INSERT INTO proposal_turn (bucket, turns) VALUES (0, 0);
