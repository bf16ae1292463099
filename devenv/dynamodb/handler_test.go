package dynamodb_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// before is a client of what stands before a database.
func before(t *testing.T, server *dynamodb.Server) *sdk.Client {
	t.Helper()
	handler, err := server.Handler()
	require.NoError(t, err)
	between := httptest.NewServer(handler)
	t.Cleanup(between.Close)
	return sdk.New(server.Client().Options(), func(o *sdk.Options) {
		o.BaseEndpoint = aws.String(between.URL)
		o.Retryer = aws.NopRetryer{}
	})
}

func TestTheHandlerIsTheDatabase(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		_, err := before(t, &dynamodb.Server{Kind: db.Kind, Endpoint: db.Endpoint}).ListTables(t.Context(), &sdk.ListTablesInput{})
		require.NoError(t, err)
	})
	inThisProcess, err := dynamodb.Start(t.Context(), dynamodb.Embedded, dynamodb.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, inThisProcess.Close()) })
	_, err = before(t, inThisProcess).ListTables(t.Context(), &sdk.ListTablesInput{})
	require.NoError(t, err)
}

// A database that checks signatures finds one that is right for it, although the program
// signed for another address.
func TestTheHandlerSignsForTheDatabase(t *testing.T) {
	t.Parallel()
	checking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if !assert.NoError(t, err) {
			return
		}
		said := r.Header.Get("Authorization")
		again := r.Clone(r.Context())
		again.URL.Host, again.URL.Scheme = r.Host, "http"
		_, signed, _ := strings.Cut(said, "SignedHeaders=")
		signed, _, _ = strings.Cut(signed, ",")
		for name := range again.Header {
			if !strings.Contains(";"+signed+";", ";"+strings.ToLower(name)+";") {
				again.Header.Del(name)
			}
		}
		hash := sha256.Sum256(body)
		credentials := aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
		assert.NoError(t, signer.NewSigner().SignHTTP(r.Context(), credentials, again, hex.EncodeToString(hash[:]), "dynamodb", "eu-central-1", at))
		assert.Equal(t, again.Header.Get("Authorization"), said)
		_, _ = io.WriteString(w, `{"TableNames":[]}`)
	}))
	t.Cleanup(checking.Close)
	_, err := before(t, &dynamodb.Server{Kind: dynamodb.Kind(checking.URL), Endpoint: checking.URL}).ListTables(t.Context(), &sdk.ListTablesInput{})
	require.NoError(t, err)

	checking.Close()
	_, err = before(t, &dynamodb.Server{Kind: dynamodb.Kind(checking.URL), Endpoint: checking.URL}).ListTables(t.Context(), &sdk.ListTablesInput{})
	require.ErrorContains(t, err, "EOF", "the connection breaks, as without anything between")
}
