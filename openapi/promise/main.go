// Command promise keeps the promise that the API makes to its clients:
//
//	go run ./openapi/promise check       the document against the last released one
//	go run ./openapi/promise changelog   writes openapi/CHANGELOG.md; go generate does it
//	go run ./openapi/promise release     makes the document the released one
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/pretendfriend/falafel-api/openapi/promise/contract"
)

//go:generate go run . changelog --dir ..

type commands struct {
	Dir       string       `default:"openapi" help:"The folder openapi/ of the project (${default})."`
	Check     checkCommand `cmd:"" help:"Hold the document against the last released one."`
	Changelog logCommand   `cmd:"" help:"Write CHANGELOG.md."`
	Release   cutCommand   `cmd:"" help:"Make the document the released one."`
}

type (
	checkCommand struct{}
	logCommand   struct{}
	cutCommand   struct{}
)

// Run implements kong's command.
func (checkCommand) Run(history contract.History) error {
	problems, err := history.Check()
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("the promise is broken:\n\n%s", strings.Join(problems, "\n\n"))
	}
	fmt.Println("promise: kept")
	return nil
}

// Run implements kong's command.
func (logCommand) Run(history contract.History) error { return history.WriteChangelog() }

// Run implements kong's command.
func (cutCommand) Run(history contract.History) error {
	version, err := history.Release()
	if err != nil {
		return err
	}
	fmt.Println("promise: released " + version + "; commit what openapi/ has now")
	return history.WriteChangelog()
}

func main() {
	var given commands
	parsed := kong.Parse(&given, kong.Name("promise"), kong.Description("Keeps the promise that the API makes to its clients."))
	if err := parsed.Run(contract.History{Dir: given.Dir}); err != nil {
		fmt.Fprintln(os.Stderr, "promise: "+err.Error())
		os.Exit(1)
	}
}
