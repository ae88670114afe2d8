package jobs

import (
	"context"
	"time"

	"tolom/flow"
)

// closeEvery is the time between two looks at the day that is going on: how late its end may be noticed.
const closeEvery = 5 * time.Second

// closer counts facts into business days, ends these by the timetable, and writes down
// what follows from their end and from their settlement.
type closer struct{ days *flow.BusinessDays }

// CloseDays is the pass that ends business days and closes them. On several nodes one is
// first with each part; the others find it done.
func CloseDays(days *flow.BusinessDays) Pass { return &closer{days} }

func (c *closer) Name() string         { return "days" }
func (c *closer) Every() time.Duration { return closeEvery }

func (c *closer) Step(ctx context.Context) (did int, err error) { return c.days.Step(ctx) }
