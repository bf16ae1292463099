package environment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/server"
)

// DynamoDBOptions are what one may choose for a DynamoDB alone.
type DynamoDBOptions struct {
	Addr    string    // where it listens, host:port; port 0 is a free one
	Dir     string    // folder for the data; "" is memory
	Durable bool      // see embedded.Options
	Out     io.Writer // for what a person reads
}

// ServeDynamoDB serves the embedded DynamoDB until ctx ends, lets the requests in flight
// end, and returns. Its error is one sentence for a person, with the mend.
func ServeDynamoDB(ctx context.Context, options DynamoDBOptions) error {
	log := slog.New(slog.NewTextHandler(options.Out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	serving, err := server.Start(ctx, server.Options{
		Addr:   options.Addr,
		Dir:    options.Dir,
		Engine: embedded.Options{Durable: options.Durable, Logger: log},
	})
	if err != nil {
		return stopped(ctx, err)
	}
	greetClients(options, serving.Endpoint())
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(options.Out, "\nStopping…")
	case <-serving.Done():
	}
	return errors.Join(serving.Err(), serving.Close())
}

// greetClients says where the database is. The first line is for programs as well: it ends
// with the endpoint, whatever port was asked for.
func greetClients(options DynamoDBOptions, endpoint string) {
	database := dynamodb.Server{Kind: dynamodb.Embedded, Endpoint: endpoint}
	variables := append(database.Environ(),
		// boto3 and the AWS CLI before version 2 read no other.
		"AWS_DEFAULT_REGION="+database.Client().Options().Region,
		"AWS_ENDPOINT_URL_DYNAMODB_STREAMS="+endpoint)
	data := "in memory: it goes with this program"
	if options.Dir != "" {
		data = options.Dir
	}
	_, _ = fmt.Fprintf(options.Out, `DynamoDB runs at %s

Have an AWS SDK, or the AWS CLI, use it:

  export %s

Data: %s. Any region and any credentials will do.
`, endpoint, strings.Join(variables, "\n  export "), data)
	if !private(options.Addr) {
		_, _ = fmt.Fprintf(options.Out, "Whoever reaches %s can read and change that data: listen on 127.0.0.1 unless you mean it.\n", options.Addr)
	}
	_, _ = fmt.Fprintln(options.Out, "Ctrl-C stops it.")
}

// private reports whether only programs on this machine reach the address.
func private(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}
