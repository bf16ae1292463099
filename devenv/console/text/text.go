// Package text shows in a terminal what the console of a running environment shows on its
// page: `go run ./devenv status`, `logs` and `requests`. It asks the console as the page
// does, and writes lines that stay apart: no colours, and nothing that a pipe would mind.
package text

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

// Client asks the console at a URL.
type Client struct{ URL string }

// get reads an answer into a value. Its error is a sentence.
func (c Client) get(ctx context.Context, path string, query url.Values, into any) error {
	response, err := c.ask(ctx, path, query)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var problem struct {
			Detail string `json:"detail"`
		}
		if err := json.NewDecoder(response.Body).Decode(&problem); err != nil || problem.Detail == "" {
			return fmt.Errorf("the console answers %s", response.Status)
		}
		return errors.New(strings.ToLower(problem.Detail[:1]) + strings.TrimSuffix(problem.Detail[1:], "."))
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("the console's answer is not understood: %w", err)
	}
	return nil
}

func (c Client) ask(ctx context.Context, path string, query url.Values) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the console of the environment does not answer (%w): is it just stopping?", err)
	}
	return response, nil
}

// maxEvent is more than the largest event: a line of a log, in JSON.
const maxEvent = 8 << 20

// follow calls take with each event from now on, until ctx ends or the environment does.
func (c Client) follow(ctx context.Context, begin func() error, take func(kind string, data []byte) error) error {
	response, err := c.ask(ctx, "/api/events", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the console answers %s", response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maxEvent)
	kind := ""
	for lines.Scan() {
		line := lines.Bytes()
		if name, ok := bytes.CutPrefix(line, []byte("event: ")); ok {
			kind = string(name)
			continue
		}
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		switch {
		case !ok:
		case kind == "hello":
			// What is there now comes after the subscription: nothing falls in between.
			if err := begin(); err != nil {
				return err
			}
		default:
			if err := take(kind, data); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return nil // somebody pressed Ctrl-C
	}
	return errors.New("the environment has stopped")
}

// plain keeps what a client sent from moving the cursor.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '�'
		}
		return r
	}, text)
}

const clock = "15:04:05.000"

func at(t console.Time) string { return t.Local().Format(clock) }

// took is a time for a column.
func took(ms float64) string {
	if ms >= 1000 {
		return fmt.Sprintf("%.2f s", ms/1000)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

func write(out io.Writer, format string, values ...any) { _, _ = fmt.Fprintf(out, format, values...) }
