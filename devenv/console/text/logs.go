package text

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

// LogOptions say which lines are shown.
type LogOptions struct {
	Follow  bool
	Limit   int
	Level   string // the least important one; "" is all
	Request string // a request's number, or its X-Request-Id; "" is all
	Text    string // that a line contains
}

// Logs writes lines of the log, oldest first.
func Logs(ctx context.Context, c Client, options LogOptions, out io.Writer) error {
	query := url.Values{"limit": {strconv.Itoa(options.Limit)}, "level": {options.Level}, "q": {options.Text}}
	if options.Request != "" {
		id, err := c.requestID(ctx, options.Request)
		if err != nil {
			return err
		}
		query.Set("request_id", id)
	}
	var last uint64
	show := func(line console.LogLine) {
		if line.ID > last {
			last = line.ID
			writeLine(out, line)
		}
	}
	begin := func() error {
		var page struct{ Items []console.LogLine }
		if err := c.get(ctx, "/api/logs", query, &page); err != nil {
			return err
		}
		for _, line := range slices.Backward(page.Items) {
			show(line)
		}
		return nil
	}
	if !options.Follow {
		return begin()
	}
	filter := console.LogFilter{Level: options.Level, Text: options.Text, RequestID: query.Get("request_id")}
	return c.follow(ctx, begin, func(kind string, data []byte) error {
		var line console.LogLine
		switch kind {
		case "log":
			if json.Unmarshal(data, &line) == nil && filter.Matches(line) {
				show(line)
			}
		case "gap":
			return begin()
		}
		return nil
	})
}

// requestID is what the API calls the request of a number.
func (c Client) requestID(ctx context.Context, request string) (string, error) {
	if _, err := strconv.ParseUint(request, 10, 64); err != nil {
		return request, nil //nolint:nilerr // it is the API's name already
	}
	var found console.Request
	if err := c.get(ctx, "/api/requests/"+request, nil, &found); err != nil {
		return "", err
	}
	return found.RequestID, nil
}

// writeLine writes the most important first, in columns.
func writeLine(out io.Writer, line console.LogLine) {
	if line.Level == "" && len(line.Attributes) == 0 {
		write(out, "%s  %-5s %s\n", at(line.At), line.Source, plain(line.Message))
		return
	}
	var attributes strings.Builder
	for _, name := range slices.Sorted(maps.Keys(line.Attributes)) {
		value := line.Attributes[name]
		if strings.ContainsAny(value, " \"=") || value == "" {
			value = strconv.Quote(value)
		}
		attributes.WriteString(" " + name + "=" + value)
	}
	write(out, "%s  %-5s %s%s\n", at(line.At), strings.ToUpper(line.Level), plain(line.Message), plain(attributes.String()))
}
