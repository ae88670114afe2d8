// Package sim runs the whole platform in one process under a scheduler of its own:
// several nodes with their engines, use cases, jobs, webhooks and HTTP handlers over
// one database, simulated banks with their payers, merchants with tills, a central
// bank that settles the days, staff who act by two, and the receivers of webhooks.
// Time is virtual and stands still while anybody works; one seed decides the order
// of everything and everything that goes wrong, so the same seed tells the same
// story, byte for byte.
//
// Nothing is replaced by a model but the network, the clocks and the database's
// disk: what runs between them is the code of production. It runs in coroutines, of
// which strictly one runs at a time; each parks where production would wait (for a
// commit, a lock, a message, a time) and the scheduler says who goes on.
//
// A world is held to account all along: what anybody was told must be in the
// database in that moment and stay true for ever (witness), every commit must be a
// step that the rules allow (watch), and when the faults have stopped every payment
// must end, every notification arrive and everything add up (judge).
package sim
