package goclient

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// A StoredReview is a review and what is said of it in the header.
type StoredReview struct {
	Review

	ETag     string // for [IfMatch] and [IfNoneMatch]
	Replayed bool   // it was made by an earlier request with the same key
}

// Input is the review as it is sent to replace it: change it, and call ReplaceReview.
func (r Review) Input() ReviewInput {
	return ReviewInput{
		Rating: r.Rating, VisitedAt: r.VisitedAt, VisitedAtText: r.VisitedAtText,
		Cost: r.Cost, Currency: r.Currency, Comment: r.Comment,
	}
}

// CreateReview adds a review to a restaurant, which begins to exist with its first.
func (c *Client) CreateReview(ctx context.Context, restaurant string, review ReviewInput, edits ...RequestEditorFn) (*StoredReview, error) {
	answer, err := c.CreateReviewWithResponse(ctx, restaurant, nil, review, edits...)
	if err != nil {
		return nil, err
	}
	stored, err := stored(answer.JSON201, answer.HTTPResponse)
	if err == nil {
		stored.Replayed = answer.HTTPResponse.Header.Get("Idempotency-Replayed") == "true"
	}
	return stored, err
}

// GetReview reads a review.
func (c *Client) GetReview(ctx context.Context, restaurant string, id uuid.UUID, edits ...RequestEditorFn) (*StoredReview, error) {
	answer, err := c.GetReviewWithResponse(ctx, restaurant, id, nil, edits...)
	if err != nil {
		return nil, err
	}
	return stored(answer.JSON200, answer.HTTPResponse)
}

// ReplaceReview replaces a review as a whole.
func (c *Client) ReplaceReview(ctx context.Context, restaurant string, id uuid.UUID, review ReviewInput, edits ...RequestEditorFn) (*StoredReview, error) {
	answer, err := c.ReplaceReviewWithResponse(ctx, restaurant, id, nil, review, edits...)
	if err != nil {
		return nil, err
	}
	return stored(answer.JSON200, answer.HTTPResponse)
}

// PatchReview changes parts of a review: what the patch leaves out stays as it is.
func (c *Client) PatchReview(ctx context.Context, restaurant string, id uuid.UUID, patch ReviewPatch, edits ...RequestEditorFn) (*StoredReview, error) {
	answer, err := c.PatchReviewWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, restaurant, id, nil, patch, edits...)
	if err != nil {
		return nil, err
	}
	return stored(answer.JSON200, answer.HTTPResponse)
}

// DeleteReview removes a review. A restaurant ceases to exist with its last.
func (c *Client) DeleteReview(ctx context.Context, restaurant string, id uuid.UUID, edits ...RequestEditorFn) error {
	_, err := c.DeleteReviewWithResponse(ctx, restaurant, id, nil, edits...)
	return err
}

// GetRestaurant is what the reviews of a restaurant add up to.
func (c *Client) GetRestaurant(ctx context.Context, name string, edits ...RequestEditorFn) (*Restaurant, error) {
	answer, err := c.GetRestaurantWithResponse(ctx, name, nil, edits...)
	if err != nil {
		return nil, err
	}
	return content(answer.JSON200, answer.HTTPResponse)
}

func stored(review *Review, response *http.Response) (*StoredReview, error) {
	review, err := content(review, response)
	if err != nil {
		return nil, err
	}
	return &StoredReview{Review: *review, ETag: response.Header.Get("ETag")}, nil
}

// content is the body of an answer below 400, which need not be the one that is hoped for.
func content[T any](body *T, response *http.Response) (*T, error) {
	switch {
	case response.StatusCode == http.StatusNotModified:
		return nil, ErrNotModified
	case body == nil:
		return nil, fmt.Errorf("goclient: %s %s: an answer of %s, %q, is none of this API",
			response.Request.Method, response.Request.URL, response.Status, response.Header.Get("Content-Type"))
	default:
		return body, nil
	}
}
