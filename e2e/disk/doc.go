// Package disk tests what the platform on SQLite keeps when the power goes, when the
// disk is full and when it fails. The platform runs in the test's own process, on a
// layer below SQLite that remembers every write and sync, and refuses them on demand.
package disk
