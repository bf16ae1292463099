package console

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-logfmt/logfmt"
)

const (
	// maxLine is as much of a line as is kept.
	maxLine = 16 << 10

	maxLogBytes = 8 << 20
)

// logs keeps the last lines.
type logs struct {
	limit int
	mask  mask

	mu      sync.Mutex
	last    uint64
	lines   []LogLine
	bytes   int
	dropped uint64
	routes  map[string]string // by request id, of the lines that are kept
}

func newLogs(limit int, m mask) *logs {
	return &logs{limit: limit, mask: m, routes: map[string]string{}}
}

// add takes a line in, as it was written.
func (l *logs) add(now time.Time, source string, raw []byte) LogLine {
	if len(raw) > maxLine {
		raw = trimRune(raw[:maxLine], true)
	}
	line := parseLine(strings.ToValidUTF8(string(l.mask.bytes(raw)), "�"))
	line.Source = source
	if line.At.IsZero() {
		line.At = Time{now}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	line.ID = l.last
	l.lines = append(l.lines, line)
	l.bytes += line.size()
	if route := line.route(); route != "" {
		l.routes[line.Attributes["request_id"]] = route
	}
	for len(l.lines) > l.limit || l.bytes > maxLogBytes {
		l.drop()
	}
	return line
}

func (l *logs) drop() {
	oldest := l.lines[0]
	l.bytes -= oldest.size()
	delete(l.routes, oldest.Attributes["request_id"])
	l.lines[0] = LogLine{}
	l.lines = l.lines[1:]
	l.dropped++
}

// size is what a line takes: its words twice, since its attributes are copies.
func (l LogLine) size() int { return 2*len(l.Raw) + 256 }

// route is that of the request which an access log's line is about.
func (l LogLine) route() string {
	if l.Message != "request" || l.Attributes["request_id"] == "" {
		return ""
	}
	return l.Attributes["route"]
}

func (l *logs) routeOf(requestID string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.routes[requestID]
}

func (l *logs) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines, l.bytes, l.dropped = nil, 0, 0
	clear(l.routes)
}

// LogFilter says which lines are meant.
type LogFilter struct {
	Limit     int
	Before    uint64 // id; 0 is none
	Level     string // the least important one
	Text      string
	Source    string
	RequestID string
	TraceID   string // or this
}

var levels = []string{"debug", "info", "warn", "error"}

// Matches reports whether a line is meant.
func (f LogFilter) Matches(l LogLine) bool {
	if f.Level != "" && slices.Index(levels, l.Level) < slices.Index(levels, f.Level) {
		return false
	}
	if f.Source != "" && l.Source != f.Source {
		return false
	}
	if f.RequestID != "" || f.TraceID != "" {
		byRequest := f.RequestID != "" && l.Attributes["request_id"] == f.RequestID
		byTrace := f.TraceID != "" && l.Attributes["trace_id"] == f.TraceID
		if !byRequest && !byTrace {
			return false
		}
	}
	return f.Text == "" || strings.Contains(strings.ToLower(l.Raw), strings.ToLower(f.Text))
}

// list is newest first.
func (l *logs) list(filter LogFilter) (items []LogLine, dropped uint64) {
	items = []LogLine{}
	l.mu.Lock()
	lines := slices.Clone(l.lines)
	dropped = l.dropped
	l.mu.Unlock()
	for _, line := range slices.Backward(lines) {
		if len(items) == filter.Limit {
			break
		}
		if (filter.Before == 0 || line.ID < filter.Before) && filter.Matches(line) {
			items = append(items, line)
		}
	}
	return items, dropped
}

// parseLine reads what slog's text handler writes (logfmt). What is something else, such
// as the lines of a panic, is all message.
func parseLine(raw string) LogLine {
	line := LogLine{Raw: raw, Message: raw, Attributes: map[string]string{}}
	if !strings.HasPrefix(raw, "time=") {
		return line
	}
	decoder := logfmt.NewDecoder(strings.NewReader(raw))
	if !decoder.ScanRecord() {
		return line
	}
	message := ""
	for decoder.ScanKeyval() {
		key, value := string(decoder.Key()), string(decoder.Value())
		switch key {
		case "time":
			if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
				line.At = Time{at}
			}
		case "level":
			// slog writes what is between two levels as INFO+1.
			name, _, _ := strings.Cut(strings.ToLower(value), "+")
			if name, _, _ = strings.Cut(name, "-"); slices.Contains(levels, name) {
				line.Level = name
			}
		case "msg":
			message = value
		default:
			line.Attributes[key] = value
		}
	}
	if decoder.Err() == nil {
		line.Message = message
	}
	return line
}

// lineWriter calls add with each whole line of what is written to it.
type lineWriter struct {
	mu      sync.Mutex
	partial []byte
	add     func(line []byte)
}

// Write implements io.Writer; it never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := p
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		line := rest[:end]
		if len(w.partial) > 0 {
			line = append(w.partial, line...)
			w.partial = w.partial[:0]
		}
		if line = bytes.TrimRight(line, "\r "); len(line) > 0 {
			w.add(line)
		}
		rest = rest[end+1:]
	}
	// Of a line without an end, the begin is enough.
	w.partial = append(w.partial, rest[:min(len(rest), max(0, maxLine-len(w.partial)))]...)
	return len(p), nil
}

var _ io.Writer = (*lineWriter)(nil)
