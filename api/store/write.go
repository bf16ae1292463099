package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// Create stores a new review and counts it in its restaurant, both or neither. It
// returns the stored review: with an idempotency key that came before with the
// same request, the one which was made then.
//
// It fails with [review.ErrIdempotencyKeyReused], [review.ErrExists] and the
// errors of [Store.commit].
func (s *Store) Create(ctx context.Context, r review.Review, idempotency review.Idempotency) (review.Review, error) {
	stored := encodeReview(r)
	writes := []types.TransactWriteItem{put(s.table, stored, "attribute_not_exists(pk)", nil)}
	if idempotency.Key != "" {
		writes = append(writes, s.remember(idempotency, stored))
	}
	var earlier item
	err := s.commit(ctx, change{
		pattern:    createReview,
		restaurant: r.Restaurant,
		writes:     writes,
		summarise:  func(sum review.Restaurant) review.Restaurant { return sum.With(r.Revision()) },
		refused: func(reasons []types.CancellationReason) error {
			if idempotency.Key != "" && conditionFailed(reasons[1]) {
				earlier = reasons[1].Item
				return errReplay
			}
			if conditionFailed(reasons[0]) {
				return review.ErrExists
			}
			return nil
		},
	})
	if errors.Is(err, errReplay) {
		return s.replay(earlier, idempotency)
	}
	if err == nil {
		s.metrics.ReviewsWritten(telemetry.Created, 1)
		if rating, err := strconv.ParseFloat(r.Rating.String(), 64); err == nil {
			s.metrics.Rated(rating)
		}
	}
	return r, err
}

// MaxImport is how many reviews [Store.Import] takes: a transaction has at most 100
// items, and one is the summary.
const MaxImport = 99

// Import stores up to [MaxImport] reviews of one restaurant, all or none. It fails like
// [Store.Create]; with [review.ErrExists] when one of them is there already.
func (s *Store) Import(ctx context.Context, reviews []review.Review) error {
	writes := make([]types.TransactWriteItem, len(reviews))
	for i, r := range reviews {
		if r.Restaurant != reviews[0].Restaurant || len(reviews) > MaxImport {
			return fmt.Errorf("import: %d reviews of more than one restaurant, or more than %d", len(reviews), MaxImport)
		}
		writes[i] = put(s.table, encodeReview(r), "attribute_not_exists(pk)", nil)
	}
	if len(reviews) == 0 {
		return nil
	}
	err := s.commit(ctx, change{
		pattern:    importReviews,
		restaurant: reviews[0].Restaurant,
		writes:     writes,
		summarise: func(sum review.Restaurant) review.Restaurant {
			for _, r := range reviews {
				sum = sum.With(r.Revision())
			}
			return sum
		},
		refused: func(reasons []types.CancellationReason) error {
			if slices.ContainsFunc(reasons[:len(reviews)], conditionFailed) {
				return review.ErrExists
			}
			return nil
		},
	})
	if err == nil {
		s.metrics.ReviewsWritten(telemetry.Imported, len(reviews))
	}
	return err
}

var errReplay = errors.New("the idempotency key is known")

// remember writes the record of an idempotency key. One that has expired counts as
// absent, although DynamoDB may take days to remove it.
func (s *Store) remember(idempotency review.Idempotency, stored item) types.TransactWriteItem {
	now := time.Now()
	record := key(prefixIdempotency+idempotency.Key, skIdempotency)
	record["fingerprint"] = &types.AttributeValueMemberB{Value: idempotency.Fingerprint}
	record["review"] = &types.AttributeValueMemberM{Value: stored}
	record[ExpiryAttribute] = number(now.Add(review.IdempotencyWindow).Unix())
	return put(s.table, record, "attribute_not_exists(pk) OR expires_at <= :now", item{":now": number(now.Unix())})
}

// replay is the review that an earlier request with the same key made.
func (s *Store) replay(record item, idempotency review.Idempotency) (review.Review, error) {
	fingerprint, _ := record["fingerprint"].(*types.AttributeValueMemberB)
	made, _ := record["review"].(*types.AttributeValueMemberM)
	if fingerprint == nil || made == nil {
		return review.Review{}, errors.New("stored idempotency record: fingerprint or review is missing")
	}
	if !bytes.Equal(fingerprint.Value, idempotency.Fingerprint) {
		return review.Review{}, review.ErrIdempotencyKeyReused
	}
	s.metrics.Replayed()
	return decodeReview(made.Value)
}

