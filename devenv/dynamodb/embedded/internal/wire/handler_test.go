package wire_test

import (
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/wire"
)

const signature = "AWS4-HMAC-SHA256 Credential=key/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0"

// request makes a well-formed one; edit spoils it.
func request(body string, edit func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	r.Header.Set("Authorization", signature)
	if edit != nil {
		edit(r)
	}
	return r
}

func serve(perform wire.Perform, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	wire.Handler(perform, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w
}

func unreachable(t *testing.T) wire.Perform {
	t.Helper()
	return func(wire.Request) ([]byte, error) {
		t.Error("the operation was performed")
		return nil, nil
	}
}

func TestARequestIsHandedOnAndItsAnswerChecksummed(t *testing.T) {
	t.Parallel()
	var got wire.Request
	w := serve(func(r wire.Request) ([]byte, error) {
		got = r
		return []byte(`{"Item":{}}`), nil
	}, request(`{"TableName":"x"}`, nil))

	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, `{"Item":{}}`, w.Body.String())
	assert.Equal(t, "application/x-amz-json-1.0", w.Header().Get("Content-Type"))
	assert.Equal(t, strconv.FormatUint(uint64(crc32.ChecksumIEEE(w.Body.Bytes())), 10), w.Header().Get("X-Amz-Crc32"))
	assert.Regexp(t, `^[A-Z0-9]{52}$`, w.Header().Get("X-Amzn-Requestid"))
	assert.Equal(t, "DynamoDB_20120810.GetItem", got.Target)
	assert.Equal(t, "eu-central-1", got.Region)
	assert.JSONEq(t, `{"TableName":"x"}`, string(got.Body))
}

func TestAnExceptionHasItsTypeMessageAndFields(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		status int
		want   string
	}{
		"a validation": {
			exception.Validation("no %s", "good"), 400,
			`{"__type":"com.amazon.coral.validate#ValidationException","message":"no good"}`,
		},
		"a serialization": {
			exception.Serialization("NUMBER_VALUE cannot be converted to String"), 400,
			`{"__type":"com.amazon.coral.service#SerializationException","Message":"NUMBER_VALUE cannot be converted to String"}`,
		},
		"one with fields": {
			&exception.Exception{Name: exception.ConditionFailedName, Message: "m", Fields: map[string]any{"Item": map[string]any{}}}, 400,
			`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"m","Item":{}}`,
		},
		"what is nobody's business": {
			errors.New("disk on fire"), 500,
			`{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"The request processing has failed because of an unknown error, exception or failure."}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(func(wire.Request) ([]byte, error) { return nil, test.err }, request(`{}`, nil))
			assert.Equal(t, test.status, w.Code)
			assert.JSONEq(t, test.want, w.Body.String())
			assert.NotEmpty(t, w.Header().Get("X-Amz-Crc32"))
		})
	}
}

func TestASignatureOfAWrongFormIsRefused(t *testing.T) {
	t.Parallel()
	authorization := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	query := func(q string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = q }
	}
	for name, test := range map[string]struct {
		edit          func(*http.Request)
		kind, message string
	}{
		"none": {
			func(r *http.Request) { r.Header.Del("Authorization") },
			"MissingAuthenticationTokenException", "Request is missing Authentication Token",
		},
		"another scheme": {
			authorization("Bearer x"),
			"MissingAuthenticationTokenException", "Request is missing Authentication Token",
		},
		"in header and query": {
			func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=x" },
			"InvalidSignatureException", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
		},
		"nothing in it": {
			authorization("AWS4-HMAC-SHA256"),
			"IncompleteSignatureException", "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256",
		},
		"no date": {
			func(r *http.Request) { r.Header.Del("X-Amz-Date") },
			"IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=" + signature,
		},
		"a short credential": {
			authorization("AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0"),
			"IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
		},
		"a query without the rest": {
			query("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=d"),
			"IncompleteSignatureException", "AWS query-string parameters must include 'X-Amz-Signature'. " +
				"AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(unreachable(t), request(`{}`, test.edit))
			assert.Equal(t, http.StatusBadRequest, w.Code)
			var body map[string]string
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
			assert.Equal(t, "com.amazon.coral.service#"+test.kind, body["__type"])
			assert.Equal(t, test.message, body["message"])
		})
	}
}

func TestAPresignedRequestIsTaken(t *testing.T) {
	t.Parallel()
	w := serve(func(r wire.Request) ([]byte, error) { return []byte(`"` + r.Region + `"`), nil }, request(`{}`, func(r *http.Request) {
		r.Header.Del("Authorization")
		r.URL.RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k/20260101/us-west-2/dynamodb/aws4_request&X-Amz-Signature=0&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z"
	}))
	assert.Equal(t, `"us-west-2"`, w.Body.String())
}

func TestWhatIsNoRequestOfDynamoDB(t *testing.T) {
	t.Parallel()
	t.Run("a GET says that it is healthy", func(t *testing.T) {
		t.Parallel()
		w := serve(unreachable(t), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		assert.Equal(t, http.StatusOK, w.Code)
		assert.True(t, strings.HasPrefix(w.Body.String(), "healthy: dynamodb."))
	})
	t.Run("another content type is no operation", func(t *testing.T) {
		t.Parallel()
		w := serve(unreachable(t), request(`{}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/xml") }))
		assert.Equal(t, http.StatusNotFound, w.Code)
		assert.Equal(t, "<UnknownOperationException/>\n", w.Body.String())
	})
	t.Run("a preflight of a web page is allowed", func(t *testing.T) {
		t.Parallel()
		r := httptest.NewRequest(http.MethodOptions, "/", http.NoBody)
		r.Header.Set("Origin", "http://localhost:5173")
		r.Header.Set("Access-Control-Request-Headers", "x-amz-target")
		w := serve(unreachable(t), r)
		assert.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "x-amz-target", w.Header().Get("Access-Control-Allow-Headers"))
	})
	t.Run("a body beyond 16 MB is too large", func(t *testing.T) {
		t.Parallel()
		w := serve(unreachable(t), request("", func(r *http.Request) {
			r.Body = io.NopCloser(io.LimitReader(zeros{}, 16<<20+1))
		}))
		assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	})
}

func TestAPanicIsAnErrorOfTheServer(t *testing.T) {
	t.Parallel()
	w := serve(func(wire.Request) ([]byte, error) { panic("ouch") }, request(`{}`, nil))
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Contains(t, w.Body.String(), "#InternalServerError")
	assert.NotContains(t, w.Body.String(), "ouch")
}

func TestABodyThatBreaksOffIsNotPerformed(t *testing.T) {
	t.Parallel()
	w := serve(unreachable(t), request("", func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"Table`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}))
	assert.Equal(t, http.StatusBadRequest, w.Code)
}

func TestTheBodyMayComeInChunks(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(wire.Handler(func(r wire.Request) ([]byte, error) { return r.Body, nil }, slog.New(slog.DiscardHandler)))
	defer server.Close()
	r := request("", nil)
	chunked, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, io.MultiReader(strings.NewReader(`{"a":`), strings.NewReader(`1}`)))
	require.NoError(t, err)
	chunked.Header = r.Header
	chunked.Header.Set("Expect", "100-continue")
	answer, err := server.Client().Do(chunked)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.JSONEq(t, `{"a":1}`, string(body))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
