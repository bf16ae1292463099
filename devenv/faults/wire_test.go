package faults_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

func readerOf(body string) io.Reader { return strings.NewReader(body) }

// A setting is a table behind a proxy, and what came to both sides of it.
type setting struct {
	*faults.Proxy
	client   *dynamodb.Client // through the proxy
	direct   *dynamodb.Client
	table    string
	url      string
	attempts atomic.Int64 // at the proxy
	calls    atomic.Int64 // at the database
}

// set puts a proxy in front of a table of its own, and makes a client with so many attempts.
func set(t *testing.T, db *dynamodbtest.Backend, attempts int) *setting {
	t.Helper()
	s := &setting{direct: db.Client, table: db.Table(t, store.Definition(""))}
	target, err := url.Parse(db.Endpoint)
	require.NoError(t, err)
	toDatabase := faults.NewProxy(target)
	s.Proxy = faults.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		toDatabase.ServeHTTP(w, r)
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.attempts.Add(1)
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.client = dynamodb.New(db.Client.Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint = &server.URL
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			o.RateLimiter = unlimited{}
		})
	})
	return s
}

// unlimited lets the SDK try as often as it likes, whatever failed before.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (unlimited) AddTokens(uint) error { return nil }

func key(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "RESTAURANT#" + id}, "sk": &types.AttributeValueMemberS{Value: "SUMMARY"}}
}

func (s *setting) put(t testing.TB, id string) error {
	t.Helper()
	_, err := s.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &s.table, Item: key(id)})
	return err
}

func (s *setting) get(t testing.TB, id string, consistent bool) (map[string]types.AttributeValue, error) {
	t.Helper()
	out, err := s.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.table, Key: key(id), ConsistentRead: &consistent})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

func (s *setting) transact(t testing.TB, ids ...string) error {
	t.Helper()
	var writes []types.TransactWriteItem
	for _, id := range ids {
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: key(id)}})
	}
	_, err := s.client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return err
}

// stored reports whether the item is in the table.
func (s *setting) stored(t testing.TB, id string) bool {
	t.Helper()
	out, err := s.direct.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.table, Key: key(id), ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	return len(out.Item) > 0
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

func isConnection(err error) bool {
	var api smithy.APIError
	return err != nil && !errors.As(err, &api) && (&retry.RetryableConnectionError{}).IsErrorRetryable(err).Bool()
}

func canceledBy(code string) func(error) bool {
	return func(err error) bool {
		canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
		if !ok || len(canceled.CancellationReasons) != 3 {
			return false
		}
		for _, reason := range canceled.CancellationReasons[:2] {
			if aws.ToString(reason.Code) != "None" {
				return false
			}
		}
		return aws.ToString(canceled.CancellationReasons[2].Code) == code && aws.ToString(canceled.CancellationReasons[2].Message) != ""
	}
}

// What the SDK makes of a fault has to be what it makes of DynamoDB's own answer: its type
// and code, and whether it tries again.
func TestTheSDKTakesAFaultForDynamoDBs(t *testing.T) {
	t.Parallel()
	const attempts = 3
	type kind struct {
		is      func(error) bool // nil: no error
		retried bool
	}
	fine := kind{}
	throttled := kind{isA[*types.ProvisionedThroughputExceededException], true}
	failed := kind{isA[*types.InternalServerError], true}
	broken := kind{isConnection, true}
	for name, want := range map[faults.Kind]struct{ get, put, transact kind }{
		faults.Latency:    {fine, fine, fine},
		faults.Stale:      {fine, fine, fine},
		faults.Throttling: {throttled, throttled, kind{canceledBy("ProvisionedThroughputExceeded"), false}},
		faults.Errors:     {failed, failed, failed},
		faults.Conflicts:  {fine, kind{isA[*types.TransactionConflictException], false}, kind{canceledBy("TransactionConflict"), false}},
		faults.Gone:       {broken, broken, broken},
		faults.Lost:       {broken, broken, broken},
	} {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
				s := set(t, db, attempts)
				fault := faults.Fault{Kind: name, Share: 1}
				if name == faults.Latency || name == faults.Stale {
					fault.Delay = time.Millisecond
				}
				require.NoError(t, s.Switch(fault))
				for _, test := range []struct {
					what string
					want kind
					err  func() error
					id   string
				}{
					{"get", want.get, func() error { _, err := s.get(t, "x", true); return err }, ""},
					{"put", want.put, func() error { return s.put(t, "put") }, "put"},
					{"transact", want.transact, func() error { return s.transact(t, "a", "b", "transact") }, "transact"},
				} {
					s.attempts.Store(0)
					s.calls.Store(0)
					err := test.err()
					expected, reached := int64(1), int64(0)
					if test.want.is == nil {
						require.NoError(t, err, test.what)
					} else {
						require.Error(t, err, test.what)
						assert.True(t, test.want.is(err), "%s: %v", test.what, err)
					}
					if test.want.retried {
						expected = attempts
					}
					assert.Equal(t, expected, s.attempts.Load(), test.what)
					if test.want.is == nil || name == faults.Lost {
						reached = expected
					}
					assert.Equal(t, reached, s.calls.Load(), "%s at the database", test.what)
					if test.id != "" {
						assert.Equal(t, reached > 0, s.stored(t, test.id), "%s: a call is carried out when, and only when, it reaches the database", test.what)
					}
				}
				s.Clear()
				require.NoError(t, s.put(t, "after"))
				item, err := s.get(t, "after", true)
				require.NoError(t, err)
				assert.NotEmpty(t, item)
			})
		})
	}
}

