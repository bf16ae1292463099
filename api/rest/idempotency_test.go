package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
)

func (s *service) countOf(t testing.TB, restaurant string) int64 {
	t.Helper()
	return decode[rest.Restaurant](t, s.getRestaurant(restaurant).expect(t, http.StatusOK)).ReviewCount
}

func TestTheSameKeyAndReviewIsTheSameAnswerOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		first := s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		assert.Empty(t, first.header.Values("Idempotency-Replayed"))
		again := func() {
			t.Helper()
			for _, body := range []string{plain, " " + strings.Replace(plain, "4.5", "4.50", 1) + "\n"} {
				a := s.keyed("k", "Habibi", body).expect(t, http.StatusCreated)
				assert.Equal(t, first.body, a.body)
				assert.Equal(t, "true", a.header.Get("Idempotency-Replayed"))
				for _, name := range []string{"Location", "ETag", "Content-Type"} {
					assert.Equal(t, first.header.Get(name), a.header.Get(name))
				}
			}
		}
		again()
		assert.Equal(t, int64(1), s.countOf(t, "Habibi"))
		// The answer to a creation stays what it was, whatever became of the review.
		s.replaceReview(first.made(t), visit("1", "1", "USD")).expect(t, http.StatusOK)
		again()
		s.deleteReview(first.made(t)).expect(t, http.StatusNoContent)
		again()
		s.getRestaurant("Habibi").expect(t, http.StatusNotFound)
	})
}

func TestAKeyBelongsToOneRequest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		s.keyed("k", "Habibi", strings.Replace(plain, "4.5", "4", 1)).expect(t, http.StatusUnprocessableEntity).problem(t, "idempotency-key-reused")
		s.keyed("k", "Other", plain).expect(t, http.StatusUnprocessableEntity).problem(t, "idempotency-key-reused")
		s.getRestaurant("Other").expect(t, http.StatusNotFound)
		assert.Equal(t, int64(1), s.countOf(t, "Habibi"))
		for _, other := range []string{"K", "k2", strings.Repeat("x", 255), "../k", `"k"`, "k;a=b"} {
			a := s.keyed(other, "Habibi", plain).expect(t, http.StatusCreated)
			assert.Empty(t, a.header.Values("Idempotency-Replayed"), other)
		}
		assert.Equal(t, int64(7), s.countOf(t, "Habibi"))
		for _, unfit := range []string{"", strings.Repeat("x", 256)} {
			s.keyed(unfit, "Habibi", plain).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		}
	})
}

func TestAKeyOfBytesThatAreNoTextDoesNotMixUpRequests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		first := s.keyed("\xff", "Habibi", plain).send(t)
		second := s.keyed("\xfe", "Habibi", plain).send(t)
		for _, a := range []*answer{first, second} {
			assert.Contains(t, []int{http.StatusCreated, http.StatusUnprocessableEntity}, a.status)
			assert.Empty(t, a.header.Values("Idempotency-Replayed"))
		}
	})
}

func TestARefusedRequestDoesNotUseUpItsKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.keyed("k", "Habibi", `{}`).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		s.keyed("k", "Habibi", `{"rating":`).expect(t, http.StatusBadRequest)
		s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
	})
}

func TestManyWithTheSameKeyMakeOneReview(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const clients = 16
		var all []*request
		for range clients {
			all = append(all, s.keyed("k", "Habibi", plain))
		}
		var bodies []string
		replayed := 0
		for _, a := range together(t, all...) {
			require.Equal(t, http.StatusCreated, a.status, a.body)
			bodies = append(bodies, a.body)
			if a.header.Get("Idempotency-Replayed") == "true" {
				replayed++
			}
		}
		assert.Equal(t, clients-1, replayed)
		for _, body := range bodies {
			assert.Equal(t, bodies[0], body)
		}
		assert.Equal(t, int64(1), s.countOf(t, "Habibi"))
	})
}

func TestAKeyThatHasExpiredIsNew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		first := s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		record := s.item(t, "IDEMPOTENCY#k", "IDEMPOTENCY")
		day := time.Now().Add(24 * time.Hour).Unix()
		assert.InDelta(t, day, seconds(t, record), 60, "it is kept for a day")

		s.expire(t, "k", time.Now().Add(-time.Second))
		second := s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		assert.Empty(t, second.header.Values("Idempotency-Replayed"))
		assert.NotEqual(t, first.header.Get("Location"), second.header.Get("Location"))
		assert.Equal(t, second.body, s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated).body, "the record is the new one's")

		s.expire(t, "k", time.Now().Add(-time.Second))
		s.keyed("k", "Habibi", visit("1", "1", "USD")).expect(t, http.StatusCreated)
		assert.Equal(t, int64(3), s.countOf(t, "Habibi"))

		s.expire(t, "k", time.Now().Add(time.Hour))
		s.keyed("k", "Habibi", plain).expect(t, http.StatusUnprocessableEntity).problem(t, "idempotency-key-reused")
	})
}

func seconds(t testing.TB, record dynamodbItem) (at int64) {
	t.Helper()
	require.NoError(t, attributevalue.Unmarshal(record[store.ExpiryAttribute], &at))
	return at
}

// expire sets the time at which an idempotency record may be removed.
func (s *service) expire(t testing.TB, key string, at time.Time) {
	t.Helper()
	_, err := s.database.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: keyOf("IDEMPOTENCY#"+key, "IDEMPOTENCY"),
		UpdateExpression:          aws.String("SET expires_at = :at"),
		ConditionExpression:       aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: dynamodbItem{":at": number(at.Unix())},
	})
	require.NoError(t, err)
}
