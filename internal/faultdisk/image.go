package faultdisk

import (
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Image is what is found in a folder after the power went.
type Image struct {
	Moment  int               // how many things had happened; see Disk.Now
	Files   map[string][]byte // by their names
	Pending int               // sectors of which it was open what they hold
	Torn    int               // of these, those that do not hold what was written last
}

// Cuts cuts the power at count random moments and hands over what may be found then,
// in order of the moments. It may be called while the files are in use.
func (d *Disk) Cuts(random *rand.Rand, count int, each func(Image) error) error {
	d.mu.Lock()
	events := d.events
	d.mu.Unlock()
	moments := make([]int, count)
	for i := range moments {
		moments[i] = random.IntN(len(events) + 1)
	}
	slices.SortFunc(moments, cmp.Compare[int])
	m, next := newModel(d, random), 0
	for _, moment := range moments {
		for ; next < moment; next++ {
			m.apply(events[next])
		}
		image := m.image()
		image.Moment = moment
		if err := each(image); err != nil {
			return err
		}
	}
	return nil
}

// image picks one of the states that the disk may be in.
func (m *model) image() Image {
	out := Image{Files: map[string][]byte{}}
	chance := []float64{0, 0.1, 0.5, 0.9, 1}[m.random.IntN(5)]
	for _, name := range sortedKeys(m.names) {
		entry := m.names[name]
		which := entry.disk
		if len(entry.since) > 0 && m.random.Float64() < chance {
			which = entry.since[m.random.IntN(len(entry.since))]
		}
		if which != 0 {
			out.Files[name] = m.nodes[which].picture(m.random, chance, &out)
		}
	}
	return out
}

// picture is what the file may be on the disk: each sector that was written since the
// last sync is there with a chance, as any of its versions.
func (n *node) picture(random *rand.Rand, chance float64, counts *Image) []byte {
	size := len(n.disk)
	if len(n.sizes) > 0 && random.Float64() < chance {
		size = n.sizes[random.IntN(len(n.sizes))]
	}
	out := fit(slices.Clone(n.disk), size)
	fill(out, len(n.disk), random)
	for _, s := range sortedKeys(n.since) {
		versions := n.since[s]
		counts.Pending++
		pick := random.IntN(len(versions))
		if chance == 1 {
			pick = len(versions) - 1
		}
		if random.Float64() >= chance {
			counts.Torn++
			continue
		}
		if pick < len(versions)-1 {
			counts.Torn++
		}
		if s*sector < size {
			copy(out[s*sector:], versions[pick])
		}
	}
	return out
}

// fill puts zeros or rubbish where the file became longer and nothing was written yet.
func fill(out []byte, from int, random *rand.Rand) {
	if random.IntN(2) == 0 {
		return
	}
	for i := from; i < len(out); i++ {
		out[i] = byte(random.Uint32())
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Write puts the files into a folder, where a program may find them.
func (i Image) Write(folder string) error {
	for name, data := range i.Files {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
