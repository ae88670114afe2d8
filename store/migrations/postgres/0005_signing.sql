-- +goose Up

-- psp_key: public keys of PSPs, several at once while one takes the place of
-- another. Reference data, like api_key.
CREATE TABLE psp_key (
    id         text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    psp        text COLLATE "C" NOT NULL,
    name       text NOT NULL,
    algorithm  text NOT NULL,
    public_key text NOT NULL,
    not_before bigint NOT NULL,
    not_after  bigint NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX psp_key_psp ON psp_key (psp, id);

-- psp_certificate: the client certificates that PSPs may come with.
CREATE TABLE psp_certificate (
    id             text COLLATE "C" NOT NULL,
    bucket         integer NOT NULL,
    psp            text COLLATE "C" NOT NULL,
    fingerprint_of text NOT NULL,
    fingerprint    text NOT NULL,
    name           text NOT NULL,
    created_at     bigint NOT NULL,
    removed_at     bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);
CREATE INDEX psp_certificate_psp ON psp_certificate (psp, id);

-- platform_key: the keys that the platform's answers are signed with.
CREATE TABLE platform_key (
    id          text COLLATE "C" NOT NULL,
    bucket      integer NOT NULL,
    private_key text NOT NULL,
    signs_from  bigint NOT NULL,
    created_at  bigint NOT NULL,
    retired_at  bigint NOT NULL,
    PRIMARY KEY (id, bucket)
);

-- nonce: the nonces of signed requests, for the minutes in which their signatures
-- would be accepted. created_at is that of the signature. The bucket is the key's.
CREATE TABLE nonce (
    key        text COLLATE "C" NOT NULL,
    nonce      text COLLATE "C" NOT NULL,
    bucket     integer NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (key, nonce, bucket)
);
CREATE INDEX nonce_age ON nonce (created_at);
