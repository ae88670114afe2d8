-- +goose Up

-- Merchants that nothing can be paid out to are few; those of them that are owed money are looked for among them.
CREATE INDEX merchant_unpayable ON merchant (id) WHERE bank_account = '' OR participant = '';
