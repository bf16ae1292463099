package text

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

// RequestOptions say which requests are listed.
type RequestOptions struct {
	Follow bool
	Limit  int
	Text   string // in the path, an id, or the error
	Status string // 404, or 4xx
	Method string
}

// Requests lists requests, oldest first.
func Requests(ctx context.Context, c Client, options RequestOptions, out io.Writer) error {
	query := url.Values{"limit": {strconv.Itoa(options.Limit)}, "q": {options.Text}, "status": {options.Status}, "method": {options.Method}}
	shown := map[uint64]bool{} // one that is told twice has learned its route
	show := func(s console.Summary) {
		if !shown[s.ID] {
			shown[s.ID] = true
			writeSummary(out, s)
		}
	}
	begin := func() error {
		var page struct{ Items []console.Summary }
		if err := c.get(ctx, "/api/requests", query, &page); err != nil {
			return err
		}
		for _, s := range slices.Backward(page.Items) {
			show(s)
		}
		return nil
	}
	write(out, "%8s  %-12s  %-6s  %6s  %10s  %5s  %9s  %9s  %s\n", "ID", "TIME", "METHOD", "STATUS", "TOOK", "CALLS", "UNITS R/W", "USD/M", "PATH")
	if !options.Follow {
		return begin()
	}
	filter := console.Filter{Text: options.Text, Status: options.Status, Method: options.Method}
	return c.follow(ctx, begin, func(kind string, data []byte) error {
		var s console.Summary
		switch kind {
		case "request":
			if json.Unmarshal(data, &s) == nil && filter.Matches(s) {
				show(s)
			}
		case "gap":
			return begin()
		}
		return nil
	})
}

func writeSummary(out io.Writer, s console.Summary) {
	status := strconv.Itoa(s.Status)
	if s.Status == 0 {
		status = "gone"
	}
	write(out, "%8d  %-12s  %-6s  %6s  %10s  %5d  %9s  %9.2f  %s\n",
		s.ID, at(s.At), plain(s.Method), status, took(s.TookMS), s.CallCount, units(s.ReadUnits, s.WriteUnits), s.USDPerMillion, plain(s.Path))
}

func units(read, write float64) string {
	return strconv.FormatFloat(read, 'f', -1, 64) + "/" + strconv.FormatFloat(write, 'f', -1, 64)
}

// Request writes all that is known of one request: its waterfall, with what each call
// consumed, and what that costs.
func Request(ctx context.Context, c Client, id uint64, out io.Writer) error {
	var r console.Request
	if err := c.get(ctx, "/api/requests/"+strconv.FormatUint(id, 10), nil, &r); err != nil {
		return err
	}
	write(out, "%s %s\n", plain(r.Method), plain(r.Path))
	write(out, "%d in %s, at %s", r.Status, took(r.TookMS), at(r.At))
	if r.Route != "" {
		write(out, ", route %s", plain(r.Route))
	}
	write(out, "\n")
	if r.Error != "" {
		write(out, "%s\n", plain(r.Error))
	}
	write(out, "request %s, trace %s\n\n", r.RequestID, r.TraceID)
	writeWaterfall(out, r)
	for _, call := range r.Calls {
		for _, item := range call.Items {
			writeItem(out, call.ID, item)
		}
	}
	writeMessage(out, "Request", r.Request)
	writeMessage(out, "Response", r.Response)
	if len(r.Logs) > 0 {
		write(out, "\nLog\n")
		for _, line := range slices.Backward(r.Logs) {
			writeLine(out, line)
		}
	}
	return nil
}

// barWidth is how many columns the whole request has.
const barWidth = 40

func writeWaterfall(out io.Writer, r console.Request) {
	name := func(call console.Call) string {
		if call.AccessPattern != "" {
			return call.AccessPattern
		}
		return call.Operation
	}
	widest := len("DynamoDB")
	for _, call := range r.Calls {
		widest = max(widest, len([]rune(name(call))))
	}
	row := func(number, label, bar, took, units, price, rest string) {
		line := fmt.Sprintf("%3s  %-*s  |%-*s|  %10s  %9s  %8s  %s", number, widest, label, barWidth, bar, took, units, price, rest)
		write(out, "%s\n", strings.TrimRight(line, " "))
	}
	row("", "DynamoDB", strings.Repeat("=", barWidth), took(r.TookMS), "units R/W", "USD/M", "")
	for _, call := range r.Calls {
		rest := []string{call.Operation}
		if call.Index != "" {
			rest = append(rest, "on index "+call.Index)
		}
		if call.Attempt > 1 {
			rest = append(rest, fmt.Sprintf("attempt %d", call.Attempt))
		}
		if call.Error != "" {
			rest = append(rest, call.Error)
		}
		if call.Fault != "" {
			rest = append(rest, "fault: "+call.Fault)
		}
		row(strconv.Itoa(call.ID), name(call), bar(call.StartMS, call.TookMS, r.TookMS), took(call.TookMS),
			units(call.ReadUnits, call.WriteUnits), fmt.Sprintf("%.4f", call.USDPerMillion), strings.Join(rest, ", "))
	}
	if r.CallsDropped > 0 {
		write(out, "     … and %d more calls, which are not kept\n", r.CallsDropped)
	}
	row("", "in all", "", took(r.DynamoDBMS), units(r.ReadUnits, r.WriteUnits), fmt.Sprintf("%.4f", r.USDPerMillion), "")
}

// bar has at least one mark, so that the shortest call is seen.
func bar(start, length, whole float64) string {
	if whole <= 0 {
		return ""
	}
	from := min(int(start/whole*barWidth), barWidth-1)
	marks := max(1, int(math.Round(length/whole*barWidth)))
	return strings.Repeat(" ", max(0, from)) + strings.Repeat("#", min(marks, barWidth-from))
}

func writeItem(out io.Writer, call int, item console.ItemChange) {
	what := "changed"
	switch {
	case item.Omitted && item.Before == nil && item.After == nil:
		what = "not kept"
	case isNull(item.Before):
		what = "created"
	case isNull(item.After):
		what = "deleted"
	case bytes.Equal(item.Before, item.After):
		what = "unchanged"
	}
	write(out, "\n%3d  %s %s / %s\n", call, what, plain(item.PK), plain(item.SK))
	if !isNull(item.Before) {
		write(out, "     - %s\n", plain(string(item.Before)))
	}
	if !isNull(item.After) {
		write(out, "     + %s\n", plain(string(item.After)))
	}
}

func isNull(value json.RawMessage) bool { return value == nil || string(value) == "null" }

func writeMessage(out io.Writer, title string, m console.Message) {
	write(out, "\n%s\n", title)
	for _, field := range m.Headers {
		write(out, "%s: %s\n", plain(field[0]), plain(field[1]))
	}
	switch {
	case m.Body.Text != "":
		write(out, "\n")
		for line := range strings.Lines(m.Body.Text) {
			write(out, "%s\n", plain(strings.TrimRight(line, "\r\n")))
		}
	case len(m.Body.Base64) > 0:
		write(out, "\n(%d bytes that are no text)\n", m.Body.Bytes)
	}
	if m.Body.Truncated {
		write(out, "(… of %d bytes in all)\n", m.Body.Bytes)
	}
}
