package sim

// eventHeap gives out events by time and rank.
type eventHeap []event

func (h eventHeap) before(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].rank < h[j].rank
}

func (h *eventHeap) push(e event) {
	*h = append(*h, e)
	for i := len(*h) - 1; i > 0; {
		above := (i - 1) / 2
		if !h.before(i, above) {
			return
		}
		(*h)[i], (*h)[above] = (*h)[above], (*h)[i]
		i = above
	}
}

func (h *eventHeap) pop() (first event, some bool) {
	if len(*h) == 0 {
		return first, false
	}
	first = (*h)[0]
	last := len(*h) - 1
	(*h)[0] = (*h)[last]
	(*h)[last] = event{}
	*h = (*h)[:last]
	h.sink()
	return first, true
}

func (h *eventHeap) sink() {
	for i := 0; ; {
		least := i
		for below := 2*i + 1; below <= 2*i+2 && below < len(*h); below++ {
			if h.before(below, least) {
				least = below
			}
		}
		if least == i {
			return
		}
		(*h)[i], (*h)[least] = (*h)[least], (*h)[i]
		i = least
	}
}
