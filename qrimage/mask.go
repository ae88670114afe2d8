package qrimage

// The weights of the four mask rules in the QR standard.
const (
	weightRun     = 2  // for a run of five like modules, besides one for each module from the fifth on
	weightBlock   = 3  // for each 2×2 block of like modules
	weightFinder  = 40 // for each look-alike of a finder pattern
	weightBalance = 10 // for each step of 5 % away from half dark
)

// penalty scores how badly a finished code scans, by the four mask rules of the QR standard: long runs, solid
// blocks, false finder patterns and an uneven share of dark modules. cols is rows with the axes exchanged. Lower is
// better.
//
// It works on whole rows of bits, which is some ten times faster than module by module; that is why the mask can be
// chosen for every picture instead of being fixed.
func penalty(rows, cols []row) int {
	n := len(rows)
	score := blockPenalty(rows) + balancePenalty(rows)
	inside := first(n - 1)
	for i := range n {
		score += linePenalty(rows[i], inside) + linePenalty(cols[i], inside)
	}
	return score
}

// linePenalty scores the runs and false finder patterns of one line; inside holds all its modules but the last.
func linePenalty(r, inside row) int {
	same := r.xor(r.down(1)).not().and(inside)
	pairs := same.and(same.down(1))
	fives := pairs.and(pairs.down(2))
	ends := fives.and(fives.down(1).not())
	return fives.count() + weightRun*ends.count() + weightFinder*falseFinders(r)
}

// falseFinders counts dark runs of 1:1:3:1:1 with four light modules on a side. Outside the code is the quiet zone, so it
// counts as light; the line is moved up by four to make room for it. Patterns drawn at double size, which some encoders count
// too, are so rare that looking for them is not worth the time.
func falseFinders(r row) int {
	p := r.up(4)
	light := p.not()
	core := p.and(light.down(1)).and(p.down(2)).and(p.down(3)).and(p.down(4)).and(light.down(5)).and(p.down(6))
	core = core.and(light.up(1)).and(light.down(7))
	if core == (row{}) {
		return 0
	}
	quiet := light.and(light.down(1))
	quiet = quiet.and(quiet.down(2))
	return core.and(quiet.up(4)).count() + core.and(quiet.down(7)).count()
}

func blockPenalty(rows []row) int {
	inside := first(len(rows) - 1)
	blocks := 0
	for y := 1; y < len(rows); y++ {
		above, here := rows[y-1], rows[y]
		like := above.xor(above.down(1)).not().and(here.xor(here.down(1)).not()).and(above.xor(here).not())
		blocks += like.and(inside).count()
	}
	return weightBlock * blocks
}

func balancePenalty(rows []row) int {
	dark, all := 0, len(rows)*len(rows)
	for _, r := range rows {
		dark += r.count()
	}
	away := dark*20 - all*10
	return weightBalance * (max(away, -away) / all)
}
