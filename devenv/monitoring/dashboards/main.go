// Command dashboards writes Grafana's dashboards, by Grafana's own Foundation SDK.
//
// Read service.go and business.go: what is on them. The other files say how that is
// written as Grafana wants it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// folder is seen from package monitoring, where go generate runs this.
const folder = "grafana/dashboards"

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "dashboards:", err)
		os.Exit(1)
	}
}

func write() error {
	for _, board := range []board{service(), business()} {
		built, err := board.build()
		if err != nil {
			return fmt.Errorf("%s: %w", board.title, err)
		}
		var content bytes.Buffer
		encoder := json.NewEncoder(&content)
		encoder.SetEscapeHTML(false) // PromQL has < and >
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(built); err != nil {
			return fmt.Errorf("%s: %w", board.title, err)
		}
		if err := os.WriteFile(filepath.Join(folder, board.file), content.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
