package sim

import "iter"

// coroutine is a stack that runs one job after another. Stacks are kept, because
// growing one for every small job would cost more than the job.
type coroutine struct {
	job   func()
	task  *task // whose job it is
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

// close ends all tasks, those of dead processes too, and lets go of their stacks.
func (s *scheduler) close() {
	for _, co := range s.all {
		if co.task != nil {
			co.task.frozen = false
			s.kill(co.task)
		}
	}
	for _, co := range s.all {
		co.stop()
	}
	s.all, s.spare = nil, nil
}
