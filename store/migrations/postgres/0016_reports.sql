-- +goose Up

-- report: what was ordered to be written down, by whom, as of which position of the feed, and how far it is.
-- origin is what ordered it, so that the same order twice is one report: a key of the caller's, or a schedule and its
-- time. held_until is until when the node that makes it has it for itself; a report that waits has 0, or when it is
-- tried again. The owner of the centre's reports is 'centre'.
CREATE TABLE report (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    origin     text COLLATE "C" NOT NULL,
    params     text    NOT NULL,
    store      text COLLATE "C" NOT NULL,
    till       text COLLATE "C" NOT NULL,
    position   bigint  NOT NULL,
    status     text    NOT NULL,
    done       bigint  NOT NULL,
    total      bigint  NOT NULL,
    size       bigint  NOT NULL,
    chunks     integer NOT NULL,
    digest     text    NOT NULL,
    reason     text    NOT NULL,
    holder     text COLLATE "C" NOT NULL,
    held_until bigint  NOT NULL,
    attempts   integer NOT NULL,
    created_at bigint  NOT NULL,
    ended_at   bigint  NOT NULL,
    told_at    bigint  NOT NULL,
    PRIMARY KEY (id, bucket),
    UNIQUE (owner, origin, bucket)
);
CREATE INDEX report_owner ON report (owner, id);
CREATE INDEX report_waiting ON report (held_until, id) WHERE status IN ('queued', 'running');
CREATE INDEX report_open ON report (owner) WHERE status IN ('queued', 'running');
CREATE INDEX report_untold ON report (id) WHERE status = 'ready' AND told_at = 0;
CREATE INDEX report_age ON report (ended_at) WHERE status = 'ready';

-- report_chunk: the file of a report in parts, so that every node can serve it and none holds it whole.
CREATE TABLE report_chunk (
    report text COLLATE "C" NOT NULL,
    bucket integer NOT NULL,
    number integer NOT NULL,
    data   bytea NOT NULL,
    PRIMARY KEY (report, bucket, number)
);

-- report_schedule: what is ordered by itself, every day, week or month. next_at is 0 once it has ended.
CREATE TABLE report_schedule (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    params     text    NOT NULL,
    store      text COLLATE "C" NOT NULL,
    till       text COLLATE "C" NOT NULL,
    every      text    NOT NULL,
    next_at    bigint  NOT NULL,
    created_at bigint  NOT NULL,
    ended_at   bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX report_schedule_owner ON report_schedule (owner, id);
CREATE INDEX report_schedule_due ON report_schedule (next_at) WHERE next_at > 0;
