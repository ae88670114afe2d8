-- +goose Up

-- PostgreSQL leaves more room on pages for rows that change here; SQLite changes rows in their place anyway.
SELECT 1;
