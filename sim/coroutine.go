package sim

import "iter"

// coroutine is a stack that runs one job after another. Stacks are kept, because
// growing one for every small job would cost more than the job.
type coroutine struct {
	job   func()
	yield func(struct{}) bool
	next  func() (struct{}, bool)
	stop  func()
}

// hire gives a coroutine without a job.
func (s *scheduler) hire() *coroutine {
	if n := len(s.spare); n > 0 {
		co := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return co
	}
	co := &coroutine{}
	co.next, co.stop = iter.Pull(func(yield func(struct{}) bool) {
		co.yield = yield
		for more := true; more; more = yield(struct{}{}) {
			if co.job == nil {
				return
			}
			co.job()
			co.job = nil
		}
	})
	s.all = append(s.all, co)
	return co
}

// close lets go of all coroutines. Jobs under way must have been killed before.
func (s *scheduler) close() {
	for _, co := range s.all {
		co.stop()
	}
	s.all, s.spare = nil, nil
}