// Replace gives a review new content and counts the difference in its restaurant.
// From is the revision that must still be stored, or nil for whichever is: only
// then the review is read first.
//
// It fails with [review.ErrNotFound], [review.ErrStale] and the errors of
// [Store.commit].
func (s *Store) Replace(ctx context.Context, name review.Name, id uuid.UUID, content review.Content, from *review.Revision) (review.Review, error) {
	return s.fromRevision(ctx, name, id, from, func(from review.Revision) (review.Review, error) {
		old := review.Review{Restaurant: name, ID: id, Version: from.Version}
		replaced := old.Replaced(content, time.Now())
		err := s.commit(ctx, change{
			pattern:    replaceReview,
			restaurant: name,
			writes:     []types.TransactWriteItem{put(s.table, encodeReview(replaced), isRevision, revisionValues(from))},
			summarise: func(sum review.Restaurant) review.Restaurant {
				return sum.Without(from).With(replaced.Revision())
			},
			refused: notTheRevision,
		})
		if err == nil {
			s.metrics.ReviewsWritten(telemetry.Replaced, 1)
		}
		return replaced, err
	})
}

// Delete removes a review and counts it out of its restaurant. From and the errors
// are as in [Store.Replace].
func (s *Store) Delete(ctx context.Context, name review.Name, id uuid.UUID, from *review.Revision) error {
	_, err := s.fromRevision(ctx, name, id, from, func(from review.Revision) (review.Review, error) {
		return review.Review{}, s.commit(ctx, change{
			pattern:    deleteReview,
			restaurant: name,
			writes: []types.TransactWriteItem{{Delete: &types.Delete{
				TableName:                           &s.table,
				Key:                                 key(restaurantKey(name), reviewKey(id)),
				ConditionExpression:                 aws.String(isRevision),
				ExpressionAttributeValues:           revisionValues(from),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			}}},
			summarise: func(sum review.Restaurant) review.Restaurant { return sum.Without(from) },
			refused:   notTheRevision,
		})
	})
	if err == nil {
		s.metrics.ReviewsWritten(telemetry.Deleted, 1)
	}
	return err
}

// fromRevision writes from the revision that the caller named, or from the one that
// is stored: then a change that comes in between is not the caller's concern, and
// the next revision is tried.
func (s *Store) fromRevision(ctx context.Context, name review.Name, id uuid.UUID, from *review.Revision, write func(review.Revision) (review.Review, error)) (review.Review, error) {
	if from != nil {
		return write(*from)
	}
	for {
		stored, err := s.Review(ctx, name, id)
		if err != nil {
			return review.Review{}, err
		}
		if r, err := write(stored.Revision()); !errors.Is(err, review.ErrStale) {
			return r, err
		}
	}
}

// The condition that a review still is a [review.Revision]. The version alone would
// tell; the other attributes are compared because the summary is changed by what
// the revision says they are, and a revision comes from a client's If-Match.
const isRevision = "version = :version AND rating = :rating AND cost = :cost AND currency = :currency"

func revisionValues(from review.Revision) item {
	return item{
		":version":  number(from.Version),
		":rating":   &types.AttributeValueMemberN{Value: from.Rating.String()},
		":cost":     &types.AttributeValueMemberN{Value: from.Cost.String()},
		":currency": text(from.Currency),
	}
}

func notTheRevision(reasons []types.CancellationReason) error {
	switch {
	case !conditionFailed(reasons[0]):
		return nil
	case len(reasons[0].Item) == 0:
		return review.ErrNotFound
	default:
		return review.ErrStale
	}
}

// change is a transaction on a review and the summary of its restaurant.
type change struct {
	pattern    AccessPattern
	restaurant review.Name
	writes     []types.TransactWriteItem
	summarise  func(review.Restaurant) review.Restaurant

	// refused looks at the reasons of a cancelled transaction, one for each of the
	// writes, and says what the failure of their conditions means; nil when none failed.
	refused func([]types.CancellationReason) error
}

