// Package soak tests what must hold while nodes are replaced under load, for a
// while: a node that is told to stop breaks off no call, one that is killed loses
// nothing, memory, goroutines and files stay flat, and nodes of two versions serve
// one database whose schema the newer one has extended.
package soak
