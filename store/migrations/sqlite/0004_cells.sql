-- +goose Up

-- PostgreSQL gets types for rows as arguments here; SQLite has no such types and needs none.
SELECT 1;
