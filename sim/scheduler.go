package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"
)

// scheduler runs tasks one at a time, in the order of their virtual times; what
// falls on one moment runs in an order that the seed decides.
type scheduler struct {
	now    time.Duration // since the world began
	random *rand.Rand
	queue  eventHeap
	task   *task // the one that runs; nil between tasks
	*stacks
	steps  int64
	begun  int64
	failed func(what string) // is told of panics
	world  crew              // the tasks of no process
}

// event is something that will happen: a function, or a task that goes on.
type event struct {
	at    time.Duration
	rank  uint64 // orders what happens in one moment
	do    func()
	task  *task
	sleep int // of the task: an event for an earlier sleep does nothing
}

// task is a piece of work that may wait.
type task struct {
	co     *coroutine
	crew   *crew
	sleeps int
	number int64 // in the order of their beginning
	killed bool
	frozen bool // dead, and the database does not know it yet
	ended  bool
	within bool // a transaction of the database
	life   int  // of the database that the transaction began in
}

// crew are the tasks that end together when their process dies.
type crew struct {
	tasks map[*task]struct{}
	node  *node // whose process it is, when it is a node's
}

// sorted gives the tasks in the order of their beginning.
func (c *crew) sorted() []*task {
	return slices.SortedFunc(maps.Keys(c.tasks), func(a, b *task) int { return cmp.Compare(a.number, b.number) })
}

// killed is what a task panics with when its process dies, so that what it deferred is done.
type killed struct{}

// after has something done in a while.
func (s *scheduler) after(wait time.Duration, do func()) {
	s.queue.push(event{at: s.now + max(wait, 0), rank: s.random.Uint64(), do: do})
}

// begin starts a task after a while. A crew of nil is the world's own.
func (s *scheduler) begin(wait time.Duration, c *crew, do func()) *task {
	s.begun++
	if c == nil {
		c = &s.world
	}
	t := &task{crew: c, number: s.begun}
	c.tasks[t] = struct{}{}
	s.after(wait, func() {
		if t.ended {
			return
		}
		t.co = s.hire()
		t.co.task = t
		t.co.job = func() {
			defer s.rescue()
			do()
		}
		s.resume(t)
	})
	return t
}

// rescue ends a task whose process died, and reports what else panics.
func (s *scheduler) rescue() {
	reason := recover()
	if _, dead := reason.(killed); dead || reason == nil {
		return
	}
	s.failed(fmt.Sprintf("a panic: %v\n%s", reason, debug.Stack()))
}

// resume lets a task run until it parks or ends.
func (s *scheduler) resume(t *task) {
	before := s.task
	s.task = t
	t.co.next()
	s.task = before
	if t.co.job == nil {
		t.ended = true
		delete(t.crew.tasks, t)
		s.discharge(t.co)
		t.co = nil
	}
}

// park hands the turn on until somebody wakes the running task.
func (s *scheduler) park() {
	t := s.task
	if !t.killed {
		t.co.yield(struct{}{})
	}
	if t.killed {
		die()
	}
}

// die unwinds the running task, whose process has ended.
func die() { panic(killed{}) }

// sleep parks the running task for a time.
func (s *scheduler) sleep(wait time.Duration) {
	s.wakeIn(s.task, wait)
	s.park()
}

// wakeIn has a task go on in a while, unless it does so before.
func (s *scheduler) wakeIn(t *task, wait time.Duration) {
	s.queue.push(event{at: s.now + max(wait, 0), rank: s.random.Uint64(), task: t, sleep: t.sleeps})
}

// kill ends a task where it parks. What it deferred runs.
func (s *scheduler) kill(t *task) {
	if t.ended || t.killed {
		return
	}
	t.killed = true
	if t.co == nil { // not begun
		t.ended = true
		delete(t.crew.tasks, t)
		return
	}
	if t != s.task {
		t.sleeps++
		s.resume(t)
	}
}

// step does what comes next; false when nothing is left.
func (s *scheduler) step() bool {
	e, some := s.queue.pop()
	if !some {
		return false
	}
	s.now = max(s.now, e.at)
	s.steps++
	switch {
	case e.do != nil:
		e.do()
	case e.task.mayRun() && e.sleep == e.task.sleeps:
		e.task.sleeps++
		s.resume(e.task)
	}
	return true
}

// mayRun says whether a task lives.
func (t *task) mayRun() bool { return !t.ended && !t.killed && !t.frozen }

func newCrew() *crew { return &crew{tasks: map[*task]struct{}{}} }

// waiter is a task that waits until something has come about.
type waiter struct {
	task *task
	over func() bool
}

// wait parks the running task on a list until a check finds that it is over.
func (s *scheduler) wait(list *[]waiter, over func() bool) {
	if over() {
		return
	}
	*list = append(*list, waiter{s.task, over})
	s.park()
}

// check wakes those on a list whose wait is over.
func (s *scheduler) check(list *[]waiter) {
	kept := (*list)[:0]
	for _, x := range *list {
		switch {
		case x.task.ended || x.task.killed:
		case !x.task.frozen && x.over():
			s.wakeIn(x.task, s.within(200*time.Microsecond))
		default:
			kept = append(kept, x)
		}
	}
	clear((*list)[len(kept):])
	*list = kept
}

// within gives a random time below a bound.
func (s *scheduler) within(most time.Duration) time.Duration {
	return time.Duration(s.random.Int64N(int64(most)))
}

// chance says yes at a rate.
func (s *scheduler) chance(rate float64) bool { return rate > 0 && s.random.Float64() < rate }
