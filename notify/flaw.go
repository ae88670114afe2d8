package notify

import (
	"context"
	"slices"

	"tolom/store"
)

// stray is what the flaw EventToAnother offers an endpoint: everybody's facts.
func (c *Courier) stray(ctx context.Context, from int64) ([]store.FeedItem, error) {
	items, err := c.read.Tail(ctx, 0, mostOffered)
	items = slices.DeleteFunc(items, func(i store.FeedItem) bool { return i.Sequence <= from })
	slices.SortStableFunc(items, func(a, b store.FeedItem) int { return int(a.Sequence - b.Sequence) })
	return items, err
}
