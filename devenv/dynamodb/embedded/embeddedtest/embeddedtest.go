// Package embeddedtest gives a test of any Go project a DynamoDB of its own: in memory,
// empty, there in milliseconds, and gone at the end of the test.
//
//	func TestGreeting(t *testing.T) {
//		client := embeddedtest.Start(t)
//		…
//	}
//
// It needs no Docker, no Java, no port, no credentials and no configuration.
package embeddedtest

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

// Start starts an engine in memory and returns a client of it, which has the SDK's default
// behaviour and reads neither the environment nor the files of the AWS CLI. Both end with
// the test. Tests may run in parallel: each call starts an engine of its own, whose log is
// the test's.
//
// The options are changed by the functions given, which is how a test turns the clock of
// expiry and streams:
//
//	client := embeddedtest.Start(t, func(o *embedded.Options) { o.Clock = clock.Now })
//
// Another client of the same engine, for streams or another SDK, finds it at
// *client.Options().BaseEndpoint.
func Start(t testing.TB, options ...func(*embedded.Options)) *dynamodb.Client {
	t.Helper()
	chosen := embedded.Options{Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, choose := range options {
		choose(&chosen)
	}
	engine, err := embedded.Open("", chosen)
	if err != nil {
		t.Fatalf("no DynamoDB for the test: %v", err)
	}
	server := httptest.NewServer(engine)
	t.Cleanup(func() {
		server.Close() // waits for the requests that run
		if err := engine.Close(); err != nil {
			t.Errorf("the test's DynamoDB does not close: %v", err)
		}
	})
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(server.URL),
		Region:       "eu-central-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}