func TestAnErrorHasWhatTheSDKQuotes(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		s := set(t, db, 1)
		require.NoError(t, s.Switch(faults.Fault{Kind: faults.Errors, Share: 1}))
		err := s.put(t, "x")
		require.ErrorContains(t, err, "StatusCode: 500, RequestID: ")
		assert.NotContains(t, err.Error(), "RequestID: ,")
		assert.ErrorContains(t, err, "InternalServerError: The request processing has failed")
	})
}

func TestOnlyTheAccessPatternIsHit(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		s := set(t, db, 1)
		require.NoError(t, s.Switch(faults.Fault{Kind: faults.Gone, Share: 1, AccessPattern: "summary of a restaurant before a change"}))
		_, err := s.get(t, "Habibi", true)
		assert.True(t, isConnection(err), "%v", err)
		require.NoError(t, s.put(t, "Habibi"))
		_, err = s.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.table, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "RESTAURANT#Habibi"}, "sk": &types.AttributeValueMemberS{Value: "REVIEW#1"},
		}})
		require.NoError(t, err)
		_, err = s.client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		require.NoError(t, err)
	})
}

func TestAStaleReadIsAsItWasForAsLongAsItMay(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		s := set(t, db, 1)
		require.NoError(t, s.Switch(faults.Fault{Kind: faults.Stale, Share: 1, Delay: time.Minute}))
		before, err := s.get(t, "Habibi", false)
		require.NoError(t, err)
		require.Empty(t, before)
		before, err = s.get(t, "Habibi", true)
		require.NoError(t, err)
		require.Empty(t, before)
		require.NoError(t, s.put(t, "Habibi"))

		after, err := s.get(t, "Habibi", false)
		require.NoError(t, err)
		assert.Empty(t, after, "an eventually consistent read may be of before")
		after, err = s.get(t, "Habibi", true)
		require.NoError(t, err)
		assert.NotEmpty(t, after, "a strongly consistent one may not")
		require.NoError(t, s.put(t, "Sahadi"))
		other, err := s.get(t, "Sahadi", false)
		require.NoError(t, err)
		assert.NotEmpty(t, other, "what nobody asked before is as it is")

		require.NoError(t, s.Switch(faults.Fault{Kind: faults.Stale, Share: 1, Delay: time.Nanosecond}))
		after, err = s.get(t, "Habibi", false)
		require.NoError(t, err)
		assert.NotEmpty(t, after, "the time is over")

		s.Clear()
		assert.Zero(t, s.Remembered())
	})
}

