// Command generate writes the OpenAPI documents into the working directory.
package main

import (
	"fmt"
	"os"

	"github.com/pretendfriend/falafel-api/api/rest"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func generate() error {
	documents, err := rest.Documents()
	if err != nil {
		return err
	}
	for name, content := range documents {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
