-- +goose Up

-- cells: rows as an argument of a statement. The program sends a list of such rows
-- for whatever table it is: some texts, then as many whole numbers, null where
-- there is none. The name says how many of each. No table has a column of these types.
CREATE TYPE cells4 AS (
    t1 text, t2 text, t3 text, t4 text,
    i1 bigint, i2 bigint, i3 bigint, i4 bigint
);
CREATE TYPE cells8 AS (
    t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text,
    i1 bigint, i2 bigint, i3 bigint, i4 bigint, i5 bigint, i6 bigint, i7 bigint, i8 bigint
);
CREATE TYPE cells12 AS (
    t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, t9 text, t10 text, t11 text, t12 text,
    i1 bigint, i2 bigint, i3 bigint, i4 bigint, i5 bigint, i6 bigint, i7 bigint, i8 bigint, i9 bigint, i10 bigint, i11 bigint, i12 bigint
);
CREATE TYPE cells16 AS (
    t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, t9 text, t10 text, t11 text, t12 text, t13 text, t14 text, t15 text, t16 text,
    i1 bigint, i2 bigint, i3 bigint, i4 bigint, i5 bigint, i6 bigint, i7 bigint, i8 bigint, i9 bigint, i10 bigint, i11 bigint, i12 bigint, i13 bigint, i14 bigint, i15 bigint, i16 bigint
);
