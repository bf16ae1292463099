package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
)

const (
	// attemptTimeout ends a call that hangs while the request still has time for
	// another. DynamoDB answers in milliseconds, or not at all.
	attemptTimeout = 3 * time.Second

	// maxAttempts and the delays between them: an outage is reported after about a
	// second, well inside a request's deadline, and short blips are not noticed.
	maxAttempts  = 5
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = time.Second

	// idleConnections to keep open. Fewer than the requests in flight cost a TLS
	// handshake each: with 10 for 32 clients, throughput fell to 0.86 of this.
	idleConnections = 256

	// readBuffer takes most answers in one read from the kernel: twenty reviews are
	// 8 KB, twice what net/http has for it.
	readBuffer = 32 << 10
)

// Connect makes a DynamoDB client from the standard AWS environment variables and
// files: AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, and the default credential chain.
// Its error is one sentence for the person who starts the service.
func Connect(ctx context.Context) (*dynamodb.Client, error) {
	transport := awshttp.NewBuildableClient().
		WithTimeout(attemptTimeout).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = idleConnections
			t.MaxIdleConnsPerHost = idleConnections
			t.ReadBufferSize = readBuffer
		})
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(transport), config.WithRetryer(retryer), config.WithLogger(logging.LoggerFunc(logSDK)))
	if err != nil {
		return nil, fmt.Errorf("the AWS configuration cannot be read: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no AWS region is configured: set AWS_REGION, for instance to eu-central-1")
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run with a role (%w)", err)
	}
	return dynamodb.NewFromConfig(cfg), nil
}

// logSDK takes what the SDK has to say, which it would else print to standard error.
func logSDK(level logging.Classification, format string, args ...any) {
	slog.Debug("aws-sdk-go-v2", "class", string(level), "text", fmt.Sprintf(format, args...))
}

func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return jitter(attempt, firstBackoff, maxBackoff), nil
		})
	})
}

// jitter is a random delay up to a bound that begins with first, doubles with each
// attempt and ends at longest, so that those who failed together do not come back
// together.
//
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func jitter(attempt int, first, longest time.Duration) time.Duration {
	return rand.N(min(longest, first<<min(attempt, 16))) //nolint:gosec // spreads load, guards nothing
}
