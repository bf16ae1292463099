// Command api serves reviews of falafel restaurants, kept in a DynamoDB table. It is
// configured by the environment alone; see package service for the variables.
//
// `api health` asks the one that runs with the same environment whether it is ready, and
// exits with 0 or 1: a health check for an image that holds nothing else. `api live` asks
// whether it is alive, for what replaces a service that is not: a database that is away
// must not have it replaced. `api log-level` shows the level of its log, and `api log-level
// debug` changes it, until the service ends. `api table` prints the settings of its table
// as JSON, for whoever creates one.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	// Both are used where the system has none: the image holds this program alone.
	_ "time/tzdata"

	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/api/store"
)

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
		return check(config, "/readyz")
	case len(arguments) == 1 && arguments[0] == "live":
		return check(config, "/livez")
	case len(arguments) == 1 && arguments[0] == "log-level":
		return logLevel(os.Stdout, config, http.MethodGet, nil)
	case len(arguments) == 2 && arguments[0] == "log-level":
		return logLevel(os.Stdout, config, http.MethodPut, map[string]string{"level": arguments[1]})
	case len(arguments) == 1 && arguments[0] == "table":
		return printTable(os.Stdout, config)
	}
	return fmt.Errorf("%q is not understood: write health, live, log-level, table, or nothing to serve", strings.Join(arguments, " "))
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
