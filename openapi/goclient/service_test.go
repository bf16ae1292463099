package goclient_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

// The client is tried against the API itself, on the embedded DynamoDB. All tests share
// it: each has restaurants of its own.
var api string

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // of the API
	engine, err := embedded.Open("", embedded.Options{})
	if err != nil {
		panic(err)
	}
	database := httptest.NewServer(engine)
	handler, err := newAPI(context.Background(), database.URL)
	if err != nil {
		panic(err)
	}
	service := httptest.NewServer(handler)
	api = service.URL
	code := m.Run()
	service.Close()
	database.Close()
	_ = engine.Close()
	os.Exit(code)
}

func newAPI(ctx context.Context, endpoint string) (http.Handler, error) {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	if _, err := client.CreateTable(ctx, store.Definition("Reviews")); err != nil {
		return nil, err
	}
	reviews, err := store.Open(ctx, client, "Reviews", nil, nil)
	if err != nil {
		return nil, err
	}
	return rest.New(reviews, rest.Options{CursorKey: make([]byte, 32), Metrics: telemetry.NewMetrics(telemetry.Build{}), Timeout: 10 * time.Second})
}
