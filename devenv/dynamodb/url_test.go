package dynamodb_test

import (
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

func TestURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   string // nothing when it can be used
	}{
		{"of a DynamoDB", 200, `{"TableNames":[]}`, ""},
		{
			"of one that keeps its tables to itself", 400,
			`{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not for you"}`, "",
		},
		{
			"of one that wants other credentials", 400,
			`{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"who are you"}`, "who are you",
		},
		{"of something else", 404, `<html>`, "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(test.body))))
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer there.Close()
			kind := dynamodb.Kind(there.URL)
			server, err := dynamodb.Start(t.Context(), kind, dynamodb.Options{Dir: "/not/used"})
			if test.want != "" {
				require.ErrorIs(t, err, dynamodb.ErrUnavailable)
				require.ErrorContains(t, err, "no DynamoDB answers at "+there.URL)
				require.ErrorContains(t, err, test.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, there.URL, server.Endpoint)
			require.NoError(t, server.Close())
			<-server.Done()
			assert.NoError(t, server.Err())
			assert.NoError(t, dynamodb.Available(kind), "Close has left it alone")
		})
	}
}

func TestURLWhereNothingIs(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err := dynamodb.Start(t.Context(), dynamodb.Kind(gone.URL), dynamodb.Options{})
	require.ErrorIs(t, err, dynamodb.ErrUnavailable)
	require.ErrorContains(t, err, "no DynamoDB answers at "+gone.URL)
	require.ErrorContains(t, err, "connection refused")
	require.ErrorContains(t, err, "start it, or correct the address")
}

func TestEnvironForURL(t *testing.T) { // not parallel: the environment
	const url = "https://dynamodb.example.org"
	const endpoint = "AWS_ENDPOINT_URL_DYNAMODB=" + url
	for _, test := range []struct {
		name string
		set  map[string]string
		want []string
	}{
		{"nothing set", nil, []string{endpoint, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}},
		{"a region", map[string]string{"AWS_REGION": "us-east-1"}, []string{endpoint, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}},
		{"a key", map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, []string{endpoint, "AWS_REGION=eu-central-1"}},
		{"half a key", map[string]string{"AWS_ACCESS_KEY_ID": "a"}, []string{endpoint, "AWS_REGION=eu-central-1"}},
		{"a profile", map[string]string{"AWS_PROFILE": "work"}, []string{endpoint}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{
				"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
				"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
			} {
				t.Setenv(name, test.set[name])
			}
			server := dynamodb.Server{Kind: url, Endpoint: url}
			assert.Equal(t, test.want, server.Environ())
		})
	}
}
