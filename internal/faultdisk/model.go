package faultdisk

import (
	"math/rand/v2"
	"slices"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// model is what is in memory and what may be on the disk, after some events.
type model struct {
	random *rand.Rand
	nodes  map[int]*node
	names  map[string]*entry
}

// node is a file, whatever it is called.
type node struct {
	cache []byte // as programs see it
	disk  []byte // as it is on the disk for sure
	sizes []int  // it may have instead, since it was synced
	// since are what each sector may hold instead, in the order of the writes.
	since map[int][][]byte
}

// entry is a name: the file it surely names on the disk, 0 for none, and those that
// it may name instead, since the folder was synced.
type entry struct {
	disk  int
	since []int
}

func newModel(d *Disk, random *rand.Rand) *model {
	m := &model{random: random, nodes: map[int]*node{}, names: map[string]*entry{}}
	for name, n := range d.first {
		m.names[name] = &entry{disk: n}
		m.nodes[n] = &node{cache: slices.Clone(d.start[n]), disk: slices.Clone(d.start[n]), since: map[int][][]byte{}}
	}
	return m
}

// apply lets an event happen.
func (m *model) apply(e event) {
	switch e.kind {
	case made:
		m.nodes[e.node] = &node{since: map[int][][]byte{}}
		m.name(e.name).since = append(m.name(e.name).since, e.node)
	case removed:
		m.name(e.name).since = append(m.name(e.name).since, 0)
	case wrote:
		m.nodes[e.node].write(int(e.at), e.data)
	case sized:
		m.nodes[e.node].resize(int(e.at))
	case synced:
		m.nodes[e.node].sync()
	case syncFailed:
		m.nodes[e.node].lose(m.random)
	case folderSynced:
		for _, entry := range m.names {
			if n := len(entry.since); n > 0 {
				entry.disk, entry.since = entry.since[n-1], nil
			}
		}
	}
}

func (m *model) name(name string) *entry {
	if m.names[name] == nil {
		m.names[name] = &entry{}
	}
	return m.names[name]
}

func (n *node) write(at int, data []byte) {
	if end := at + len(data); end > len(n.cache) {
		n.resize(end)
	}
	copy(n.cache[at:], data)
	n.touched(at, at+len(data))
}

// resize gives the file another size, with zeros at a new end.
func (n *node) resize(size int) {
	old := len(n.cache)
	if size < old {
		n.cache = n.cache[:size]
	} else {
		n.cache = append(n.cache, make([]byte, size-old)...)
		n.touched(old, size)
	}
	n.sizes = append(n.sizes, size)
}

// touched remembers what the sectors of a range hold now.
func (n *node) touched(from, to int) {
	for s := from / sector; s*sector < to; s++ {
		n.since[s] = append(n.since[s], n.held(n.cache, s))
	}
}

// held is what a sector of these bytes holds, filled up with zeros.
func (n *node) held(bytes []byte, s int) []byte {
	out := make([]byte, sector)
	if at := s * sector; at < len(bytes) {
		copy(out, bytes[at:])
	}
	return out
}

// sync puts on the disk what was written since the last sync. What a failed sync
// lost is not among it: nobody has written it again.
func (n *node) sync() {
	n.settle(len(n.cache), func(versions [][]byte) []byte { return versions[len(versions)-1] })
}

// lose is a sync that failed: some of what was written is on the disk and the rest
// never will be, although programs still see it.
func (n *node) lose(random *rand.Rand) {
	n.settle(n.size(random), func(versions [][]byte) []byte {
		if pick := random.IntN(len(versions) + 1); pick > 0 {
			return versions[pick-1]
		}
		return nil
	})
}

// settle makes the disk what it is said to be, and forgets what it might have been.
func (n *node) settle(size int, choose func([][]byte) []byte) {
	n.disk = fit(n.disk, size)
	for s, versions := range n.since {
		if is := choose(versions); is != nil && s*sector < size {
			copy(n.disk[s*sector:], is)
		}
	}
	n.sizes, n.since = nil, map[int][][]byte{}
}

// size picks one of those that the file may have on the disk.
func (n *node) size(random *rand.Rand) int {
	if pick := random.IntN(len(n.sizes) + 1); pick > 0 {
		return n.sizes[pick-1]
	}
	return len(n.disk)
}

// fit cuts bytes off or adds zeros.
func fit(bytes []byte, size int) []byte {
	if size <= len(bytes) {
		return bytes[:size]
	}
	return append(bytes, make([]byte, size-len(bytes))...)
}
