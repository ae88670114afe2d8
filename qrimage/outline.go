package qrimage

// corner is a point between modules; (0, 0) is the top left corner of the code.
type corner struct{ x, y int }

// outlines traces the edges of all dark areas as closed loops of corners, each starting along a top edge. Filled by either
// rule (even-odd or non-zero) they give the code. An outline has no seams, where rectangles laid side by side show hairlines
// between them in print and when zoomed.
func outlines(m Matrix) [][]corner {
	var loops [][]corner
	seen := make([]row, m.Size())
	for y := range m.Size() {
		for x := range m.Size() {
			if m.Dark(x, y) && !m.Dark(x, y-1) && !seen[y].has(x) {
				loops = append(loops, trace(m, corner{x, y}, seen))
			}
		}
	}
	return loops
}

// trace follows one edge clockwise from the top left corner of a module, dark on the right hand, and marks the top edges
// it passes. Where two dark modules meet only in a corner it turns right, so that areas stay apart.
func trace(m Matrix, start corner, seen []row) []corner {
	var loop []corner
	at, dx, dy := start, 1, 0
	for {
		loop = append(loop, at)
		at = follow(m, at, dx, dy, seen)
		dx, dy = turn(m, at, dx, dy)
		if at == start && dx == 1 {
			return loop
		}
	}
}

// follow goes straight on until the edge bends.
func follow(m Matrix, at corner, dx, dy int, seen []row) corner {
	for {
		if dx == 1 {
			seen[at.y].set(at.x)
		}
		at.x, at.y = at.x+dx, at.y+dy
		if left, right := ahead(m, at, dx, dy); left || !right {
			return at
		}
	}
}

// turn chooses the new direction at a bend.
func turn(m Matrix, at corner, dx, dy int) (int, int) {
	if left, right := ahead(m, at, dx, dy); left && right {
		return dy, -dx
	}
	return -dy, dx
}

// ahead looks at the two modules in front of a corner, left and right of the way.
func ahead(m Matrix, at corner, dx, dy int) (left, right bool) {
	dark := func(lx, ly int) bool {
		return m.Dark(at.x+(dx+lx-1)/2, at.y+(dy+ly-1)/2)
	}
	return dark(dy, -dx), dark(-dy, dx)
}
