// Package servicetest has a test's program be the service: as a process of its own it has
// an environment, a log and numbers that are nobody else's.
//
//	func TestMain(m *testing.M) {
//		servicetest.Main()
//		os.Exit(m.Run())
//	}
//
// A test then runs its own program (os.Executable) with [BeTheService] in the environment.
package servicetest

import (
	"context"
	"fmt"
	"os"

	"github.com/pretendfriend/falafel-api/api/service"
)

const variable = "FALAFEL_TEST_BE_THE_SERVICE"

// BeTheService is what the environment of a process needs beside the service's variables.
const BeTheService = variable + "=1"

// Main has to be the first thing that TestMain does. In a process with [BeTheService] it is
// the service until that is killed, and does not return.
func Main() {
	if os.Getenv(variable) == "" {
		return
	}
	config, err := service.ReadConfig(os.Environ())
	if err == nil {
		err = service.Run(context.Background(), context.Background(), config, os.Stdout)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1) //nolint:revive // Main stands for main
}
