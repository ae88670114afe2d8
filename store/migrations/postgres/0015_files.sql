-- +goose Up

-- file: files made of closed days, and answers that came. What is made is not kept but
-- made again; content is that of answers. claim is what there is one file for; the
-- id has the bucket of the claim, so that it is unique on shards.
CREATE TABLE file (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    claim      text COLLATE "C" NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    day        text COLLATE "C" NOT NULL,
    kind       text NOT NULL,
    name       text NOT NULL,
    message    text COLLATE "C" NOT NULL,
    settings   text NOT NULL,
    size       bigint NOT NULL,
    sha256     text NOT NULL,
    status     text NOT NULL,
    reason     text NOT NULL,
    place      text NOT NULL,
    content    text NOT NULL,
    attempts   integer NOT NULL,
    next_at    bigint NOT NULL,
    created_at bigint NOT NULL,
    ended_at   bigint NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE UNIQUE INDEX file_claim ON file (claim, bucket);
CREATE INDEX file_day ON file (day, id);
CREATE INDEX file_owner ON file (owner, id);
CREATE INDEX file_message ON file (message);
CREATE INDEX file_due ON file (next_at) WHERE next_at > 0;

-- destination: where the files of an owner go. The id is the owner's.
CREATE TABLE destination (
    id          text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    kind        text NOT NULL,
    address     text NOT NULL,
    login       text NOT NULL,
    host_key    text NOT NULL,
    private_key text NOT NULL,
    folder      text NOT NULL,
    inbox       text NOT NULL,
    latin       smallint NOT NULL,
    created_at  bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
