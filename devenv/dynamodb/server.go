package dynamodb

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
)

// What is said to a database that checks neither: any region and any key will do, but an
// SDK does not start without. DynamoDB Local takes letters and digits only in a key.
const (
	localRegion = "eu-central-1"
	localKey    = "local"
)

// A Server is a DynamoDB that answers at Endpoint. It is made by [Start] and may be used
// by several goroutines.
//
// One with Kind and Endpoint filled in by hand stands for a database that another process
// started: Environ and Client work, Close does nothing, and Done never happens.
type Server struct {
	Kind     Kind
	Endpoint string // http://127.0.0.1:PORT; what Kind says when that is a URL

	db     database
	unlock func() error

	closing  sync.Once
	closed   atomic.Bool // by Close, so not by itself
	closeErr error
}

// Close stops what Start started, and returns when it is gone and its folder free for
// another. A database that was already there is left alone. Calls after the first return
// what that one did.
func (s *Server) Close() error {
	s.closing.Do(func() {
		if s.db == nil {
			return
		}
		s.closed.Store(true)
		s.closeErr = errors.Join(s.db.stop(), s.unlock())
	})
	return s.closeErr
}

// Done returns a channel that is closed when the database has ended, because of Close or
// by itself; [Server.Err] then tells which. For a URL only Close closes it.
func (s *Server) Done() <-chan struct{} {
	if s.db == nil {
		return nil
	}
	return s.db.done()
}

// Err returns nil while the database runs and after Close, and after it ended by itself a
// sentence with the last lines of its log.
func (s *Server) Err() error {
	select {
	case <-s.Done():
		if s.closed.Load() {
			return nil
		}
		return s.db.err()
	default:
		return nil
	}
}

// Environ returns the variables, as NAME=value, by which a child process that uses an AWS
// SDK finds this database; they are to be appended to its environment. For a URL they
// leave alone what this process's environment already says about region and credentials.
func (s *Server) Environ() []string {
	env := []string{"AWS_ENDPOINT_URL_DYNAMODB=" + s.Endpoint}
	if !s.Kind.IsURL() || !hasRegion() {
		env = append(env, "AWS_REGION="+localRegion)
	}
	if !s.Kind.IsURL() || !hasCredentials() {
		env = append(env, "AWS_ACCESS_KEY_ID="+localKey, "AWS_SECRET_ACCESS_KEY="+localKey)
	}
	return env
}

// Client returns a new client of the database, with the SDK's default behaviour and with
// the region and credentials of [Server.Environ].
func (s *Server) Client() *sdk.Client {
	if !s.Kind.IsURL() {
		return sdk.New(sdk.Options{
			BaseEndpoint: aws.String(s.Endpoint),
			Region:       localRegion,
			Credentials:  credentials.NewStaticCredentialsProvider(localKey, localKey, ""),
		})
	}
	// The SDK warns of every refusal by DynamoDB Local, whose checksum it takes for wrong.
	// What is of use to a person comes as an error.
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if !hasRegion() {
		options = append(options, config.WithRegion(localRegion))
	}
	if !hasCredentials() {
		options = append(options, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(localKey, localKey, "")))
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), options...)
	if err != nil {
		// A profile that does not exist, for instance. It is for the first request to
		// report, since whoever asks for a client has nothing else to do with an error.
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, err
		})
		cfg.Region = localRegion
	}
	return sdk.NewFromConfig(cfg, func(o *sdk.Options) { o.BaseEndpoint = aws.String(s.Endpoint) })
}

// hasRegion reports whether the environment names a region.
func hasRegion() bool { return anySet("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE") }

// hasCredentials reports whether the environment says where credentials come from. They
// count as a whole: our secret beside the user's key, or before the user's profile, would
// be refused by a database that checks them.
func hasCredentials() bool {
	return anySet("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
}

func anySet(names ...string) bool {
	for _, name := range names {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}
