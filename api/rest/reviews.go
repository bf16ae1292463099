package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
)

const (
	restaurantPath = "/v1/restaurants/{restaurant}"
	reviewsPath    = restaurantPath + "/reviews"
	reviewPath     = reviewsPath + "/{id}"
)

// RestaurantParam names the restaurant in a path. (huma does not look into embedded
// structs that are not exported.)
type RestaurantParam struct {
	Restaurant string `path:"restaurant" minLength:"1" example:"Habibi" doc:"Name of the restaurant, percent-encoded. Names that differ only by surrounding space or Unicode form are the same."`
}

func (p RestaurantParam) name(ctx context.Context) (review.Name, error) {
	name, err := review.ParseName(p.Restaurant)
	if invalid, ok := errors.AsType[*review.InvalidError](err); ok {
		return "", violations(ctx, "path", invalid)
	}
	return name, err
}

// ReviewParams name one review in a path.
type ReviewParams struct {
	RestaurantParam
	ID string `path:"id" format:"uuid" example:"019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21" doc:"The id of the review."`
}

func (p ReviewParams) key(ctx context.Context) (review.Name, uuid.UUID, error) {
	name, err := p.name(ctx)
	if err != nil {
		return "", uuid.Nil, err
	}
	id, err := uuid.FromString(p.ID)
	if err != nil || !strings.EqualFold(id.String(), p.ID) { // it also reads {…} and urn:uuid:…
		return "", uuid.Nil, problemInvalid.new(ctx, "validation failed", ProblemError{"path.id", "must be a UUID", short(p.ID)})
	}
	return name, id, nil
}

// Precondition is the precondition of a write.
type Precondition struct {
	IfMatch string `header:"If-Match" example:"\"1-4.5-8.5-EUR\"" doc:"The ETag that the review must still have; without it the write happens whatever the review is now."`
}

// revision is what the precondition asks for: nil for whatever is stored. Several
// entity tags are an alternative; the stored review decides which one it is.
func (m Precondition) revision(ctx context.Context, reviews Reviews, name review.Name, id uuid.UUID) (*review.Revision, error) {
	if m.unconditional() {
		return nil, nil
	}
	tags := entityTags(m.IfMatch)
	if len(tags) == 1 {
		if revision, ok := parseRevision(tags[0]); ok {
			return &revision, nil
		}
	}
	stored, err := reviews.Review(ctx, name, id)
	if err != nil {
		return nil, err
	}
	if !m.admits(reviewETag(stored)) {
		return nil, review.ErrStale
	}
	revision := stored.Revision()
	return &revision, nil
}

// unconditional is a write that happens whatever is stored, as long as something is.
func (m Precondition) unconditional() bool {
	return m.IfMatch == "" || strings.TrimSpace(m.IfMatch) == "*"
}

// admits reports that the write may happen to what has the entity tag. The comparison is
// strong: a weak tag admits nothing (RFC 9110, section 13.1.1).
func (m Precondition) admits(etag string) bool {
	return m.unconditional() || slices.Contains(entityTags(m.IfMatch), etag)
}

type reviewOutput struct {
	ETag string `header:"ETag" doc:"Entity tag of the review, for If-Match and If-None-Match."`
	Body Review
}

func newReviewOutput(r review.Review) *reviewOutput {
	return &reviewOutput{ETag: reviewETag(r), Body: fromReview(r)}
}

type createInput struct {
	RestaurantParam
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" pattern:"^[ -~]+$" patternDescription:"printable ASCII" example:"7f9c24e5-1f6a-4d6e-8f7b-0c5d2b9f8a11" doc:"Chosen by the client, anew for every review (a UUID, say; printable ASCII). The same key with the same review gives the same answer for 24 hours, so that a request may be sent again."`
	Body           ReviewInput
}

// Resolve implements huma.Resolver. huma takes a header without a value for one that is
// not there; but whoever sends a key believes to be safe.
func (createInput) Resolve(ctx huma.Context) (errs []error) {
	ctx.EachHeader(func(name, value string) {
		if name == "Idempotency-Key" && value == "" {
			errs = append(errs, &huma.ErrorDetail{Location: "header.Idempotency-Key", Message: "must not be empty"})
		}
	})
	return errs
}

type createOutput struct {
	Location string `header:"Location" doc:"Path of the new review."`
	ETag     string `header:"ETag" doc:"Entity tag of the review."`
	Replayed string `header:"Idempotency-Replayed" doc:"true where the answer is that of an earlier request with the same Idempotency-Key."`
	Body     Review
}

type getInput struct {
	ReviewParams
	IfNoneMatch string `header:"If-None-Match" doc:"ETag that the client has: 304 without a body where it is still the one."`
}

type getOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Entity tag of the review, for If-Match and If-None-Match."`
	Body   Review
}

type replaceInput struct {
	ReviewParams
	Precondition
	Body ReviewInput
}

type deleteInput struct {
	ReviewParams
	Precondition
}

