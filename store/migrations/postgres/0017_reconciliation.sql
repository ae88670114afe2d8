-- +goose Up

-- recon_run: one comparison of our books with another side's, and where it stands.
-- search is what is still asked for and what was found, as JSON; name is the other
-- side's own for the run.
CREATE TABLE recon_run (
    id          text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    owner       text COLLATE "C" NOT NULL,
    book        text    NOT NULL,
    name        text COLLATE "C" NOT NULL,
    fingerprint text    NOT NULL,
    origin      text    NOT NULL,
    from_minute bigint  NOT NULL,
    to_minute   bigint  NOT NULL,
    state       text    NOT NULL,
    search      text    NOT NULL,
    same        bigint  NOT NULL,
    expected    bigint  NOT NULL,
    mismatched  bigint  NOT NULL,
    healed      bigint  NOT NULL,
    created_at  bigint  NOT NULL,
    ended_at    bigint  NOT NULL,
    version     bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX recon_run_owner ON recon_run (owner, id);
CREATE UNIQUE INDEX recon_run_name ON recon_run (owner, name, bucket);

-- recon_case: a difference that somebody has to know of. Of one name of one side at
-- most one case is open. closed_at is 0 while it is.
CREATE TABLE recon_case (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    run        text COLLATE "C" NOT NULL,
    kind       text    NOT NULL,
    name       text COLLATE "C" NOT NULL,
    class      text    NOT NULL,
    reason     text    NOT NULL,
    action     text    NOT NULL,
    status     text    NOT NULL,
    ours       text    NOT NULL,
    theirs     text    NOT NULL,
    now_has    text    NOT NULL,
    from_minute bigint NOT NULL,
    to_minute  bigint  NOT NULL,
    shift      bigint  NOT NULL,
    fixed      bigint  NOT NULL,
    proposal   text COLLATE "C" NOT NULL,
    due_at     bigint  NOT NULL,
    created_at bigint  NOT NULL,
    updated_at bigint  NOT NULL,
    closed_at  bigint  NOT NULL,
    version    bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX recon_case_owner ON recon_case (owner, id);
CREATE UNIQUE INDEX recon_case_open ON recon_case (owner, kind, name, bucket) WHERE closed_at = 0;
CREATE INDEX recon_case_due ON recon_case (due_at) WHERE closed_at = 0 AND due_at > 0;

-- recon_note: what happened to a case, one line for each change, never changed. The
-- key is the case and the version that the change made of it.
CREATE TABLE recon_note (
    case_id text COLLATE "C" NOT NULL,
    bucket  integer NOT NULL,
    number  bigint  NOT NULL,
    at      bigint  NOT NULL,
    side    text    NOT NULL,
    by_id   text COLLATE "C" NOT NULL,
    by_name text    NOT NULL,
    kind    text    NOT NULL,
    status  text    NOT NULL,
    body    text    NOT NULL,
    PRIMARY KEY (case_id, number, bucket)
);

-- bank_statement: a statement of a merchant's account, as the merchant gave it.
CREATE TABLE bank_statement (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    merchant   text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    account    text    NOT NULL,
    format     text    NOT NULL,
    first_day  text COLLATE "C" NOT NULL,
    last_day   text COLLATE "C" NOT NULL,
    credits    bigint  NOT NULL,
    matched    bigint  NOT NULL,
    created_at bigint  NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX bank_statement_merchant ON bank_statement (merchant, id);
CREATE UNIQUE INDEX bank_statement_digest ON bank_statement (merchant, digest, bucket);

CREATE TABLE bank_credit (
    statement text COLLATE "C" NOT NULL,
    bucket    integer NOT NULL,
    number    bigint  NOT NULL,
    row_number bigint NOT NULL,
    day       text    NOT NULL,
    amount    bigint  NOT NULL,
    reference text    NOT NULL,
    entry     text    NOT NULL,
    key       text    NOT NULL,
    payout    text COLLATE "C" NOT NULL,
    way       text    NOT NULL,
    PRIMARY KEY (statement, number, bucket)
);

-- payout_credit: which credit brought a payout. The key keeps a payout from being matched twice.
CREATE TABLE payout_credit (
    payout    text COLLATE "C" NOT NULL,
    bucket    integer NOT NULL,
    merchant  text COLLATE "C" NOT NULL,
    key       text COLLATE "C" NOT NULL,
    statement text COLLATE "C" NOT NULL,
    PRIMARY KEY (payout, bucket)
);
CREATE UNIQUE INDEX payout_credit_key ON payout_credit (merchant, key, bucket);
