// Package nodes tests what must hold when several `tolom serve` processes share
// one PostgreSQL behind a balancer and one of them is killed: nothing that was
// acknowledged is lost, nothing is done twice, and what is unknown for a moment
// is found out by the protocol of the caller.
package nodes
