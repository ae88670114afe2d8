package engine

import "time"

// gathering is the patience of a lane. The callers whom its last commit answered come back
// soon, as a rule with their next command; a lane that went with the first of them would
// leave the others to a batch of their own, and a batch costs a good deal whatever is in
// it. So while fewer wait than were in the lane's house when its last commit ended, and
// more keep coming, the lane looks on. It needs no clock: it counts its looks.
type gathering struct {
	house int // commands under way and waiting when the lane's last commit ended
	seen  int // that waited at the last look
	looks int // since the lane would first have gone
	empty int // of these the last ones, which saw nobody come
}

// A lane looks again after look, at most mostLooks times, which is two milliseconds, or once
// for eight commands that are expected if that is more: a crowd takes longer to come back than
// it takes a few, and its commits take longer still. It goes when nobody has come for emptyLooks.
const (
	look       = 250 * time.Microsecond
	mostLooks  = 8
	emptyLooks = 2
)

// wait says how long a lane in which n commands wait looks on; 0 when it is to go. Up to
// few in the house it goes at once: a lone caller, and light load, wait for nobody.
func (g *gathering) wait(n, few, most int) time.Duration {
	if g.empty++; n > g.seen {
		g.empty = 0
	}
	if n == 0 || g.house <= few || n >= min(g.house, most) || g.empty == emptyLooks || g.looks >= max(mostLooks, min(g.house, most)/8) {
		g.seen, g.looks, g.empty = 0, 0, 0
		return 0
	}
	g.seen, g.looks = n, g.looks+1
	return look
}

// crowd says how many lanes are open: one more for every full batch in the house of the
// node. Below that, two lanes would only halve the batches of one.
type crowd struct {
	lately int // commands in the house of late: their peak, which fades with each commit
}

// note takes in how many commands are in the house as a commit ends, and gives the number
// of lanes for it. With a negative full all lanes are open.
func (c *crowd) note(house, full, lanes int) int {
	if full < 0 {
		return lanes
	}
	c.lately = max(house, c.lately-(c.lately+7)/8)
	return min(max(c.lately/full, 1), lanes)
}
