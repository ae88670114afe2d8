-- +goose NO TRANSACTION
-- +goose Up

-- Merchants that nothing can be paid out to are few; those of them that are owed money are looked for among them.
DROP INDEX CONCURRENTLY IF EXISTS merchant_unpayable;
CREATE INDEX CONCURRENTLY merchant_unpayable ON merchant (id) WHERE bank_account = '' OR participant = '';
