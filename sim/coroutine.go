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

// stacks are coroutines, some of them without a job. They outlive a world, because a
// stack that has grown serves the next one as well.
type stacks struct{ all, spare []*coroutine }

// hire gives a coroutine without a job.
func (s *stacks) hire() *coroutine {
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

// discharge ends a coroutine's job.
func (s *stacks) discharge(co *coroutine) {
	co.task = nil
	s.spare = append(s.spare, co)
}

// killAll ends all tasks, those of dead processes too.
func (s *scheduler) killAll() {
	for _, co := range s.all {
		if co.task != nil {
			co.task.frozen = false
			s.kill(co.task)
		}
	}
}

// close lets go of all coroutines, none of which has a job any more.
func (s *stacks) close() {
	for _, co := range s.all {
		co.stop()
	}
	s.all, s.spare = nil, nil
}
