-- +goose Up

-- report: what was ordered to be written down, by whom, as of which position of the feed, and how far it is.
-- origin is what ordered it, so that the same order twice is one report: a key of the caller's, or a schedule and its
-- time. held_until is until when the node that makes it has it for itself; a report that waits has 0, or when it is
-- tried again. The owner of the centre's reports is 'centre'.
CREATE TABLE report (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    owner      TEXT NOT NULL,
    origin     TEXT NOT NULL,
    params     TEXT    NOT NULL,
    store      TEXT NOT NULL,
    till       TEXT NOT NULL,
    position   INTEGER  NOT NULL,
    status     TEXT    NOT NULL,
    done       INTEGER  NOT NULL,
    total      INTEGER  NOT NULL,
    size       INTEGER  NOT NULL,
    chunks     INTEGER NOT NULL,
    digest     TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    holder     TEXT NOT NULL,
    held_until INTEGER  NOT NULL,
    attempts   INTEGER NOT NULL,
    created_at INTEGER  NOT NULL,
    ended_at   INTEGER  NOT NULL,
    told_at    INTEGER  NOT NULL,
    PRIMARY KEY (id, bucket),
    UNIQUE (owner, origin, bucket)
) STRICT;
CREATE INDEX report_owner ON report (owner, id);
CREATE INDEX report_waiting ON report (held_until, id) WHERE status IN ('queued', 'running');
CREATE INDEX report_open ON report (owner) WHERE status IN ('queued', 'running');
CREATE INDEX report_untold ON report (id) WHERE status = 'ready' AND told_at = 0;
CREATE INDEX report_age ON report (ended_at) WHERE status = 'ready';

-- report_chunk: the file of a report in parts, so that every node can serve it and none holds it whole.
CREATE TABLE report_chunk (
    report TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    number INTEGER NOT NULL,
    data   BLOB NOT NULL,
    PRIMARY KEY (report, bucket, number)
) STRICT;

-- report_schedule: what is ordered by itself, every day, week or month. next_at is 0 once it has ended.
CREATE TABLE report_schedule (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    owner      TEXT NOT NULL,
    params     TEXT    NOT NULL,
    store      TEXT NOT NULL,
    till       TEXT NOT NULL,
    every      TEXT    NOT NULL,
    next_at    INTEGER  NOT NULL,
    created_at INTEGER  NOT NULL,
    ended_at   INTEGER  NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX report_schedule_owner ON report_schedule (owner, id);
CREATE INDEX report_schedule_due ON report_schedule (next_at) WHERE next_at > 0;
