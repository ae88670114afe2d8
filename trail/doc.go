// Package trail makes the numbered facts a log that cannot be changed unseen: a Merkle tree whose leaves are the lines
// of the feed, and signed checkpoints of it. It computes only; where hashes and checkpoints are kept is the store's
// business, and jobs makes the steps.
//
// Hashes are those of RFC 6962, checkpoints are signed notes as transparency logs publish them, so whoever has tools
// for such logs can check ours.
package trail
