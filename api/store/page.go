package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/api/review"
)

// merged asks every shard of an index at the same time and puts the answers in
// order of the sort attribute. The condition's :pk is filled in for each shard.
func (s *Store) merged(ctx context.Context, pattern AccessPattern, page review.PageRequest, sortBy string, where condition) (found, error) {
	var shards [Shards]found
	group, ctx := errgroup.WithContext(ctx)
	for shard := range Shards {
		group.Go(func() (err error) {
			of := where
			of.values = maps.Clone(where.values)
			of.values[":pk"] = text(shardName(pattern.Index, shard))
			shards[shard], err = s.query(ctx, pattern, of, page.Limit+1)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return found{}, err
	}
	order := func(a, b item) int {
		if where.descending {
			a, b = b, a
		}
		return strings.Compare(textOf(a, sortBy), textOf(b, sortBy))
	}
	var all found
	for _, shard := range shards {
		all.items = append(all.items, shard.items...)
	}
	slices.SortFunc(all.items, order)
	// Behind the last item of a shard that has more, that shard's next item may
	// belong anywhere: the order is known up to there.
	for _, shard := range shards {
		if !shard.more {
			continue
		}
		all.more = true
		last := shard.items[len(shard.items)-1]
		known, _ := slices.BinarySearchFunc(all.items, last, order)
		all.items = all.items[:min(known+1, len(all.items))]
	}
	return all, nil
}

// pageOf decodes the first items, and notes where the next page begins if there
// are more.
func pageOf[T any](read found, limit int, sortedBy string, decode func(item) (T, error)) (review.Page[T], error) {
	var page review.Page[T]
	if len(read.items) > limit {
		read.items, read.more = read.items[:limit], true
	}
	if read.more && len(read.items) > 0 {
		page.Next = textOf(read.items[len(read.items)-1], sortedBy)
	}
	page.Items = make([]T, len(read.items))
	for i, stored := range read.items {
		var err error
		if page.Items[i], err = decode(stored); err != nil {
			return review.Page[T]{}, err
		}
	}
	return page, nil
}

// textOf is the value of an attribute of type S; "" without one.
func textOf(of item, attribute string) string {
	value, _ := of[attribute].(*types.AttributeValueMemberS)
	if value == nil {
		return ""
	}
	return value.Value
}