// The SDK writes a map's members in any order.
func TestTheSameReadInAnotherOrderIsTheSame(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	proxy := faults.New(counting(&reached))
	require.NoError(t, proxy.Switch(faults.Fault{Kind: faults.Stale, Share: 1, Delay: time.Minute}))
	for _, body := range []string{`{"Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}`, `{"Key":{"sk":{"S":"b"}, "pk":{"S":"a"}}}`} {
		proxy.ServeHTTP(httptest.NewRecorder(), newCall("GetItem", body))
	}
	assert.EqualValues(t, 1, reached.Load())
	proxy.ServeHTTP(httptest.NewRecorder(), newCall("GetItem", `{"Key":{"pk":{"S":"b"},"sk":{"S":"a"}}}`))
	proxy.ServeHTTP(httptest.NewRecorder(), newCall("Query", `{"Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}`))
	assert.EqualValues(t, 3, reached.Load())
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", faults.MaxAnswerBytes+1)
	proxy := faults.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.Contains(string(body), "large"):
			_, _ = io.WriteString(w, large[:faults.MaxAnswerBytes])
			_, _ = io.WriteString(w, large[faults.MaxAnswerBytes:])
		case strings.Contains(string(body), "wrong"):
			w.WriteHeader(http.StatusBadRequest)
		default:
			_, _ = w.Write(body)
		}
	}))
	require.NoError(t, proxy.Switch(faults.Fault{Kind: faults.Stale, Share: 1, Delay: time.Minute}))
	ask := func(body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		proxy.ServeHTTP(w, newCall("GetItem", body))
		return w
	}
	assert.Equal(t, large, ask(`{"TableName":"large"}`).Body.String(), "it is passed on whole")
	assert.Equal(t, http.StatusBadRequest, ask(`{"TableName":"wrong"}`).Code)
	assert.Zero(t, proxy.Remembered(), "neither what is large nor what is no answer")
	for i := range 4 * faults.MaxRemembered {
		body := `{"TableName":"` + strconv.Itoa(i) + `"}`
		require.Equal(t, body, ask(body).Body.String())
	}
	assert.Equal(t, faults.MaxRemembered, proxy.Remembered())
}

func TestGoneLooksLikeABrokenConnection(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		s := set(t, db, 1)
		require.NoError(t, s.Switch(faults.Fault{Kind: faults.Gone, Share: 1}))
		response, err := http.Post(s.url, "application/x-amz-json-1.0", readerOf(`{}`))
		if err == nil {
			response.Body.Close()
		}
		require.ErrorIs(t, err, io.EOF)
		assert.Zero(t, s.calls.Load())
	})
}

func TestADatabaseThatIsNotThereLooksGone(t *testing.T) {
	t.Parallel()
	nobody := httptest.NewServer(http.NotFoundHandler())
	target, err := url.Parse(nobody.URL)
	require.NoError(t, err)
	nobody.Close()
	server := httptest.NewServer(faults.NewProxy(target))
	defer server.Close()
	response, err := http.Post(server.URL, "", readerOf(`{}`))
	if err == nil {
		response.Body.Close()
	}
	assert.ErrorIs(t, err, io.EOF)
}

// A client that went away is not waited for: the server closes only when no call is left.
func TestLatencyEndsWithTheClient(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	proxy := faults.New(counting(&reached))
	require.NoError(t, proxy.Switch(faults.Fault{Kind: faults.Latency, Share: 1, Delay: time.Minute}))
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(faults.Noting(r.Context(), func([]faults.Fault) { close(arrived) }))
		proxy.ServeHTTP(w, r)
	}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, readerOf(`{}`))
	require.NoError(t, err)
	begin := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		response.Body.Close()
	}
	require.ErrorIs(t, err, context.Canceled)
	server.Close()
	assert.Less(t, time.Since(begin), 50*time.Second)
	assert.Zero(t, reached.Load(), "the database does not hear of it")
}

func TestLatencyComesBeforeTheCall(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		s := set(t, db, 1)
		const delay = 50 * time.Millisecond
		require.NoError(t, s.Switch(faults.Fault{Kind: faults.Latency, Share: 1, Delay: delay}))
		begin := time.Now()
		require.NoError(t, s.put(t, "x"))
		assert.GreaterOrEqual(t, time.Since(begin), delay)
	})
}

// What is lost is the answer: the call is carried out even when nobody waits for it.
func TestALostCallIsCarriedOutWithoutItsClient(t *testing.T) {
	t.Parallel()
	proceed, ended := make(chan struct{}), make(chan error, 1)
	arrived := make(chan struct{})
	proxy := faults.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-proceed
		ended <- r.Context().Err()
	}))
	require.NoError(t, proxy.Switch(faults.Fault{Kind: faults.Lost, Share: 1}))
	ctx, cancel := context.WithCancel(t.Context())
	call := newCall("PutItem", `{}`).WithContext(ctx)
	go func() {
		<-arrived
		cancel()
		close(proceed)
	}()
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { proxy.ServeHTTP(httptest.NewRecorder(), call) })
	assert.NoError(t, <-ended)
}