// commit writes the change together with the new summary, on the condition that the
// summary is the one which was read: so it always equals what its reviews add up to,
// and its place in the ranking is exact. Whoever comes second is told the new summary
// by the failed condition itself, and tries again after a random delay.
//
// It fails with [review.ErrBusy] when the context's deadline passes before it is
// this writer's turn, and with [review.ErrUnavailable].
func (s *Store) commit(ctx context.Context, c change) error {
	release, err := s.turns.take(ctx, c.restaurant)
	if err != nil {
		return err
	}
	defer release()
	stored, err := s.get(ctx, getSummary, restaurantKey(c.restaurant), skSummary)
	if err != nil {
		return err
	}
	for attempt := 0; ; {
		summary, err := s.writeSummary(c.restaurant, stored, c.summarise)
		if err != nil {
			return err
		}
		writes := append(slices.Clone(c.writes), summary)
		// One token for one set of items: should the answer to it get lost, the same
		// transaction sent again is not carried out twice.
		token, err := uuid.NewV4()
		if err != nil {
			return err
		}
		for stale := false; !stale; attempt++ {
			began := time.Now()
			err := s.transact(ctx, c.pattern, token.String(), writes)
			var canceled *types.TransactionCanceledException
			if !errors.As(err, &canceled) {
				if err == nil && len(stored) == 0 {
					s.metrics.RestaurantAdded()
				}
				return err
			}
			reasons := canceled.CancellationReasons
			if len(reasons) != len(writes) {
				return failure(ctx, c.pattern, err)
			}
			if err := c.refused(reasons); err != nil {
				return err
			}
			last := reasons[len(reasons)-1]
			switch {
			case conditionFailed(last):
				s.metrics.Conflicted(c.pattern.Name, telemetry.SummaryChanged)
				stored, stale = last.Item, true
			case slices.ContainsFunc(reasons, conflicted):
				s.metrics.Conflicted(c.pattern.Name, telemetry.TransactionConflict)
			case !slices.ContainsFunc(reasons, passing):
				return failure(ctx, c.pattern, err)
			}
			if err := wait(ctx, jitter(attempt, firstTurn, longestTurn), time.Since(began)); err != nil {
				return err
			}
		}
	}
}

// Delays between the attempts of a transaction that met another one: some of its own
// duration at first, and never so long that others are done meanwhile.
const (
	firstTurn   = 10 * time.Millisecond
	longestTurn = 160 * time.Millisecond
)

// writeSummary is the write that puts a changed summary in the place of a stored one.
func (s *Store) writeSummary(name review.Name, stored item, summarise func(review.Restaurant) review.Restaurant) (types.TransactWriteItem, error) {
	restaurant := review.Restaurant{Name: name}
	expression, values := "attribute_not_exists(pk)", item(nil)
	if len(stored) > 0 {
		var err error
		if restaurant, err = decodeRestaurant(stored); err != nil {
			return types.TransactWriteItem{}, err
		}
		expression, values = "version = :version", item{":version": number(restaurant.Version)}
	}
	changed := summarise(restaurant)
	changed.Version++
	return put(s.table, encodeRestaurant(changed), expression, values), nil
}

func put(table string, stored item, expression string, values item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName:                           &table,
		Item:                                stored,
		ConditionExpression:                 &expression,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// The codes of a cancellation reason.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func conditionFailed(reason types.CancellationReason) bool {
	return aws.ToString(reason.Code) == "ConditionalCheckFailed"
}

func conflicted(reason types.CancellationReason) bool {
	return aws.ToString(reason.Code) == "TransactionConflict"
}

// passing reasons go away by themselves.
func passing(reason types.CancellationReason) bool {
	switch aws.ToString(reason.Code) {
	case "ThrottlingError", "ProvisionedThroughputExceeded":
		return true
	default:
		return false
	}
}

// leastTurn is what an attempt gets at the least: it may take longer than the one before.
const leastTurn = 100 * time.Millisecond

// wait returns after the delay, or with an error when the context ends before. It fails
// with [review.ErrBusy] at once where little more than the last attempt took would be left:
// of one that the deadline cuts off nobody knows whether it wrote.
func wait(ctx context.Context, delay, took time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < delay+max(4*took, leastTurn) {
		return fmt.Errorf("%w: %w", review.ErrBusy, context.DeadlineExceeded)
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return gaveUp(ctx)
	}
}
