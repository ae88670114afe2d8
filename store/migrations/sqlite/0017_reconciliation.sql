-- +goose Up

-- recon_run: one comparison of our books with another side's, and where it stands.
-- search is what is still asked for and what was found, as JSON; name is the other
-- side's own for the run.
CREATE TABLE recon_run (
    id          TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    owner       TEXT NOT NULL,
    book        TEXT    NOT NULL,
    name        TEXT NOT NULL,
    fingerprint TEXT    NOT NULL,
    origin      TEXT    NOT NULL,
    from_minute INTEGER  NOT NULL,
    to_minute   INTEGER  NOT NULL,
    state       TEXT    NOT NULL,
    search      TEXT    NOT NULL,
    same        INTEGER  NOT NULL,
    expected    INTEGER  NOT NULL,
    mismatched  INTEGER  NOT NULL,
    healed      INTEGER  NOT NULL,
    created_at  INTEGER  NOT NULL,
    ended_at    INTEGER  NOT NULL,
    version     INTEGER  NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX recon_run_owner ON recon_run (owner, id);
CREATE UNIQUE INDEX recon_run_name ON recon_run (owner, name, bucket);

-- recon_case: a difference that somebody has to know of. Of one name of one side at
-- most one case is open. closed_at is 0 while it is.
CREATE TABLE recon_case (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    owner      TEXT NOT NULL,
    run        TEXT NOT NULL,
    kind       TEXT    NOT NULL,
    name       TEXT NOT NULL,
    class      TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    ours       TEXT    NOT NULL,
    theirs     TEXT    NOT NULL,
    now_has    TEXT    NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute  INTEGER  NOT NULL,
    shift      INTEGER  NOT NULL,
    fixed      INTEGER  NOT NULL,
    proposal   TEXT NOT NULL,
    due_at     INTEGER  NOT NULL,
    created_at INTEGER  NOT NULL,
    updated_at INTEGER  NOT NULL,
    closed_at  INTEGER  NOT NULL,
    version    INTEGER  NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX recon_case_owner ON recon_case (owner, id);
CREATE UNIQUE INDEX recon_case_open ON recon_case (owner, kind, name, bucket) WHERE closed_at = 0;
CREATE INDEX recon_case_due ON recon_case (due_at) WHERE closed_at = 0 AND due_at > 0;

-- recon_note: what happened to a case, one line for each change, never changed. The
-- key is the case and the version that the change made of it.
CREATE TABLE recon_note (
    case_id TEXT NOT NULL,
    bucket  INTEGER NOT NULL,
    number  INTEGER  NOT NULL,
    at      INTEGER  NOT NULL,
    side    TEXT    NOT NULL,
    by_id   TEXT NOT NULL,
    by_name TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    status  TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (case_id, number, bucket)
) STRICT;

-- bank_statement: a statement of a merchant's account, as the merchant gave it.
CREATE TABLE bank_statement (
    id         TEXT NOT NULL,
    bucket     INTEGER NOT NULL,
    merchant   TEXT NOT NULL,
    digest     TEXT NOT NULL,
    account    TEXT    NOT NULL,
    format     TEXT    NOT NULL,
    first_day  TEXT NOT NULL,
    last_day   TEXT NOT NULL,
    credits    INTEGER  NOT NULL,
    matched    INTEGER  NOT NULL,
    created_at INTEGER  NOT NULL,
    PRIMARY KEY (id, bucket)
) STRICT;
CREATE INDEX bank_statement_merchant ON bank_statement (merchant, id);
CREATE UNIQUE INDEX bank_statement_digest ON bank_statement (merchant, digest, bucket);

CREATE TABLE bank_credit (
    statement TEXT NOT NULL,
    bucket    INTEGER NOT NULL,
    number    INTEGER  NOT NULL,
    row_number INTEGER NOT NULL,
    day       TEXT    NOT NULL,
    amount    INTEGER  NOT NULL,
    reference TEXT    NOT NULL,
    entry     TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    payout    TEXT NOT NULL,
    way       TEXT    NOT NULL,
    PRIMARY KEY (statement, number, bucket)
) STRICT;

-- payout_credit: which credit brought a payout. The key keeps a payout from being matched twice.
CREATE TABLE payout_credit (
    payout    TEXT NOT NULL,
    bucket    INTEGER NOT NULL,
    merchant  TEXT NOT NULL,
    key       TEXT NOT NULL,
    statement TEXT NOT NULL,
    PRIMARY KEY (payout, bucket)
) STRICT;
CREATE UNIQUE INDEX payout_credit_key ON payout_credit (merchant, key, bucket);
