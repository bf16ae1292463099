// Command api serves reviews of falafel restaurants, kept in a DynamoDB table. It is
// configured by the environment alone; see package service for the variables.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/pretendfriend/falafel-api/api/service"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run() error {
	config, err := service.ReadConfig(os.Environ())
	if err != nil {
		return err
	}
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
