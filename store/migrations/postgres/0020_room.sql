-- +goose Up

-- Room on each page for rows that change. A payment changes once, soon after it came, and
-- with those that came with it. With a quarter of a page free, half of them had to move to
-- another page, which costs an entry in each of four indexes; with this much one in seven
-- must when all come and change at once, and hardly any when payers take their time. More
-- room would cost more disk than it saves. The pages that are there stay as they are.
ALTER TABLE payment SET (fillfactor = 60);

-- The totals of the day that is going on change with each page of facts.
ALTER TABLE day_total SET (fillfactor = 50);
