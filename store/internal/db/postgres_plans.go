package db

// keepPlans has the statements that follow in a transaction run by the plans that their
// connection made once for any argument. Left to itself the server plans a statement with
// a list for an argument anew each time, because for the very list in hand it always
// promises itself a little less work; planning the statements of a batch cost more than
// running them for a few rows. It is for statements that have only one good plan, such as
// those that look rows up by their keys, and not for those that page through a table,
// whose best plan depends on what is asked for.
const keepPlans = "SET LOCAL plan_cache_mode = force_generic_plan"
