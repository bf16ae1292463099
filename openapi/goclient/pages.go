package goclient

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/peterhellberg/link"
)

// pageSize is the largest that there is: the fewest requests.
const pageSize = 100

// Reviews are those of all restaurants, the newest first. Pages are fetched as they are
// needed; an error is the last that comes.
func (c *Client) Reviews(ctx context.Context, edits ...RequestEditorFn) iter.Seq2[Review, error] {
	return pages(func(cursor *string) ([]Review, http.Header, error) {
		answer, err := c.ListReviewsWithResponse(ctx, &ListReviewsParams{Limit: new(int64(pageSize)), Cursor: cursor}, edits...)
		if err != nil {
			return nil, nil, err
		}
		list, err := content(answer.JSON200, answer.HTTPResponse)
		if err != nil {
			return nil, nil, err
		}
		return list.Items, answer.HTTPResponse.Header, nil
	})
}

// ReviewsOf are those of one restaurant, the newest first; see [Client.Reviews].
func (c *Client) ReviewsOf(ctx context.Context, restaurant string, edits ...RequestEditorFn) iter.Seq2[Review, error] {
	return pages(func(cursor *string) ([]Review, http.Header, error) {
		answer, err := c.ListRestaurantReviewsWithResponse(ctx, restaurant, &ListRestaurantReviewsParams{Limit: new(int64(pageSize)), Cursor: cursor}, edits...)
		if err != nil {
			return nil, nil, err
		}
		list, err := content(answer.JSON200, answer.HTTPResponse)
		if err != nil {
			return nil, nil, err
		}
		return list.Items, answer.HTTPResponse.Header, nil
	})
}

// Restaurants are all that there are, sorted; see [Client.Reviews].
func (c *Client) Restaurants(ctx context.Context, sort Sort, edits ...RequestEditorFn) iter.Seq2[Restaurant, error] {
	return pages(func(cursor *string) ([]Restaurant, http.Header, error) {
		answer, err := c.ListRestaurantsWithResponse(ctx, &ListRestaurantsParams{Sort: &sort, Limit: new(int64(pageSize)), Cursor: cursor}, edits...)
		if err != nil {
			return nil, nil, err
		}
		list, err := content(answer.JSON200, answer.HTTPResponse)
		if err != nil {
			return nil, nil, err
		}
		return list.Items, answer.HTTPResponse.Header, nil
	})
}

// pages follows the links from page to page.
func pages[T any](fetch func(cursor *string) ([]T, http.Header, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for cursor := (*string)(nil); ; {
			items, header, err := fetch(cursor)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			next, ok := link.ParseHeader(header)["next"]
			if !ok {
				return
			}
			// Of the link only the cursor is taken: the server does not know the path that
			// a proxy may have put in front of its own.
			to, err := url.Parse(next.URI)
			if err == nil && !to.Query().Has("cursor") {
				err = fmt.Errorf("goclient: the link %q leads to no next page", next.URI)
			}
			if err != nil {
				yield(none, err)
				return
			}
			cursor = new(to.Query().Get("cursor"))
		}
	}
}
