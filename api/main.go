// Command api serves reviews of falafel restaurants, kept in a DynamoDB table. It is
// configured by the environment alone; see package service for the variables.
//
// `api health` asks the one that runs with the same environment whether it is ready, and
// exits with 0 or 1: a health check for an image that holds nothing else. `api live` asks
// whether it is alive, for what replaces a service that is not: a database that is away
// must not have it replaced. `api table` prints the settings of its table as JSON, for
// whoever creates one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	// Both are used where the system has none: the image holds this program alone.
	_ "time/tzdata"

	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/api/store"
)

// healthTimeout is a little more than /readyz gives the table.
const healthTimeout = 3 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	config, err := service.ReadConfig(os.Environ())
	if err != nil {
		return err
	}
	switch {
	case len(arguments) == 0:
		return serve(config)
	case len(arguments) == 1 && arguments[0] == "health":
		return ask(config, "/readyz")
	case len(arguments) == 1 && arguments[0] == "live":
		return ask(config, "/livez")
	case len(arguments) == 1 && arguments[0] == "table":
		return printTable(os.Stdout, config)
	}
	return fmt.Errorf("%q is not understood: write health, live, table, or nothing to serve", strings.Join(arguments, " "))
}

// printTable leaves out what is not set: the AWS CLI takes null for a value.
func printTable(w io.Writer, config service.Config) error {
	return json.MarshalWrite(w, store.SettingsOf(config.Table), json.OmitZeroStructFields(true), jsontext.Multiline(true))
}

// serve returns when a signal has stopped it.
func serve(config service.Config) error {
	// The first signal stops gracefully, the second at once.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	stop, first := context.WithCancel(context.Background())
	abort, second := context.WithCancel(context.Background())
	go func() {
		<-signals
		first()
		<-signals
		second()
	}()
	return service.Run(stop, abort, config, os.Stdout)
}

// ask returns nil when the service that runs with this configuration answers at the path
// that all is well.
func ask(config service.Config, path string) error {
	// Without a proxy: it is this machine, also where the address names no host.
	client := &http.Client{Timeout: healthTimeout, Transport: &http.Transport{}}
	response, err := client.Get("http://" + config.MetricsAddr + path) //nolint:noctx // has a timeout
	if err != nil {
		return fmt.Errorf("nothing answers where FALAFEL_METRICS_ADDR points (%s): %w", config.MetricsAddr, errors.Unwrap(err))
	}
	defer response.Body.Close()
	reason, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("the answer of %s breaks off: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.TrimSpace(string(reason)))
	}
	return nil
}
