package invariant

// stream reads rows page by page and hands them out one by one.
type stream[T any] struct {
	page func(after T) ([]T, error)
	rows []T
	last T
	err  error
	done bool
}

// pageSize is how many rows come at once: enough that the way to the database
// costs little, few enough to hold.
const pageSize = 5000

// peek gives the next row; nil at the end and after an error.
func (s *stream[T]) peek() *T {
	if len(s.rows) == 0 && !s.done {
		s.rows, s.err = s.page(s.last)
		s.done = s.err != nil || len(s.rows) == 0
	}
	if s.done {
		return nil
	}
	return &s.rows[0]
}

// next goes on to the row after the one that peek gave.
func (s *stream[T]) next() {
	s.last, s.rows = s.rows[0], s.rows[1:]
}

// each hands out rows as long as they are wanted.
func (s *stream[T]) each(wanted func(*T) bool, do func(*T)) error {
	for row := s.peek(); row != nil && wanted(row); row = s.peek() {
		do(row)
		s.next()
	}
	return s.err
}

// all hands out every row that is left.
func (s *stream[T]) all(do func(*T)) error {
	return s.each(func(*T) bool { return true }, do)
}