func registerReviews(api huma.API, reviews Reviews, cursors cursors) {
	tags := []string{"Reviews"}

	huma.Register(api, huma.Operation{
		OperationID: "createReview", Method: http.MethodPost, Path: reviewsPath, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Add a review",
		Description: "Stores a review. The restaurant begins to exist with its first review. Send an `Idempotency-Key` to be able to repeat the request without making a second review.",
		RequestBody: reviewBody(),
		Responses: answers(http.StatusCreated, "The review, as it is stored.", exampleReview,
			problemMalformed, problemTimeout, problemTooLarge, problemMediaType, problemKeyReused, problemBusy),
	}, func(ctx context.Context, in *createInput) (*createOutput, error) {
		name, err := in.name(ctx)
		if err != nil {
			return nil, err
		}
		if !utf8.ValidString(in.IdempotencyKey) { // JSON would make all bytes that are no text the same
			return nil, problemInvalid.new(ctx, "validation failed", ProblemError{Location: "header.Idempotency-Key", Message: "must be valid UTF-8"})
		}
		content, err := in.Body.content(review.Review{})
		if err != nil {
			return nil, problem(ctx, err)
		}
		made, err := review.New(name, content, time.Now())
		if err != nil {
			return nil, problem(ctx, err)
		}
		fingerprint, err := review.Fingerprint(name, content)
		if err != nil {
			return nil, problem(ctx, err)
		}
		stored, err := reviews.Create(ctx, made, review.Idempotency{Key: in.IdempotencyKey, Fingerprint: fingerprint})
		if err != nil {
			return nil, problem(ctx, err)
		}
		out := &createOutput{Location: pathOf(stored), ETag: reviewETag(stored), Body: fromReview(stored)}
		if stored.ID != made.ID {
			out.Replayed = "true"
		}
		return out, nil
	})

	huma.Register(api, huma.Operation{
		OperationID: "getReview", Method: http.MethodGet, Path: reviewPath, Tags: tags,
		Summary:     "Get a review",
		Description: "Reads one review. What was acknowledged before is seen.",
		Responses:   orNotModified(answers(http.StatusOK, "The review.", exampleReview, problemNotFound)),
	}, func(ctx context.Context, in *getInput) (*getOutput, error) {
		name, id, err := in.key(ctx)
		if err != nil {
			return nil, err
		}
		stored, err := reviews.Review(ctx, name, id)
		if err != nil {
			return nil, problem(ctx, err)
		}
		etag := reviewETag(stored)
		if noneMatch(in.IfNoneMatch, etag) {
			return &getOutput{Status: http.StatusNotModified, ETag: etag}, nil
		}
		return &getOutput{Status: http.StatusOK, ETag: etag, Body: fromReview(stored)}, nil
	})

	huma.Register(api, huma.Operation{
		OperationID: "replaceReview", Method: http.MethodPut, Path: reviewPath, Tags: tags,
		Summary:     "Replace a review",
		Description: "Gives a review new content. What is left out falls back to its default. With `If-Match` the change happens only to the state that the client saw.",
		RequestBody: reviewBody(),
		Responses: answers(http.StatusOK, "The review, as it is now.", exampleChanged,
			problemMalformed, problemNotFound, problemTimeout, problemStale, problemTooLarge, problemMediaType, problemBusy),
	}, func(ctx context.Context, in *replaceInput) (*reviewOutput, error) {
		name, id, err := in.key(ctx)
		if err != nil {
			return nil, err
		}
		content, err := in.Body.content(review.Review{ID: id})
		if err != nil {
			return nil, problem(ctx, err)
		}
		from, err := in.revision(ctx, reviews, name, id)
		if err != nil {
			return nil, problem(ctx, err)
		}
		replaced, err := reviews.Replace(ctx, name, id, content, from)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return newReviewOutput(replaced), nil
	})

	registerPatch(api, reviews, tags)

	huma.Register(api, huma.Operation{
		OperationID: "deleteReview", Method: http.MethodDelete, Path: reviewPath, Tags: tags,
		Summary:     "Delete a review",
		Description: "Removes a review for good. A restaurant ceases to exist with its last review.",
		Responses:   answers(http.StatusNoContent, "The review is gone.", nil, problemNotFound, problemStale, problemBusy),
	}, func(ctx context.Context, in *deleteInput) (*struct{}, error) {
		name, id, err := in.key(ctx)
		if err != nil {
			return nil, err
		}
		from, err := in.revision(ctx, reviews, name, id)
		if err != nil {
			return nil, problem(ctx, err)
		}
		if err := reviews.Delete(ctx, name, id, from); err != nil {
			return nil, problem(ctx, err)
		}
		return nil, nil
	})

	huma.Register(api, huma.Operation{
		OperationID: "listRestaurantReviews", Method: http.MethodGet, Path: reviewsPath, Tags: tags,
		Summary:     "List the reviews of a restaurant",
		Description: "The reviews of one restaurant, newest first. A restaurant that nobody reviewed has an empty list.",
		Responses:   orNotModified(answers(http.StatusOK, "A page of reviews.", exampleReviews)),
	}, func(ctx context.Context, in *restaurantReviewsInput) (*listOutput[Review], error) {
		name, err := in.name(ctx)
		if err != nil {
			return nil, err
		}
		list := "/v1/restaurants/" + url.PathEscape(string(name)) + "/reviews"
		return listPage(ctx, in.PageParams, cursors, list, nil, fromReview, func(page review.PageRequest) (review.Page[review.Review], error) {
			return reviews.ReviewsOf(ctx, name, page)
		})
	})

	huma.Register(api, huma.Operation{
		OperationID: "listReviews", Method: http.MethodGet, Path: "/v1/reviews", Tags: tags,
		Summary:     "List the newest reviews",
		Description: "The reviews of all restaurants, newest first. A new review appears here within a second or so.",
		Responses:   orNotModified(answers(http.StatusOK, "A page of reviews.", exampleReviews)),
	}, func(ctx context.Context, in *PageParams) (*listOutput[Review], error) {
		return listPage(ctx, *in, cursors, "/v1/reviews", nil, fromReview, func(page review.PageRequest) (review.Page[review.Review], error) {
			return reviews.NewestReviews(ctx, page)
		})
	})
}

type restaurantReviewsInput struct {
	RestaurantParam
	PageParams
}

// pathOf is where a review is found.
func pathOf(r review.Review) string {
	return "/v1/restaurants/" + url.PathEscape(string(r.Restaurant)) + "/reviews/" + r.ID.String()
}

func versionText(n int64) string { return strconv.FormatInt(n, 10) }
