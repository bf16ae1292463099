package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/api/service"
)

// askTimeout is a little more than /readyz gives the table.
const askTimeout = 3 * time.Second

// check returns nil when the service that runs with this configuration answers at the path
// that all is well.
func check(config service.Config, path string) error {
	status, text, err := ask(config, http.MethodGet, path, nil)
	if err == nil && status != http.StatusOK {
		return fmt.Errorf("not ready: %s", text)
	}
	return err
}

// logLevel shows the level of that service's log, or changes it.
func logLevel(w io.Writer, config service.Config, method string, wanted map[string]string) error {
	var body []byte
	if wanted != nil {
		var err error
		if body, err = json.Marshal(wanted); err != nil {
			return err
		}
	}
	status, text, err := ask(config, method, "/log-level", body)
	if err != nil {
		return err
	}
	var shown struct {
		Level string `json:"level"`
	}
	if status != http.StatusOK || json.Unmarshal([]byte(text), &shown) != nil {
		return errors.New(text)
	}
	_, err = fmt.Fprintln(w, strings.ToLower(shown.Level))
	return err
}

// ask sends a request to the operators' port of the service that runs with this
// configuration.
func ask(config service.Config, method, path string, body []byte) (status int, text string, err error) {
	request, err := http.NewRequest(method, "http://"+config.MetricsAddr+path, bytes.NewReader(body)) //nolint:noctx // has a timeout
	if err != nil {
		return 0, "", err
	}
	// Without a proxy: it is this machine, also where the address names no host.
	client := &http.Client{Timeout: askTimeout, Transport: &http.Transport{}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("nothing answers where FALAFEL_METRICS_ADDR points (%s): %w", config.MetricsAddr, errors.Unwrap(err))
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("the answer of %s breaks off: %w", path, err)
	}
	return response.StatusCode, strings.TrimSpace(string(content)), nil
}
